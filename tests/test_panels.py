import asyncio
import threading

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets import markup
from dfwidgets.explain import sentences
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.pictures import Face
from dfwidgets.pictures.images import MAX_BYTES
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.wording import CAVEAT
from tests.helpers import ROOT, Redness

GREY = np.full((8, 8, 3), 102, np.uint8)


def send(panel, data: bytes, size: int | None = None, piece: int = 1000) -> list[dict]:
    """Send bytes as the page does, and return what the panel answered."""
    answers = []
    panel.dropzone.send = lambda message, buffers=None: answers.append(message)
    panel.dropzone._handle_custom_msg(
        {"kind": "start", "id": 5, "size": len(data) if size is None else size}, []
    )
    for at in range(0, len(data), piece):
        panel.dropzone._handle_custom_msg(
            {"kind": "piece", "id": 5}, [memoryview(data[at : at + piece])]
        )
    return answers


def test_a_picture_sent_in_pieces_gets_its_verdict(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    answers = send(panel, portrait, piece=20_000)
    assert [a["received"] for a in answers] == [0, 20_000, 40_000, 60_000, len(portrait)]
    assert "that it is fake" in panel.verdict.value
    assert panel.picture.image.startswith(b"\x89PNG")
    assert "one face found" in panel.picture.alt


def test_the_same_picture_again_and_then_another(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    send(panel, portrait)
    send(panel, portrait)
    first = panel.session.prediction
    send(panel, b"not a picture")
    assert "text file" in panel.message.value
    assert panel.session.prediction is first
    send(panel, portrait)
    assert "text file" not in panel.message.value


def test_a_file_over_the_limit_is_refused_before_a_byte_is_sent(redness):
    panel = df.UploadPanel(df.Session(redness))
    panel.dropzone._handle_custom_msg({"kind": "too big", "size": 30 * 1024**2}, [])
    assert "30 MB; the limit is 25 MB" in panel.message.value


def test_a_browser_that_lies_about_the_size_is_stopped(redness):
    panel = df.UploadPanel(df.Session(redness))
    assert send(panel, b"", size=MAX_BYTES + 1) == []
    assert "limit is 25 MB" in panel.message.value
    panel = df.UploadPanel(df.Session(redness))
    send(panel, bytes(MAX_BYTES + 1000), size=MAX_BYTES, piece=8 * 1024**2)
    assert panel.session.image is None


def test_a_piece_of_an_older_upload_is_ignored(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    panel.dropzone.send = lambda message, buffers=None: None
    panel.dropzone._handle_custom_msg({"kind": "start", "id": 1, "size": 10}, [])
    panel.dropzone._handle_custom_msg({"kind": "piece", "id": 2}, [b"0123456789"])
    assert panel.message.value == df.UploadPanel(df.Session(redness)).message.value


def test_the_fallback_upload_takes_the_same_file_twice(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    said = {"name": "a.jpg", "type": "image/jpeg", "size": len(portrait), "last_modified": 0}
    seen = []
    panel.session.observe(lambda change: seen.append(change.new), "image")
    for _ in range(2):
        panel.upload.set_state({"value": [{**said, "content": memoryview(portrait)}]})
        assert panel.upload.value == ()
    assert len(seen) == 2


def test_without_a_face_the_whole_picture_is_offered(redness):
    panel = df.UploadPanel(df.Session(redness))
    panel.session.open(GREY)
    assert "No face found" in panel.message.value
    assert panel.whole.layout.display is None
    assert panel.verdict.value == ""
    panel.whole.click()
    assert "0.40 that it is fake" in panel.verdict.value
    assert panel.whole.layout.display == "none"


def test_a_frame_lies_where_its_face_is_in_a_picture_that_is_no_square():
    picture = Picture()
    image = np.zeros((100, 200, 3), np.uint8)  # twice as wide as high
    picture.show(image, "Two faces", (Face(20, 30, 60, 80, 0.9), Face(150, 0, 200, 25, 0.8)))
    assert picture.boxes[0] == pytest.approx([0.1, 0.3, 0.2, 0.5])  # left, top, width, height
    assert picture.boxes[1] == pytest.approx([0.75, 0.0, 0.25, 0.25])


def test_pressing_a_frame_judges_that_face(redness, two_faces):
    panel = df.UploadPanel(df.Session(redness))
    panel.session.open(two_faces)
    assert "2 faces found" in panel.message.value
    assert (len(panel.picture.boxes), panel.picture.chosen) == (2, 0)
    panel.picture._handle_custom_msg({"kind": "face", "index": 1}, [])
    assert panel.picture.chosen == 1
    assert panel.session.face is panel.session.faces[1]
    panel.picture._handle_custom_msg({"kind": "face", "index": 9}, [])
    assert panel.picture.chosen == 1


@pytest.mark.parametrize(
    ("p", "words"), [(0.0, "less than 0.01"), (0.005, "less than 0.01"), (1.0, "more than 0.99")]
)
def test_no_certainty_is_claimed(p, words):
    assert f"{words} that it is fake" in verdict_markup.verdict(df.Prediction(p_fake=p))


def test_text_from_outside_is_shown_as_text():
    evil = "<img src=x onerror=alert(1)>"
    for shown in (
        markup.error(evil),
        markup.quiet(evil),
        markup.heading(evil),
        verdict_markup.verdict(df.Prediction(p_fake=0.5, frequency=evil, reason=evil)),
    ):
        assert "<img" not in shown
        assert "&lt;img" in shown


def test_an_error_of_a_detector_is_escaped_on_its_way_to_the_page(redness):
    def fails(image, face):
        raise ValueError("<script>alert(1)</script>")

    redness.predict = fails
    panel = df.UploadPanel(df.Session(redness))
    panel.session.open(GREY)
    panel.session.judge(None)
    assert "<script>" not in panel.message.value
    assert "&lt;script&gt;" in panel.message.value


def test_the_map_is_drawn_toward_the_side_that_the_score_leans_to(redness):
    session = df.Session(redness)
    panel = df.HeatmapPanel(session)
    assert panel.columns.layout.display == "none"
    picture = np.zeros((30, 30, 3), np.uint8)
    picture[:10, :10, 0] = 255
    session.open(picture + np.uint8(0))
    session.judge(None)
    assert panel.toward.value == "real"
    assert "this map is empty" in panel.message.value
    assert panel.picture.heat == b""
    panel.toward.value = "fake"
    assert "at the upper left" in panel.message.value
    assert panel.picture.heat.startswith(b"\x89PNG")
    assert "upper left" in panel.picture.heat_alt


def test_a_new_picture_s_map_is_drawn_once_toward_its_own_side(redness):
    explain = redness.explain
    drawn = []
    redness.explain = lambda *about, toward, **how: (
        drawn.append(toward) or explain(*about, toward=toward, **how)
    )
    session = df.Session(redness)
    df.HeatmapPanel(session)
    for red in (250, 10, 250):
        session.open(np.full((8, 8, 3), red, np.uint8))
        session.judge(None)
    assert drawn == ["fake", "real", "fake"]


def test_a_new_picture_starts_with_the_quick_map(redness):
    redness.methods = ("Grad-CAM", "SmoothGrad")
    session = df.Session(redness)
    panel = df.HeatmapPanel(session)
    session.open(GREY)
    session.judge(None)
    panel.method.value = "SmoothGrad"
    session.judge(None)
    assert panel.method.value == "Grad-CAM"


def test_heatmap_panel_made_after_the_picture_shows_it(redness):
    session = df.Session(redness)
    session.open(GREY)
    session.judge(None)
    panel = df.HeatmapPanel(session)
    assert panel.columns.layout.display is None
    assert panel.picture.image


def test_the_dashboard_opens_though_the_model_is_missing(tmp_path):
    page = df.dashboard(df.load_detector(tmp_path / "nowhere"))
    tabs = page.children[1]
    upload = tabs.children[0].children[1]
    assert "nowhere" in upload.message.value


def answer(session):
    session.open(GREY)
    session.judge(None)


def test_where_another_detector_is_used_the_heatmap_s_methods_are_its_own(redness):
    redness.methods = ("Grad-CAM", "SmoothGrad")
    session = df.Session(redness)
    panel = df.HeatmapPanel(session)
    answer(session)
    panel.method.value = "SmoothGrad"
    assert "TensorFlow" in panel.about.value
    asked = []

    class Other(type(redness)):
        def explain(self, image, face="largest", *, method="Grad-CAM", **how):
            asked.append(method)
            return super().explain(image, face, **how)

    session.use_detector(Other())
    assert panel.method.options == ("Grad-CAM",)
    assert panel.method.layout.display == "none"
    assert "TensorFlow" not in panel.about.value
    assert asked == ["Grad-CAM"], "one map, drawn once"
    session.use_detector(redness)
    assert panel.method.options == redness.methods
    assert panel.method.layout.display is None


def test_a_model_that_judges_the_whole_picture_frames_no_face_as_judged(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    panel.session.open(portrait)
    assert panel.picture.chosen == 0

    class Whole(type(redness)):
        def predict(self, image, face="largest"):
            return df.Prediction(p_fake=0.5)

    panel.session.use_detector(Whole())
    assert panel.picture.chosen == -1
    panel.session.use_detector(redness)
    assert panel.picture.chosen == 0


class Says(Redness):
    def __init__(self, p_fake):
        self.p_fake = p_fake

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=self.p_fake)


def test_with_one_detector_nothing_is_there_to_choose(redness):
    panel = df.ModelPanel({"mine": redness}, df.Session(redness))
    assert panel.layout.display == "none"
    with pytest.raises(ValueError, match="at least one detector"):
        df.ModelPanel({}, df.Session(redness))


def test_choosing_a_model_switches_every_session_and_says_what_is_known_of_it(redness, shipped):
    detectors = {"red": redness, "sure": Says(0.995), "shipped": shipped}
    first, second = df.Session(redness), df.Session(redness)
    panel = df.ModelPanel(detectors, first, second)
    assert panel.layout.display is None
    assert panel.choice.options == ("red", "sure", "shipped")
    assert "How often this model is wrong was never measured." in panel.about.value
    upload = df.UploadPanel(first)
    answer(first)
    panel.choice.value = "sure"
    assert first.detector is second.detector is detectors["sure"]
    assert "more than 0.99 that it is fake" in upload.verdict.value
    assert second.prediction is None, "it had no picture"
    panel.choice.value = "shipped"
    assert "was counted on real faces, " in panel.about.value


def test_a_model_chosen_on_another_thread_waits_for_its_turn(redness):
    detectors = {"red": redness, "sure": Says(0.995)}

    async def story():
        session = df.Session(redness)
        panel = df.ModelPanel(detectors, session)
        clicks = threading.Thread(target=lambda: panel.choice.set_trait("value", "sure"))
        clicks.start()
        clicks.join()
        assert session.detector is redness
        async with asyncio.timeout(20):
            while session.detector is redness:
                await asyncio.sleep(0.01)

    asyncio.run(story())


def test_a_detector_chosen_in_code_is_the_one_that_the_panel_shows(redness):
    detectors = {"red": redness, "sure": Says(0.995)}
    session = df.Session(detectors["sure"])
    panel = df.ModelPanel(detectors, session)
    assert panel.choice.value == "sure"
    session.use_detector(redness)
    assert panel.choice.value == "red"


def test_a_session_with_a_detector_of_another_kind_gets_the_one_that_is_shown(redness):
    session = df.Session(Says(0.5))
    df.ModelPanel({"red": redness, "sure": Says(0.995)}, session)
    assert session.detector is redness


def test_a_model_that_can_not_be_loaded_says_why_in_the_panels_and_the_way_back_works(
    redness, tmp_path
):
    session = df.Session(redness)
    choose = df.ModelPanel(
        {"red": redness, "damaged": df.load_detector(tmp_path / "damaged")}, session
    )
    upload, heatmap = df.UploadPanel(session), df.HeatmapPanel(session)
    answer(session)
    choose.choice.value = "damaged"
    assert "There is no folder" in upload.message.value
    assert upload.verdict.value == ""
    assert heatmap.columns.layout.display == "none"
    choose.choice.value = "red"
    assert "There is no folder" not in upload.message.value
    assert "0.40 that it is fake" in upload.verdict.value
    assert "this map is empty" in heatmap.message.value


def test_the_name_and_the_note_of_a_model_are_text_and_no_markup(redness, tmp_path):
    (tmp_path / "model.keras").write_bytes(b"")
    (tmp_path / "manifest.json").write_text(
        '{"name": "x", "files": {"model.keras": "0"}, "size": 8, "speaks_for": "fake",'
        ' "note": "<script>alert(1)</script>"}'
    )
    mine = df.load_detector(tmp_path)
    panel = df.ModelPanel({"mine": mine, "red": redness}, df.Session(mine))
    assert "&lt;script&gt;" in panel.about.value


def test_the_dashboard_takes_one_detector_or_several_by_name(redness):
    def parts(page):
        return page.children[1].children[0].children

    assert parts(df.dashboard(redness))[0].layout.display == "none"
    choose, upload, facts, heatmap = parts(df.dashboard({"red": redness, "sure": Says(0.995)}))
    answer(upload.session)
    choose.choice.value = "sure"
    assert "more than 0.99" in upload.verdict.value
    assert heatmap.session is facts.session is upload.session
    with pytest.raises(ValueError, match="at least one detector"):
        df.dashboard({})


def test_the_dashboard_has_a_game_where_there_are_pictures_to_play_with(redness):
    detectors = {"red": redness, "sure": Says(0.995)}
    rest = ("Question the verdict", "Many pictures", "About")
    assert df.dashboard(redness).children[1].titles == ("Look at a picture", *rest)
    tabs = df.dashboard(detectors, df.load_samples(ROOT / "images")).children[1]
    assert tabs.titles == ("Look at a picture", "Can you beat the model?", *rest)
    choose, upload, *_ = tabs.children[0].children
    tabs.selected_index = 1
    (game,) = tabs.children[1].children
    assert isinstance(game, df.GamePanel)
    assert game.session is not upload.session, "the first tab would show the pictures of the game"
    choose.choice.value = "sure"
    assert game.session.detector is upload.session.detector is detectors["sure"]


def test_panels_name_no_private_picture_in_their_state(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    file = {"name": "my-secret-name.jpg", "type": "", "size": 1, "last_modified": 0}
    panel.upload.set_state({"value": [{**file, "content": memoryview(portrait)}]})
    assert (
        "my-secret-name"
        not in str(panel.get_state()) + str(panel.message.value) + panel.picture.alt
    )


def test_an_error_is_said_once_where_it_belongs(redness):
    session = df.Session(redness)
    upload, heatmap = df.UploadPanel(session), df.HeatmapPanel(session)
    session.open(GREY)
    session.judge(None)
    session.open(b"no picture")
    assert "text file" in upload.message.value
    assert "text file" not in heatmap.message.value

    def fails(*args, **kwargs):
        raise ValueError("no idea where")

    redness.explain = fails
    session.explain()
    assert "no idea where" in heatmap.message.value
    assert "no idea where" not in upload.message.value


class ReadsTheMiddle:
    """Its answer depends on the red of the middle, and its map says so or says something else."""

    methods = ("Grad-CAM", "SmoothGrad")

    def __init__(self, shown=(slice(20, 40), slice(20, 40))):
        self.shown = shown

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=0.9, logit=float(image[20:40, 20:40, 0].mean()) / 10)

    def explain(
        self, image, face="largest", *, toward="fake", method="Grad-CAM", progress=lambda part: None
    ):
        heatmap = np.zeros(image.shape[:2], np.float32)
        if toward == "fake":
            heatmap[self.shown] = 1
        return heatmap

    def shuffled(self, seed):
        return ReadsTheMiddle((slice(0, 10), slice(3 * seed, 3 * seed + 10)))


def shown(detector):
    picture = np.zeros((60, 60, 3), np.uint8)
    picture[20:40, 20:40] = 255
    session = df.Session(detector)
    panel = df.HeatmapPanel(session)
    session.open(picture)
    session.judge(None)
    return panel


def test_a_map_says_that_the_answer_hangs_on_its_brightest_places():
    panel = shown(ReadsTheMiddle())
    assert "moves the answer away from fake more than" in panel.faithfulness.value
    assert "of 20 random places do." in panel.faithfulness.value
    assert CAVEAT in panel.about.value
    panel.method.value = "SmoothGrad"
    assert "moves the answer more than" in panel.faithfulness.value, "that map has no sign"


def test_nothing_is_measured_of_a_map_until_somebody_can_see_its_panel():
    detector = ReadsTheMiddle()
    detector.quick = ("Grad-CAM",)
    panel = shown(detector)
    page = panel.picture
    page.set_state({"seen_in": []})  # scrolled out of sight, or in another tab
    panel.toward.value = "real"
    panel.toward.value = "fake"
    assert panel.session.explanation.deletion is None
    assert panel.faithfulness.value == str(markup.block(markup.quiet()))
    page.set_state({"seen_in": [7]})
    assert "of 20 random places do." in panel.faithfulness.value
    assert "is a different one (rank correlation" in panel.faithfulness.value

    measured = panel.session.explanation
    page.set_state({"seen_in": []})
    page.set_state({"seen_in": [7, 8]})
    assert panel.session.explanation is measured, "it was measured already"


def test_what_could_not_be_measured_is_not_asked_for_at_each_glance():
    detector = ReadsTheMiddle()
    asked = []

    def shuffled(seed):
        asked.append(seed)
        return 1 / 0

    detector.quick, detector.shuffled = ("Grad-CAM",), shuffled
    panel = shown(detector)
    assert "ZeroDivisionError" in panel.faithfulness.value
    panel.picture.set_state({"seen_in": []})
    panel.picture.set_state({"seen_in": [7]})
    assert asked == [0]


def test_by_code_a_map_is_measured_though_nobody_sees_it():
    panel = shown(ReadsTheMiddle())
    panel.picture.set_state({"seen_in": []})
    panel.toward.value = "real"
    panel.toward.value = "fake"
    assert panel.session.explanation.deletion is None
    panel.session.measure_deletion()
    assert panel.session.explanation.deletion.verdict == "more"


def test_a_map_that_is_no_better_than_chance_says_so():
    panel = shown(ReadsTheMiddle((slice(0, 10), slice(0, 10))))
    assert "This map explains nothing here" in panel.faithfulness.value
    panel.toward.value = "real"
    assert "this map is empty" in panel.message.value
    assert "explains" not in panel.faithfulness.value
    assert panel.shuffle.layout.display == "none"


def test_on_request_the_map_is_compared_with_those_of_shuffled_weights(redness):
    panel = shown(ReadsTheMiddle())
    assert panel.shuffle.layout.display is None
    panel.shuffle.click()
    assert "is a different one (rank correlation" in panel.faithfulness.value
    assert "more than" in panel.faithfulness.value, "the first fact stays"
    assert panel.shuffle.layout.display == "none"
    panel.session.judge(None)
    assert "rank correlation" not in panel.faithfulness.value, "that was another map"
    panel.session.use_detector(redness)
    assert panel.shuffle.layout.display == "none", "it can't be shuffled"


def test_where_it_takes_only_a_moment_a_map_carries_both_facts_unasked():
    detector = ReadsTheMiddle()
    detector.quick = ("Grad-CAM",)
    panel = shown(detector)
    assert "of 20 random places do." in panel.faithfulness.value
    assert "is a different one (rank correlation" in panel.faithfulness.value
    assert panel.shuffle.layout.display == "none"
    panel.method.value = "SmoothGrad"
    assert "rank correlation" not in panel.faithfulness.value
    assert panel.shuffle.layout.display is None, (
        "this one takes a while, so it waits to be asked for"
    )


def test_what_went_wrong_with_a_file_is_not_wiped_away_by_the_checks_of_the_map():
    detector = ReadsTheMiddle()
    panel = shown(detector)
    upload = df.UploadPanel(panel.session)
    panel.session.fail("This file has 99 MB.")
    panel.session.measure_deletion()
    panel.session.measure_sanity()
    assert "rank correlation" in panel.faithfulness.value
    assert "This file has 99 MB." in upload.message.value


def test_where_the_second_fact_can_not_be_had_it_can_be_asked_for_again():
    detector = ReadsTheMiddle()
    detector.quick, detector.shuffled = ("Grad-CAM",), lambda seed: 1 / 0
    panel = shown(detector)
    assert "ZeroDivisionError" in panel.faithfulness.value
    assert panel.shuffle.layout.display is None


def test_a_check_that_fails_says_so_beside_the_map_and_the_map_stays():
    detector = ReadsTheMiddle()
    detector.shuffled = lambda seed: 1 / 0
    panel = shown(detector)
    upload = df.UploadPanel(panel.session)
    panel.shuffle.click()
    assert "ZeroDivisionError" in panel.faithfulness.value
    assert "ZeroDivisionError" not in upload.message.value
    assert panel.picture.heat


@pytest.mark.parametrize(
    ("correlation", "words"),
    [(0.05, "a different one"), (0.5, "partly the same"), (0.9, "stays nearly the same")],
)
def test_the_words_of_the_sanity_check(correlation, words):
    assert words in sentences.sanity_sentence(correlation)
    assert (
        f"(rank correlation {correlation:.2f}, where 1 is the same map)"
        in sentences.sanity_sentence(correlation)
    )
