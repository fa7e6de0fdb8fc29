"""A person sends a picture again and sees what becomes of its verdict, and how little fools the
model."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.wording import BLURRED
from tests.helpers import ROOT

GREY = np.full((64, 80, 3), 204, np.uint8)


class Size:
    """Fake is what is large: a detector that making a picture smaller turns."""

    def predict(self, image, face="largest"):
        return df.Prediction(
            p_fake=0.8 if image.shape[1] >= 80 else 0.2, face=None, frequency="Counted."
        )

    def explain(
        self, image, face="largest", *, toward="fake", method="Grad-CAM", progress=lambda part: None
    ):
        return np.ones(image.shape[:2], np.float32)


class Slope(Size):
    """Fake is what is bright, and it can be said which way."""

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=float(np.clip((image.mean() - 199) / 6, 0, 1)))

    def slope(self, image, face):
        return np.ones((8, 8, 3), np.float32)


class Steady(Size):
    """Whatever becomes of a picture, it is fake."""

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=0.9)


def judged(detector):
    session = df.Session(detector)
    panel = df.StabilityPanel(session)
    session.open(GREY)
    session.judge(None)
    return session, panel


def seen(widget):
    return widget.layout.display != "none"


def test_before_a_picture_there_is_nothing_to_press(redness):
    panel = df.StabilityPanel(df.Session(redness))
    assert seen(panel.empty)
    assert not seen(panel.tools)
    panel.send.click()
    assert panel.strip is None


def test_nothing_is_sent_until_it_is_asked_for(redness):
    asked = []
    plain = redness.predict
    redness.predict = lambda image, face: asked.append(1) or plain(image, face)
    _, panel = judged(redness)
    assert len(asked) == 1
    panel.send.click()
    assert len(asked) == 1 + 13


def test_thirteen_thumbnails_each_with_name_number_and_word(redness):
    _, panel = judged(redness)
    panel.send.click()
    assert panel.copies.value.count("<li>") == 13
    assert panel.copies.value.count("data:image/png;base64,") == 13
    for name in (
        "as it is",
        "JPEG 95",
        "JPEG 30",
        "half size",
        "3/4 size",
        "crop",
        "flip",
        "screenshot",
    ):
        assert f"<strong>{name}</strong>" in panel.copies.value
    assert panel.copies.value.count(", likely fake") == 13
    assert "box between 0.30 and 0.70 is can't tell" in unescape(panel.copies.value)
    assert (
        "It stays likely fake in all 12 changed copies. A verdict that holds can still be wrong."
        in panel.result.value
    )
    assert (
        panel.attack.strength.announcement
        == "It stays likely fake in all 12 changed copies. A verdict that holds can still be wrong."
    )
    assert panel.message.value == ""


def test_a_verdict_that_flips_becomes_can_t_tell_in_every_panel_and_says_why():
    session = df.Session(Size())
    upload, heat, panel = (
        df.UploadPanel(session),
        df.HeatmapPanel(session),
        df.StabilityPanel(session),
    )
    session.open(GREY)
    session.judge(None)
    assert "Likely fake" in upload.verdict.value
    heatmap, drawn = session.heatmap, heat.picture.heat
    panel.send.click()
    assert session.prediction.verdict == "can't tell"
    assert session.prediction.p_fake == 0.8
    assert ">Can't tell</p>" in unescape(upload.verdict.value)
    assert "Likely fake" not in upload.verdict.value
    assert "made 3/4 as wide and high (0.20)" in upload.verdict.value
    assert "Counted." in upload.verdict.value
    assert "so this page says: can't tell" in upload.dropzone.announcement
    assert "so this page says: can't tell" in unescape(panel.result.value)
    assert panel.copies.value.count("on the other side") == 3  # 3/4 size, half size, crop
    assert session.heatmap is heatmap
    assert heat.picture.heat == drawn, "only the word has changed, the map stays"


def test_sent_twice_it_says_the_same_once():
    session, panel = judged(Size())
    panel.send.click()
    first = session.prediction
    panel.send.click()
    assert session.prediction is first
    assert "so this page says" in panel.result.value


def test_another_picture_starts_anew(redness):
    session, panel = judged(redness)
    panel.send.click()
    session.open(GREY + 1)
    assert not seen(panel.tools)
    session.judge(None)
    assert (panel.strip, panel.copies.value, panel.result.value) == (None, "", "")


def test_another_detector_starts_anew(redness):
    session, panel = judged(Size())
    panel.send.click()
    session.use_detector(redness)
    assert session.prediction.reason == ""
    assert panel.copies.value == ""


def test_an_answer_about_the_picture_before_is_dropped():
    async def story():
        session, panel = df.Session(Size()), None
        panel = df.StabilityPanel(session)
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        panel.send.click()
        assert "Sending it" in panel.message.value
        session.open(GREY + 1)
        await settled(session)
        session.judge(None)
        await settled(session)
        await asyncio.sleep(0.05)
        assert session.prediction.verdict == "likely fake", "this picture was not sent again"
        assert panel.copies.value == panel.message.value == ""

    asyncio.run(story())


@pytest.mark.parametrize("meanwhile", ["another detector", "other edges"])
def test_copies_that_come_back_for_the_verdict_before_never_show(meanwhile):
    """These are there at once. Another picture would call the copies off when it is asked for, and
    then nothing is stale."""
    shown = []

    async def story():
        session = df.Session(Size())
        panel = df.StabilityPanel(session)
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        panel.copies.observe(lambda change: shown.append(change.new), "value")
        panel.send.click()
        if meanwhile == "another detector":
            session.use_detector(Steady())
        else:
            session.set_band((0.1, 0.9))
        session.load()  # behind the copies
        await settled(session)
        assert panel.strip is None
        assert panel.message.value == panel.result.value == ""
        assert session.prediction.reason == "", "these edges, or this detector, were not tried"

    asyncio.run(story())
    assert shown == []


class Gated(Slope):
    """Answers about changed pictures only when it is let, and counts them."""

    def __init__(self):
        self.let = threading.Event()
        self.begun = threading.Event()
        self.changed = 0

    def predict(self, image, face="largest"):
        if image.shape != GREY.shape or image.max() != image.min():
            self.changed += 1
            self.begun.set()
            assert self.let.wait(20)
        return super().predict(image, face)


@pytest.mark.parametrize("asked", ["open", "judge"])
def test_the_copies_give_way_to_another_picture_when_it_is_asked_for(asked):
    async def story():
        detector = Gated()
        session = df.Session(detector)
        panel = df.StabilityPanel(session)
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        panel.send.click()
        await asyncio.to_thread(detector.begun.wait, 20)
        if asked == "open":
            session.open(b"dear diary")
        else:
            session.judge(None)
        assert panel.message.value == "", "nobody waits for them any more"
        detector.let.set()
        await settled(session)
        assert detector.changed == 1, "no copy was asked about after that"
        assert panel.strip is None
        panel.send.click()
        await until(lambda: panel.strip)

    asyncio.run(story())


def test_what_would_fool_it_gives_way_to_another_picture_when_that_is_asked_for():
    let = threading.Event()

    class SlowSlope(Slope):
        def slope(self, image, face):
            assert let.wait(20)
            return super().slope(image, face)

    async def story():
        session = df.Session(SlowSlope())
        panel = df.StabilityPanel(session)
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        panel.attack.start.click()
        assert "Working out" in panel.attack.message.value
        session.open(b"dear diary")
        assert panel.attack.message.value == ""
        let.set()
        await settled(session)
        assert panel.attack.strength.max == 0
        panel.attack.start.click()
        await until(lambda: panel.attack.strength.max)

    asyncio.run(story())


@pytest.mark.parametrize("asked", ["an attack", "an answer to it", "an answer that fails"])
def test_an_attack_on_the_verdict_before_never_shows(asked):
    class Fails(Slope):
        def predict(self, image, face="largest"):
            if asked == "an answer that fails" and image.max() != image.min():
                raise ValueError("too late to matter")
            return super().predict(image, face)

        def slope(self, image, face):
            return np.indices((8, 8, 3)).sum(axis=0) % 2 - 0.5  # half of the pixels either way

    async def story():
        session = df.Session(Fails())
        panel = df.StabilityPanel(session)
        attack = panel.attack
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        attack.start.click()
        if asked != "an attack":
            await until(lambda: attack.strength.max)
            attack.strength.value = 5
        session.set_band((0.1, 0.9))  # a new verdict at once
        session.load()  # behind what was asked
        await settled(session)
        assert (attack.strength.max, attack.strength.value) == (0, 0)
        assert attack.picture.image == b""
        assert attack.answer.value == attack.message.value == ""

    asyncio.run(story())


def test_an_answer_for_an_older_place_of_the_slider_never_shows():
    shown = []

    async def story():
        session = df.Session(Slope())
        panel = df.StabilityPanel(session)
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        panel.attack.start.click()
        await until(lambda: panel.attack.strength.max)
        panel.attack.answer.observe(lambda change: shown.append(change.new), "value")
        for levels in (1, 2, 5):
            panel.attack.strength.value = levels
        await until(lambda: shown)
        await settled(session)
        assert "at most 5 of 255" in panel.attack.strength.announcement
        assert panel.attack.picture.alt.endswith("changed by 5 of 255 grey levels")

    asyncio.run(story())
    assert ["at most 5 of 255" in each for each in shown] == [True]


@pytest.mark.parametrize("which", ["send", "start", "strength"])
def test_what_is_pressed_on_another_thread_waits_for_its_turn(which):
    async def story():
        session = df.Session(Slope())
        panel = df.StabilityPanel(session)
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        attack = panel.attack
        if which == "strength":
            attack.start.click()
            await until(lambda: attack.strength.max)
        before = panel.strip, attack.message.value, attack.answer.value
        press = {
            "send": panel.send.click,
            "start": attack.start.click,
            "strength": lambda: attack.strength.set_trait("value", 3.0),
        }[which]
        clicks = threading.Thread(target=press)
        clicks.start()
        clicks.join()
        assert (panel.strip, attack.message.value, attack.answer.value) == before
        if which == "send":
            await until(lambda: panel.strip)
        elif which == "start":
            await until(lambda: attack.strength.max)
        else:
            await until(lambda: "at most 3 of 255" in attack.answer.value)

    asyncio.run(story())


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def settled(session):
    async with asyncio.timeout(20):
        while session.busy:
            await asyncio.sleep(0.01)


def test_a_verdict_that_no_longer_stands_can_not_be_doubted(redness):
    session, _ = judged(redness)
    old = session.prediction
    session.judge(None)
    new = session.prediction
    session.withhold(old, "Too late.")
    assert session.prediction is new
    session.withhold(new, "It is not sure.")
    assert (session.prediction.verdict, session.prediction.reason) == (
        "can't tell",
        "It is not sure.",
    )
    session.withhold(session.prediction, "Another reason.")
    assert session.prediction.reason == "It is not sure."


def test_a_detector_that_fails_on_a_copy_gets_a_sentence(redness):
    _, panel = judged(redness)

    def fails(image, face):
        raise ValueError("<b>too small</b>")

    redness.predict = fails
    panel.send.click()
    assert "&lt;b&gt;too small" in panel.message.value
    assert panel.copies.value == ""


def test_the_slider_shows_the_picture_the_score_and_the_sentence_at_each_step():
    _, panel = judged(Slope())
    attack = panel.attack
    assert attack.strength.max == 0
    attack.start.click()
    assert (attack.strength.max, attack.strength.value) == (8, 0)
    assert "as it is" in attack.answer.value
    unchanged = attack.picture.image
    attack.strength.value = 1
    assert "at most 1 of 255" in attack.answer.value
    assert "0.67 that it is fake" in attack.answer.value
    assert attack.picture.image != unchanged
    attack.strength.value = 5
    assert "from likely fake to likely real" in attack.strength.announcement
    attack.strength.value = 0
    assert attack.picture.image == unchanged
    attack.strength.value = 99
    assert attack.strength.value == 8


def test_where_nobody_can_tell_there_is_no_verdict_to_turn():
    class Blurred(Slope):
        def predict(self, image, face="largest"):
            return replace(super().predict(image, face), reason=BLURRED)

    _, panel = judged(Blurred())
    panel.attack.start.click()
    panel.attack.strength.value = 8
    answer = unescape(panel.attack.answer.value)
    assert "Can't tell</p>" in answer
    assert "the score moved from 0.83 to less than 0.01. This page says can't tell here" in answer
    assert "likely" not in answer


def test_a_verdict_that_was_taken_back_stays_so_in_the_changed_picture():
    class Both(Size):
        def slope(self, image, face):
            return np.ones((8, 8, 3), np.float32)

    session, panel = judged(Both())
    panel.send.click()
    assert session.prediction.verdict == "can't tell"
    panel.attack.start.click()
    panel.attack.strength.value = 1
    answer = unescape(panel.attack.answer.value)
    assert ">Can't tell</p>" in answer
    assert "This page says can't tell here, so there is no verdict to turn." in answer


def test_the_edges_that_somebody_chose_count_for_the_changed_picture_too():
    session, panel = judged(Slope())
    session.set_band((0.01, 0.9))
    panel.attack.start.click()
    panel.attack.strength.value = 4
    assert "the verdict stays can't tell" in unescape(panel.attack.answer.value)
    assert "between 0.01 and 0.90" in panel.attack.answer.value


def test_how_often_likely_fake_is_wrong_is_one_click_away(redness):
    _, panel = judged(redness)
    assert "<summary>How often is the model wrong?</summary>" in panel.often.value
    assert "was never measured" in panel.often.value


def test_it_is_said_at_the_edges_that_somebody_chose():
    session = df.Session(df.load_detector(ROOT / "models" / "detector"))
    panel, upload = df.StabilityPanel(session), df.UploadPanel(session)
    session.open(ROOT / "images" / "Real" / "p01.jpg")
    assert "Likely fake begins at a score of 0.90. A score this high" in panel.often.value
    p = session.prediction.p_fake
    session.set_band((p / 4, p / 2))
    assert session.prediction.verdict == "likely fake"
    assert f"Likely fake begins at a score of {p / 2:.2f}. A score this high" in panel.often.value
    assert "A score this high or higher came from" in upload.verdict.value
    session.set_band((2 * p, 1.0))
    assert session.prediction.verdict == "likely real"
    assert "A score this low or lower came from" in upload.verdict.value


def test_where_nobody_can_tell_no_copy_has_a_word():
    class Blurred(Size):
        def predict(self, image, face="largest"):
            return replace(super().predict(image, face), reason=BLURRED)

    _, panel = judged(Blurred())
    panel.send.click()
    assert panel.copies.value.count("<li>") == 13
    assert "likely" not in panel.copies.value


def test_a_detector_without_a_gradient_says_that_plainly_and_the_strip_works_all_the_same(redness):
    _, panel = judged(redness)
    for _ in range(2):
        panel.attack.start.click()
        assert "can't say which way each pixel moves" in unescape(panel.attack.message.value)
    assert panel.attack.strength.max == 0
    panel.send.click()
    assert panel.strip is not None


def test_another_picture_takes_the_fooled_one_away():
    session, panel = judged(Slope())
    panel.attack.start.click()
    panel.attack.strength.value = 3
    session.judge(None)
    assert (panel.attack.strength.max, panel.attack.strength.value) == (0, 0)
    assert panel.attack.picture.image == b""
    assert panel.attack.answer.value == panel.attack.message.value == ""


@pytest.mark.model
def test_the_shipped_model_goes_through_the_whole_panel(shipped):
    session = df.Session(shipped)
    panel = df.StabilityPanel(session)
    session.open((ROOT / "images" / "Real" / "p01.jpg").read_bytes())
    panel.send.click()
    assert len(panel.strip.copies) == 12
    assert re.search(r"It stays|this page says", panel.result.value)
    panel.attack.start.click()
    assert panel.attack.strength.max == 8
    panel.attack.strength.value = 2
    assert "at most 2 of 255" in panel.attack.answer.value
