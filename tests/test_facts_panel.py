"""The panel beside the score: what the file says, as text, of the picture that is there now."""

import gc
import sys

import numpy as np
import pytest
from PIL import ExifTags

import dfwidgets as df
from dfwidgets.panels.facts import FactsPanel
from tests.helpers import CAMERA, exif, picture_bytes

GREY = np.full((8, 8, 3), 102, np.uint8)


@pytest.fixture
def panel(redness) -> FactsPanel:
    return df.FactsPanel(df.Session(redness))


def test_before_a_picture_the_panel_says_what_will_appear(panel):
    assert "Once a picture is opened" in panel.empty.value
    assert panel.empty.layout.display is None
    assert panel.facts.layout.display == "none"
    assert "<dl" not in panel.facts.value


def test_the_facts_of_the_opened_picture_are_shown_with_what_they_are_worth(panel):
    panel.session.open(picture_bytes(exif=CAMERA))
    assert "<dt>Camera</dt><dd>Noted: Canon EOS 5D</dd>" in panel.facts.value
    assert "None of this proves anything" in panel.facts.value
    assert "That means nothing" in panel.facts.value


def test_the_place_is_in_no_widget(panel):
    panel.session.open(picture_bytes(exif=CAMERA))
    shown = panel.facts.value + str(panel.get_state()) + repr(panel.session.facts)
    assert "It contains a location." in shown
    for number in ("29.6", "40.2", "48.", "148/5"):
        assert number not in shown


def test_markup_in_a_file_is_shown_as_text(panel):
    panel.session.open(
        picture_bytes(exif=exif({ExifTags.Base.Software: "<img src=x onerror=alert(1)>"}))
    )
    assert "<img" not in panel.facts.value
    assert "&lt;img src=x onerror=alert(1)&gt;" in panel.facts.value


def test_a_new_picture_has_facts_of_its_own_and_one_that_can_not_be_read_changes_nothing(panel):
    panel.session.open(picture_bytes(exif=CAMERA))
    panel.session.open(picture_bytes("PNG", (30, 20)))
    assert "PNG, 30 x 20 pixels" in panel.facts.value
    assert "Canon" not in panel.facts.value
    facts = panel.session.facts
    panel.session.open(b"not a picture")
    assert panel.session.facts is facts


def test_numbers_have_no_file(panel):
    panel.session.open(picture_bytes(exif=CAMERA))
    panel.session.open(GREY)
    assert panel.session.facts is None
    assert "Canon" not in panel.facts.value
    assert "no file to read" in panel.facts.value


def test_a_picture_opened_by_its_path_has_facts_too(panel, tmp_path):
    (tmp_path / "a.jpg").write_bytes(picture_bytes(exif=CAMERA))
    panel.session.open(tmp_path / "a.jpg")
    assert "Canon EOS 5D" in panel.facts.value


def test_a_panel_made_after_the_picture_shows_it(panel):
    panel.session.open(picture_bytes(exif=CAMERA))
    assert df.FactsPanel(panel.session).facts.value == panel.facts.value


def test_nobody_keeps_the_bytes_of_the_file(panel):
    data = picture_bytes(exif=CAMERA)
    before = sys.getrefcount(data)
    panel.session.open(data)
    gc.collect()
    assert sys.getrefcount(data) == before
