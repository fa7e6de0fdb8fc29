import asyncio
import contextlib
import json
import threading

import numpy as np
import pytest
import traitlets

import dfwidgets as df
from dfwidgets.detector import Cancelled
from tests.helpers import Redness

GREY = np.full((8, 8, 3), 102, np.uint8)


def test_a_picture_is_opened_its_face_found_and_judged(redness, portrait):
    session = df.Session(redness)
    session.open(portrait)
    assert session.image.shape == (512, 512, 3)
    assert len(session.faces) == 1
    assert session.face is session.faces[0]
    assert session.prediction.p_fake == pytest.approx(session.image[..., 0].mean() / 255)
    assert session.error == session.pending == ""
    assert session.busy == 0


def test_without_a_face_nothing_is_judged_until_asked(redness):
    session = df.Session(redness)
    session.open(GREY)
    assert session.faces == ()
    assert session.prediction is None
    session.judge(None)
    assert session.prediction.p_fake == pytest.approx(0.4)
    assert session.prediction.verdict == "can't tell"


def test_the_other_face_can_be_chosen(redness, two_faces):
    session = df.Session(redness)
    session.open(two_faces)
    assert [face.size > session.faces[1].size for face in session.faces] == [True, False]
    assert session.face is session.faces[0], "the largest, if nobody chose"
    session.explain()
    session.judge(session.faces[1])
    assert session.face is session.faces[1]
    assert session.heatmap is None, "the map of the other face must not stay"


def test_a_bad_file_says_why_and_the_picture_before_it_stays(redness, portrait):
    session = df.Session(redness)
    session.open(portrait)
    before = session.image, session.prediction
    session.open(b"dear diary")
    assert "text file" in session.error
    assert (session.image, session.prediction) == before
    session.open(portrait)
    assert session.error == ""


def test_a_new_picture_takes_verdict_and_map_of_the_old_one_away(redness, portrait):
    session = df.Session(redness)
    session.open(portrait)
    session.explain()
    assert session.heatmap is not None
    session.open(GREY)
    assert session.prediction is None
    assert session.heatmap is None
    assert session.face is None


@pytest.mark.parametrize(
    "wrong", [np.zeros((8, 8)), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3))]
)
def test_an_array_that_is_no_picture_gets_a_sentence(redness, wrong):
    session = df.Session(redness)
    session.open(wrong)
    assert "expected a picture" in session.error


def test_traits_can_only_be_read(redness):
    session = df.Session(redness)
    with pytest.raises(traitlets.TraitError):
        session.image = GREY


def test_a_detector_that_fails_leaves_a_sentence_and_the_next_picture_works(redness):
    def fails(image, face):
        raise RuntimeError("out of ideas")

    session = df.Session(redness)
    whole, redness.predict = redness.predict, fails
    session.open(GREY)
    session.judge(None)
    assert "out of ideas" in session.error
    assert "Traceback" not in session.error
    redness.predict = whole
    session.judge(None)
    assert session.prediction is not None
    assert session.error == ""


def test_a_model_that_is_missing_is_said_when_the_page_opens(tmp_path):
    session = df.Session(df.load_detector(tmp_path))
    session.load()
    assert "manifest.json" in session.error


def test_asking_for_a_map_before_a_verdict_does_nothing(redness):
    session = df.Session(redness)
    session.explain()
    session.judge(None)
    assert session.heatmap is None
    assert session.busy == 0


class Slow:
    """Answers when it is told to, so that the order of events is the test's own."""

    def __init__(self, redness):
        self.redness, self.asked, self.steps = redness, [], []

    def predict(self, image, face="largest"):
        self.asked.append(image)
        return self.redness.predict(image, face)

    def explain(
        self, image, face="largest", *, toward="fake", method="Grad-CAM", progress=lambda part: None
    ):
        try:
            for step in range(1000):
                progress(step / 1000)
                self.steps.append(step)
        except Cancelled:
            self.steps.append("cancelled")
            raise
        return np.ones(image.shape[:2], np.float32)


async def _settled(session):
    async with asyncio.timeout(20):
        while session.busy:
            await asyncio.sleep(0.01)


def test_of_two_pictures_opened_at_once_the_second_stays(redness):
    async def story():
        session = df.Session(Slow(redness))
        seen = []
        session.observe(lambda change: seen.append(change.new), "image")
        session.open(GREY)
        session.open(GREY + 1)
        await _settled(session)
        assert [image[0, 0, 0] for image in seen] == [103], "the first picture's answer is stale"

    asyncio.run(story())


def test_a_map_can_be_cancelled_and_the_verdict_stays(redness):
    async def story():
        slow = Slow(redness)
        session = df.Session(slow)
        session.open(GREY)
        await _settled(session)
        session.judge(None)
        await _settled(session)
        session.explain(method="SmoothGrad")
        session.cancel()
        await _settled(session)
        assert session.heatmap is None
        assert session.error == ""
        assert session.prediction is not None
        assert 999 not in slow.steps, "it must not run to its end"

    asyncio.run(story())


def test_the_loop_answers_clicks_while_the_detector_thinks(redness):
    async def story():
        session = df.Session(Slow(redness))
        session.open(GREY)
        assert session.busy == 1, "open must return before the work is done"
        assert session.pending == "open"
        await _settled(session)
        assert session.pending == ""

    asyncio.run(story())


def test_a_detector_that_returns_something_else_gets_a_sentence_and_nothing_hangs(redness):
    session = df.Session(redness)
    session.open(GREY)
    redness.predict = lambda image, face: 0.5
    session.judge(None)
    assert "predict has to return a Prediction, it returned float" in session.error
    assert (session.busy, session.pending) == (0, "")


@pytest.mark.parametrize("wrong", [np.zeros((7, 7)), np.full((8, 8), np.nan), np.full((8, 8), 2.0)])
def test_a_map_of_another_shape_or_range_gets_a_sentence_and_nothing_hangs(redness, wrong):
    session = df.Session(redness)
    session.open(GREY)
    session.judge(None)
    redness.explain = lambda *args, **kwargs: wrong
    session.explain()
    assert "explain has to return" in session.error
    assert (session.busy, session.heatmap) == (0, None)


def test_a_new_verdict_drops_the_map_that_was_asked_for_the_old_one(redness, two_faces):
    async def story():
        session = df.Session(redness)
        session.open(two_faces)
        await _settled(session)
        session.judge(session.faces[1])
        session.explain()
        await _settled(session)
        assert session.face is session.faces[1]
        assert session.heatmap is None, "this map is of the other face"

    asyncio.run(story())


class Says:
    """A detector with one answer; it may be one that can't be loaded."""

    def __init__(self, p_fake, broken=""):
        self.p_fake, self.broken = p_fake, broken

    def load(self):
        if self.broken:
            raise df.ModelError(self.broken)

    def predict(self, image, face="largest"):
        self.load()
        return df.Prediction(p_fake=self.p_fake, face=face)

    def explain(
        self, image, face="largest", *, toward="fake", method="Grad-CAM", progress=lambda part: None
    ):
        progress(0.5)
        return np.full(image.shape[:2], self.p_fake, np.float32)


def test_another_detector_judges_the_same_picture_and_face_anew(redness, two_faces):
    session = df.Session(redness)
    session.open(two_faces)
    session.judge(session.faces[1])
    session.explain()
    image, faces, face = session.image, session.faces, session.face
    session.use_detector(Says(0.9))
    assert (session.image is image, session.faces, session.face) == (True, faces, face)
    assert session.prediction.p_fake == 0.9
    assert session.prediction.face is face
    assert session.heatmap is None, "the map was the other detector's"
    assert session.detector.p_fake == 0.9
    with pytest.raises(traitlets.TraitError):
        session.detector = redness


def test_another_detector_judges_the_whole_picture_only_where_that_was_asked_for(redness):
    session = df.Session(redness)
    session.use_detector(Says(0.1))
    assert session.prediction is None
    session.open(GREY)
    session.use_detector(Says(0.2))
    assert session.prediction is None, "no face was found, and nobody asked for the whole picture"
    session.judge(None)
    session.use_detector(redness)
    assert session.prediction.p_fake == pytest.approx(0.4)
    session.open(GREY)
    session.use_detector(Says(0.2))
    assert session.prediction is None, "that was another picture"


def test_a_detector_that_can_not_be_loaded_says_so_and_the_one_before_works_again(
    redness, portrait
):
    session = df.Session(redness)
    session.open(portrait)
    first = session.prediction.p_fake
    session.use_detector(Says(0.9, "Its file is cut short."))
    assert (session.error, session.failed) == ("Its file is cut short.", "load")
    assert session.prediction is None, (
        "the verdict of the other detector would stand under this one's name"
    )
    session.open(portrait)
    assert session.error == "Its file is cut short."
    session.use_detector(redness)
    assert (session.error, session.prediction.p_fake) == ("", first)
    assert (session.busy, session.pending) == (0, "")


def test_what_the_old_detector_says_late_is_never_shown_under_the_new_one_s_name(redness, portrait):
    async def story():
        old, new = Says(0.9), Says(0.1)
        session = df.Session(old)
        seen = []
        session.observe(lambda change: seen.append((session.detector, change.new)), "prediction")
        session.open(portrait)
        await _settled(session)
        session.judge(None)
        session.use_detector(new)
        await _settled(session)
        assert session.prediction.p_fake == 0.1
        assert session.prediction.face is None, "the last face that was asked about"
        session.use_detector(old)
        session.explain()
        session.use_detector(new)
        await _settled(session)
        assert session.heatmap is None
        assert all(said is None or said.p_fake == detector.p_fake for detector, said in seen)
        session.open(portrait)
        session.use_detector(old)
        await _settled(session)
        assert session.prediction.p_fake == 0.9, (
            "a picture on its way is judged by the detector of its arrival"
        )
        session.use_detector(Says(0.5, "Broken."))
        session.use_detector(new)
        session.load()
        await _settled(session)
        assert (session.error, session.prediction.p_fake) == ("", 0.1)

    asyncio.run(story())


def test_a_slow_map_of_the_old_detector_does_not_keep_the_new_one_waiting(redness, portrait):
    async def story():
        slow = Slow(redness)
        session = df.Session(slow)
        session.open(portrait)
        await _settled(session)
        session.explain(method="SmoothGrad")
        session.use_detector(Says(0.1))
        await _settled(session)
        assert 999 not in slow.steps
        assert (session.prediction.p_fake, session.heatmap) == (0.1, None)

    asyncio.run(story())


@pytest.mark.parametrize("trait", ["image", "prediction", "doing", "busy"])
def test_whoever_observes_and_fails_leaves_nothing_hanging(redness, trait):
    session = df.Session(redness)

    def fails(change):
        raise RuntimeError("a panel of one's own")

    session.observe(fails, trait)
    for ask in (lambda: session.open(GREY), lambda: session.judge(None)):
        with contextlib.suppress(RuntimeError):
            ask()
    assert (session.busy, session.pending) == (0, "")
    session.unobserve(fails, trait)
    session.open(GREY)
    session.judge(None)
    assert session.prediction.p_fake == pytest.approx(0.4)


def test_an_observer_s_failure_reaches_the_log_and_busy_comes_down(redness, portrait):
    async def story():
        said = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: said.append(str(context["exception"]))
        )
        session = df.Session(redness)

        def fails(change):
            raise RuntimeError("a panel of one's own")

        session.observe(fails, "image")
        session.open(portrait)
        await _settled(session)
        assert said == ["a panel of one's own"]

    asyncio.run(story())


def test_what_is_measured_of_a_map_goes_with_it(redness, portrait):
    async def story():
        session = df.Session(redness)
        session.measure_deletion()
        session.open(portrait)
        await _settled(session)
        session.explain()
        await _settled(session)
        session.measure_deletion()
        await _settled(session)
        assert session.explanation.deletion.random.shape == (20,)
        session.measure_sanity()
        assert session.explanation.sanity is None, "this detector can't be shuffled"
        assert session.busy == 0
        session.measure_deletion()
        session.explain("real")
        await _settled(session)
        assert session.explanation.deletion is None, "it was measured of the other map"
        session.measure_deletion()
        assert session.busy == 0, "the map is empty"
        session.explain()
        await _settled(session)
        session.measure_deletion()
        session.judge(None)
        await _settled(session)
        assert (session.explanation, session.heatmap, session.error) == (None, None, "")
        assert session.deletion is None, "the name of version 0.1"

    asyncio.run(story())


def test_a_missing_file_gets_a_sentence(redness):
    session = df.Session(redness)
    session.open("nowhere.jpg")
    assert session.error == "The file can't be read: No such file or directory. Check its path."


def test_a_detector_with_predict_alone_gets_its_map_by_occlusion():
    class Red:
        def predict(self, image, face="largest"):
            return df.Prediction(p_fake=float(image[2:4, 2:4, 0].mean() / 255))

    image = np.zeros((16, 16, 3), np.uint8)
    image[2:4, 2:4, 0] = 255
    session = df.Session(Red())
    session.open(image)
    session.judge(None)
    session.explain("fake")
    assert session.error == ""
    row, column = divmod(int(session.heatmap.argmax()), 16)
    assert row < 6 and column < 6


def test_edges_that_stay_leave_a_doubt_in_place():
    class Sure:
        def predict(self, image, face="largest"):
            return df.Prediction(p_fake=0.9)

    session = df.Session(Sure())
    session.open(np.zeros((8, 8, 3), np.uint8))
    session.judge(None)
    session.withhold(session.prediction, "It tips over.")
    session.set_band(None)
    assert session.prediction.reason == "It tips over."
    session.set_band((0.2, 0.8))
    assert session.prediction.verdict == "likely fake"


class Counted(Says):
    """A detector whose manifest counts how its test faces scored."""

    def __init__(self, folder, p_fake):
        super().__init__(p_fake)
        self.folder = folder
        measured = {
            "on": "my test faces",
            "threshold": [0, 0.5, 1],
            "reals": {"a": [1, 0.2, 0]},
            "fakes": {"a": [1, 0.75, 0]},
        }
        said = {"name": "Counted", "files": {"model.tflite": "0" * 64}, "size": 8}
        said |= {"speaks_for": "fake", "measured": measured}
        (folder / "manifest.json").write_text(json.dumps(said))

    def predict(self, image, face="largest"):
        return df.Prediction(
            p_fake=self.p_fake, frequency="as the model said it at its own edges", face=face
        )


LOW = "low or lower came from about 25 of 100 fake test faces, and from about 80 of 100 real ones."
HIGH = "high or higher came from about 20 of 100 real test faces, and from about 75 of 100 fake"


def test_the_sentence_in_counts_follows_the_edges(tmp_path):
    session = df.Session(Counted(tmp_path, 0.5))
    session.open(GREY)
    session.judge(None)
    assert session.prediction.frequency == "as the model said it at its own edges"
    session.decide((0.6, 0.7))
    assert session.prediction.verdict == "likely real"
    assert LOW in session.prediction.frequency
    session.decide((0.3, 0.4))
    assert session.prediction.verdict == "likely fake"
    assert HIGH in session.prediction.frequency
    session.decide((0.6, 0.7))
    session.open(GREY + 1)
    session.judge(None)
    assert session.prediction.verdict == "likely real", "the edges stay for the next picture"
    assert LOW in session.prediction.frequency
    session.decide(None)
    assert session.prediction.verdict == "can't tell"
    assert session.prediction.frequency == "as the model said it at its own edges"


def test_the_edges_come_back_to_the_verdict_of_the_picture_that_is_there(redness):
    session = df.Session(redness)
    session.open(GREY)
    session.judge(None)
    session.open(GREY * 2)
    session.judge(None)
    session.set_band((0.1, 0.9))
    assert session.prediction.verdict == "can't tell"
    session.set_band(None)
    assert session.prediction.p_fake == pytest.approx(0.8)
    assert session.prediction.verdict == "likely fake"


def test_edges_that_can_not_be_are_refused_and_another_detector_has_its_own(redness):
    session = df.Session(redness)
    with pytest.raises(ValueError, match="the lower first"):
        session.set_band((0.9, 0.1))
    assert session.band is None
    session.set_band((0.1, 0.95))
    session.open(GREY)
    session.judge(None)
    session.use_detector(Says(0.9))
    assert session.band is None
    assert session.prediction.verdict == "likely fake"


def test_a_verdict_is_withheld_once_and_only_while_it_stands():
    session = df.Session(Says(0.9))
    session.open(GREY)
    session.judge(None)
    before = session.prediction
    session.judge(None)
    session.withhold(before, "It was another question.")
    assert session.prediction.verdict == "likely fake"
    session.withhold(session.prediction, "It tips over.")
    session.withhold(session.prediction, "And it is late.")
    withheld = session.prediction
    assert (withheld.verdict, withheld.reason) == ("can't tell", "It tips over.")


def test_a_picture_that_never_arrived_gets_its_sentence_and_the_one_before_stays(redness):
    session = df.Session(redness)
    session.open(GREY)
    session.judge(None)
    session.fail("This picture is too large.")
    assert (session.error, session.failed) == ("This picture is too large.", "open")
    assert session.prediction.p_fake == pytest.approx(0.4)
    session.open(GREY)
    assert (session.error, session.failed) == ("", "")


@pytest.mark.parametrize(
    ("p_fake", "verdict"),
    [
        (0.6, "likely real"),
        (0.6000001, "can't tell"),
        (0.9, "likely fake"),
        (0.8999999, "can't tell"),
    ],
)
def test_a_score_exactly_on_a_chosen_edge_belongs_to_the_verdict_beyond_it(p_fake, verdict):
    session = df.Session(Says(p_fake))
    session.decide((0.6, 0.9))
    session.open(GREY)
    session.judge(None)
    assert session.prediction.verdict == verdict


class Endless(Says):
    """A detector whose map goes on for as long as somebody wants it."""

    def __init__(self):
        super().__init__(0.5)
        self.begun = threading.Event()
        self.over = threading.Event()

    def explain(
        self, image, face="largest", *, toward="fake", method="Grad-CAM", progress=lambda part: None
    ):
        while not self.over.wait(0.001):
            progress(0.5)
            self.begun.set()
        return np.ones(image.shape[:2], np.float32)


def test_an_answer_about_the_picture_before_is_dropped(redness):
    async def story():
        session = await _judged(redness)
        session.open(GREY + 1)
        session.judge(None)  # of the picture that is still there
        await _settled(session)
        assert session.prediction is None
        session.judge(None)
        await _settled(session)
        session.open(GREY)
        session.explain()
        await _settled(session)
        assert session.heatmap is None

    asyncio.run(story())


class Counts(Says):
    """Counts the questions; its model gets ready when it is let."""

    def __init__(self, p_fake=0.9):
        super().__init__(p_fake)
        self.ready = threading.Event()
        self.ready.set()
        self.faces = []
        self.maps = 0
        self.works = True

    def load(self):
        assert self.ready.wait(20)

    def predict(self, image, face="largest"):
        self.faces.append(face)
        if not self.works:
            raise ValueError("not today")
        return super().predict(image, face)

    def explain(self, image, face="largest", **how):
        self.faces.append(face)
        self.maps += 1
        return super().explain(image, face, **how)

    def shuffled(self, seed):
        return self


async def _judged(detector) -> df.Session:
    """A session whose picture, without a face, was judged whole."""
    session = df.Session(detector)
    session.open(GREY)
    await _settled(session)
    session.judge(None)
    await _settled(session)
    return session


async def _explained(detector) -> df.Session:
    """A session with a verdict on a whole grey picture, and a map of it."""
    session = await _judged(detector)
    session.explain()
    await _settled(session)
    return session


def test_a_picture_is_judged_once_however_often_the_model_gets_ready(redness):
    async def story():
        session = await _explained(redness)
        detector = Counts()
        session.use_detector(detector)
        session.load()
        await _settled(session)
        session.load()
        await _settled(session)
        assert session.prediction.p_fake == 0.9
        assert detector.faces == [None]

        impatient = Counts()
        session.use_detector(impatient)
        session.judge(None)
        await _settled(session)
        assert impatient.faces == [None]

    asyncio.run(story())


def test_each_question_is_about_the_face_that_is_judged(two_faces):
    detector = Counts()
    session = df.Session(detector)
    session.open(two_faces)
    chosen = session.faces[1]
    detector.faces.clear()
    session.judge(chosen)
    session.explain()
    session.measure_deletion()
    session.measure_sanity()
    assert session.explanation.deletion is not None and session.explanation.sanity is not None
    assert len(detector.faces) > 20
    assert all(face is chosen for face in detector.faces)


def test_what_was_cancelled_before_its_turn_came_is_not_begun():
    async def story():
        detector = Counts()
        session = await _explained(detector)
        detector.ready.clear()
        session.load()  # keeps the worker
        session.explain()
        session.cancel()
        detector.ready.set()
        await _settled(session)
        assert detector.maps == 1

    asyncio.run(story())


def test_another_map_or_nobody_s_wish_ends_what_is_measured_of_the_one_before():
    async def story():
        session = await _explained(Counts())
        arrived = []
        session.observe(lambda change: arrived.append(change.new), "explanation")
        session.measure_deletion()
        session.measure_sanity()
        session.explain("real")
        await _settled(session)
        assert [(map.toward, map.deletion, map.sanity) for map in arrived] == [("real", None, None)]
        session.measure_deletion()
        session.measure_sanity()
        session.cancel()
        await _settled(session)
        assert len(arrived) == 1

    asyncio.run(story())


def test_a_map_is_drawn_once_though_more_is_measured_of_it():
    async def story():
        session = await _explained(Counts())
        drawn = []
        session.observe(lambda change: drawn.append(change.new), "heatmap")
        session.measure_deletion()
        session.measure_sanity()
        await _settled(session)
        assert session.explanation.deletion is not None and session.explanation.sanity is not None
        assert drawn == []

    asyncio.run(story())


def test_something_is_pending_for_as_long_as_the_session_is_busy():
    async def story():
        detector = Counts()
        session = await _explained(detector)
        assert session.progress == 0.5
        seen = []
        session.observe(lambda _: seen.append((session.busy, session.pending)), ["busy", "pending"])
        detector.ready.clear()
        session.load()
        session.explain()
        assert session.progress == 0, "what is shown is not how far the map before was"
        session.open(GREY)
        assert session.busy == 3
        detector.ready.set()
        await _settled(session)
        assert {bool(pending) for busy, pending in seen if busy} == {True}
        assert seen[-1] == (0, "")

    asyncio.run(story())


def test_a_failure_stays_until_somebody_asks_for_the_same_again():
    async def story():
        detector = Counts()
        session = await _explained(detector)
        session.open(b"dear diary")
        await _settled(session)
        session.measure_deletion()
        await _settled(session)
        assert "text file" in session.error, "what was measured of the map says nothing of the file"
        session.explain()
        await _settled(session)
        detector.works = False
        session.measure_deletion()
        await _settled(session)
        assert ("not today" in session.error, session.failed) == (True, "deletion")
        detector.works = True
        session.measure_deletion()
        await _settled(session)
        assert (session.error, session.failed) == ("", "")

    asyncio.run(story())


def test_the_names_of_the_first_version_still_work():
    session = df.Session(Counts())
    session.open(GREY)
    session.judge(None)
    session.explain()
    session.check()
    session.shuffle()
    assert session.doing == session.pending == ""
    assert (session.method, session.toward) == ("Grad-CAM", "fake")
    assert session.deletion is session.explanation.deletion is not None
    assert session.sanity == session.explanation.sanity == 0
    session.decide((0.1, 0.95))
    assert session.prediction.verdict == "can't tell"
    session.decide(None)
    session.doubt(session.prediction, "It tips over.")
    assert session.prediction.reason == "It tips over."
    session.use(Says(0.1))
    assert session.prediction.p_fake == 0.1


def test_a_detector_that_can_not_be_loaded_takes_the_map_of_the_one_before_away(redness):
    session = df.Session(redness)
    session.open(GREY)
    session.judge(None)
    session.explain()
    session.use_detector(Says(0.9, "Its file is cut short."))
    assert (session.prediction, session.heatmap, session.explanation) == (None, None, None)


@pytest.mark.parametrize("next_question", ["open", "judge", "use"])
def test_whoever_goes_on_does_not_wait_for_a_slow_map(portrait, next_question):
    detector = Endless()

    async def story():
        session = df.Session(detector)
        session.open(GREY)
        await _settled(session)
        session.judge(None)
        await _settled(session)
        session.explain()
        await asyncio.to_thread(detector.begun.wait, 20)
        if next_question == "open":
            session.open(GREY + 1)
        elif next_question == "judge":
            session.judge(None)
        else:
            session.use(Says(0.1))
        await _settled(session)
        assert session.heatmap is None
        assert session.error == ""

    try:
        asyncio.run(story())
    finally:
        detector.over.set()


class WithTensorFlow(Counts):
    """A detector some of whose answers come from TensorFlow, when they are let."""

    methods = ("Grad-CAM", "SmoothGrad")

    def __init__(self, *on_tensorflow):
        super().__init__()
        self.on_tensorflow = on_tensorflow
        self.let = threading.Event()
        self.begun = threading.Event()

    def load(self):
        self._wait("load")

    def explain(self, image, face="largest", *, method="Grad-CAM", **how):
        self._wait(method)
        return super().explain(image, face, **how)

    def _wait(self, what):
        if what in self.on_tensorflow:
            self.begun.set()
            assert self.let.wait(20)


@pytest.mark.parametrize("measured", [False, True])
def test_a_picture_is_judged_while_tensorflow_draws_a_map_of_the_one_before(measured):
    async def story():
        detector = WithTensorFlow("SmoothGrad")
        detector.let.set()
        session = await _judged(detector)
        if measured:
            session.explain("fake", "SmoothGrad")
            await _settled(session)
        detector.let.clear()
        detector.begun.clear()
        if measured:
            session.measure_sanity()
        else:
            session.explain("fake", "SmoothGrad")
        await asyncio.to_thread(detector.begun.wait, 20)

        before = session.prediction
        session.open(GREY + 1)
        await _settled(session)
        session.judge(None)
        await _settled(session)
        assert session.prediction is not before and session.prediction.p_fake == 0.9
        assert (session.busy, session.pending) == (0, ""), "nothing that anyone waits for goes on"
        session.explain("fake", "Grad-CAM")
        await _settled(session)
        assert session.explanation.method == "Grad-CAM"
        detector.let.set()

    asyncio.run(story())


def test_another_detector_answers_while_tensorflow_is_loaded_for_the_one_before(redness):
    async def story():
        session = await _judged(redness)
        keras = WithTensorFlow("load", "predict", "Grad-CAM")
        session.use_detector(keras)
        await asyncio.to_thread(keras.begun.wait, 20)
        session.use_detector(redness)
        await _settled(session)
        assert session.prediction.p_fake == pytest.approx(0.4)
        assert keras.faces == []
        keras.let.set()

    asyncio.run(story())


def test_a_file_is_read_and_its_facts_are_found_off_the_main_thread(redness, portrait, monkeypatch):
    threads = []
    read = df.read_facts
    monkeypatch.setattr(
        "dfwidgets.session.read_facts",
        lambda file: threads.append(threading.get_ident()) or read(file),
    )

    async def story():
        session = df.Session(redness)
        session.open(portrait)
        async with asyncio.timeout(20):
            while session.busy:
                await asyncio.sleep(0.01)
        assert session.facts.sha256

    asyncio.run(story())
    assert len(threads) == 1 and threads[0] != threading.get_ident()


def test_a_map_that_an_observer_calls_off_as_it_begins_does_not_come(redness):
    async def story():
        session = await _judged(redness)

        def call_off(change):
            if change.new == "explain":
                session.cancel()

        session.observe(call_off, "pending")
        session.explain()
        await _settled(session)
        assert session.explanation is None
        assert session.busy == 0

    asyncio.run(story())


def test_a_test_of_one_map_is_not_told_of_another(redness):
    async def story():
        session = await _judged(redness)
        session.explain("fake")
        await _settled(session)
        first = session.explanation
        session.explain("real")
        session.measure_deletion()  # begins while the first map is still there
        await _settled(session)
        assert session.explanation is not first
        assert session.explanation.deletion is None

    asyncio.run(story())


def test_a_detector_that_leaves_python_leaves_only_its_answer():
    class Leaves(Redness):
        def predict(self, image, face="largest"):
            raise SystemExit(3)

    async def story():
        session = await _judged(Leaves())
        assert session.busy == 0
        assert "SystemExit: 3" in session.error

    asyncio.run(story())
