"""What is said of a picture becomes one page that holds all it needs, harms nobody and can be made
again."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from types import ModuleType

import numpy as np
import pytest
from PIL import ExifTags, Image

import dfwidgets as df
from dfwidgets.detector import Cancelled
from dfwidgets.detectors.manifest import read_manifest
from dfwidgets.explain import Explanation
from dfwidgets.report.evidence import Evidence, complete
from dfwidgets.wording import PROVES_NOTHING
from tests.helpers import (
    ROOT,
    SHIPPED,
    Broken,
    ReadsRedPatch,
    Redness,
    Size,
    exif,
    picture_bytes,
    red_patch,
)

WHEN = datetime(2026, 11, 23, 16, 3, tzinfo=UTC)
GREY = np.full((64, 80, 3), 204, np.uint8)
HOSTILE = "<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """What a browser sees of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def picture(self, alt: str) -> Image.Image:
        """The one picture whose text begins so."""
        (found,) = (image["src"] for image in self.all("img") if image["alt"].startswith(alt))
        return Image.open(io.BytesIO(b64decode(found.partition(",")[2])))


def make(detector, source, **how) -> Page:
    """The page of a picture, after checks that every page has to pass."""
    html = df.evidence_sheet(detector, source, when=WHEN, **how)
    page = Page(html)
    assert not {"script", "link", "iframe", "object", "embed", "form", "a"} & {
        tag for tag, _ in page.tags
    }
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            assert (attrs.get(name) or "data:image/jpeg;base64,").startswith(
                "data:image/jpeg;base64,"
            )
    styles = html + "".join(attrs.get("style") or "" for _, attrs in page.tags)
    assert not re.search(r"url\(|@import", styles)
    assert all(image["alt"] for image in page.all("img"))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels == [1] + [2] * 7
    assert page.all("html") == [{"lang": "en"}]
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    return page


def test_the_sheet_of_a_portrait_says_all_that_the_page_says(redness, portrait):
    page = make(redness, portrait, name="eileen.jpg", face=None)
    for said in (
        "Made on 2026-11-23 16:03 UTC.",
        "This sheet is no proof of anything.",
        "that it is fake.",
        "No face was judged",
        "bright places pulled the model toward",
        "The map says where the model looked, not where a picture was changed.",
        "random places",
        "eileen.jpg",
        "JPEG, 512 x 512 pixels",
        PROVES_NOTHING,
        df.read_facts(portrait).sha256,
        "Can't tell lies between 0.30 and 0.70, the model's own edges.",
        "never measured",
        "Model Redness",
        "names no file of a model",
        "A score is no proof.",
        f"Python {sys.version_info.major}.{sys.version_info.minor}.",
        f"NumPy {np.__version__}",
    ):
        assert said in page.text, said
    assert len(page.all("img")) == 1 + 1 + 13


class Judges(Redness):
    """Judges the face that it is given, and says which it was."""

    def predict(self, image, face="largest"):
        return df.Prediction(
            p_fake=0.8, face=df.Face(10, 20, 50, 60, 1.0) if face == "largest" else face
        )


def test_a_judged_face_is_framed_and_shown_large():
    page = make(Judges(), GREY, face=df.Face(20, 16, 60, 48, 1.0))
    frame = next(
        attrs["style"] for attrs in page.all("span") if "dfw-frame" in (attrs.get("class") or "")
    )
    assert frame == "left:25.00%;top:25.00%;width:50.00%;height:50.00%"
    assert "What was judged, 46 by 46 pixels" in page.all("img")[1]["alt"]
    assert "Face 40 pixels wide." in page.text


def test_numbers_without_a_file_have_no_file_facts(redness):
    page = make(redness, GREY, face=None)
    assert "no file to read" in page.text
    assert PROVES_NOTHING not in page.text


def test_an_empty_map_is_said_in_words_and_not_drawn(redness):
    page = make(redness, GREY, face=None, toward="real")
    assert (
        "By this map, nothing in the picture pulled the model toward real: this map is empty."
        in page.text
    )
    assert len(page.all("img")) == 1 + 13


def test_a_map_that_fails_gets_a_sentence_and_the_rest_is_there():
    page = make(Broken(), GREY, face=None)
    assert (
        "There is no map. The detector failed on this picture: RuntimeError: <b>no map today</b>"
        in page.text
    )
    assert not page.all("b") or all("style" in attrs for attrs in page.all("b")), (
        "only scales hold one"
    )
    assert "It stays likely fake in all 12 changed copies." in page.text


class Small(Redness):
    """Fails on pictures that were made smaller."""

    def predict(self, image, face="largest"):
        if image.shape[1] < 80:
            raise ValueError("too small")
        return super().predict(image, face)


class OnlyPredicts:
    """A detector that can't say where it looked."""

    predict = Redness.predict


def test_a_detector_that_only_predicts_gets_a_map_by_occlusion():
    page = make(OnlyPredicts(), GREY, face=None)
    assert "There is no map." not in page.text
    assert "Map Occlusion, toward fake" in page.text


def test_copies_that_fail_get_a_sentence():
    page = make(Small(), GREY, face=None)
    assert (
        "There are no verdicts on changed copies. "
        "The detector failed on this picture: ValueError: too small" in page.text
    )


def test_a_verdict_that_everyday_changes_turn_is_can_t_tell_on_the_sheet_too():
    page = make(Size(), GREY)
    assert "Evidence sheet: can't tell" in page.text
    assert page.text.count("so this page says: can't tell") == 2
    assert "Likely fake" not in page.text


def test_edges_chosen_by_hand_are_said_and_count(redness):
    page = make(redness, GREY, face=None, band=(0.1, 0.95))
    assert "Evidence sheet: can't tell" in page.text
    assert page.text.count("Can't tell lies between 0.10 and 0.95, edges that somebody chose.") == 2
    with pytest.raises(ValueError, match="the lower first"):
        df.evidence_sheet(redness, GREY, band=(0.9, 0.1))


def test_edges_chosen_by_hand_judge_the_changed_copies_too(redness):
    # Size says 0.8 of the picture and 0.2 of a smaller copy: two verdicts at the model's own edges.
    wide = make(Size(), GREY, face=None, band=(0.1, 0.9))
    assert "It stays can't tell in all 12 changed copies." in wide.text
    assert "so this page says: can't tell" not in wide.text
    # 0.8 everywhere: likely fake at the model's own edges, likely real at these.
    high = make(redness, GREY, face=None, band=(0.9, 0.95))
    assert "It stays likely real in all 12 changed copies." in high.text


class Recorder(Redness):
    """Remembers about which face it was asked, and for which maps."""

    methods = ("Grad-CAM", "SmoothGrad")
    quick = ("Grad-CAM",)

    def __init__(self):
        self.faces = []
        self.maps = []

    def predict(self, image, face="largest"):
        self.faces.append(face)
        return df.Prediction(p_fake=0.8, face=face)

    def explain(self, image, face="largest", *, toward="fake", method="Grad-CAM", progress=None):
        self.faces.append(face)
        self.maps.append((toward, method))
        return np.linspace(0, 1, image.shape[0] * image.shape[1]).reshape(image.shape[:2])

    def shuffled(self, seed):
        return self


# Wider than high, and not in the middle: whatever is taken for something else shows.
FACE = df.Face(20, 8, 60, 24, 1.0)


def test_every_question_is_about_the_face_that_was_chosen(portrait):
    chosen, whole, found = Recorder(), Recorder(), Recorder()
    make(chosen, GREY, face=FACE, sanity=True)
    assert all(isinstance(face, df.Face) for face in chosen.faces)
    make(whole, portrait, face=None, sanity=True)
    assert set(whole.faces) == {None}
    make(found, portrait, sanity=True)
    assert all(isinstance(face, df.Face) for face in found.faces), "the largest, if nobody chose"


def test_the_map_is_drawn_toward_where_the_score_leans_or_as_somebody_chose():
    first, chosen = Recorder(), Recorder()
    page = make(first, GREY, face=None)
    assert set(first.maps) == {("fake", "Grad-CAM")}
    assert "Map Grad-CAM, toward fake" in page.text
    page = make(chosen, GREY, face=None, toward="real", method="SmoothGrad", sanity=True)
    assert set(chosen.maps) == {("real", "SmoothGrad")}
    assert "Map SmoothGrad Score" in page.text, "a map that has no sign shows no side"
    page = make(Recorder(), GREY, face=None, toward="real")
    assert "Map Grad-CAM, toward real" in page.text
    assert "bright places pulled the model toward real" in page.text


def test_the_shuffled_weights_are_tried_where_that_is_quick_or_somebody_asks():
    def tried(**how):
        return "rank correlation" in make(Recorder(), GREY, face=None, **how).text

    assert tried()
    assert not tried(sanity=False)
    assert not tried(method="SmoothGrad")
    assert tried(method="SmoothGrad", sanity=True)


class Unsigned(ReadsRedPatch):
    """Its second map has no sign: it shows what the answer hangs on, whichever way."""

    methods = ("Grad-CAM", "SmoothGrad")


def test_a_map_without_a_sign_may_move_the_answer_either_way():
    signed = make(Unsigned(), red_patch(), face=None, toward="real")
    assert "does not move the answer away from real." in signed.text
    unsigned = make(Unsigned(), red_patch(), face=None, toward="real", method="SmoothGrad")
    assert "bright places would move the answer, either way, most at the upper middle" in (
        unsigned.text
    )
    assert "moves the answer more than 20 of 20 random places do" in unsigned.text


def test_a_map_by_occlusion_keeps_its_side():
    class Reads:
        predict = ReadsRedPatch().predict

    assert (
        "bright places pulled the model toward fake"
        in make(Reads(), red_patch(), face=None, toward="fake").text
    )
    assert "this map is empty" in make(Reads(), red_patch(), face=None, toward="real").text


def test_a_reason_that_was_there_before_the_changed_copies_stays_as_it_is():
    class Dark(Size):
        def predict(self, image, face="largest"):
            return df.Prediction(super().predict(image).p_fake, reason="It is too dark.")

    page = make(Dark(), GREY, face=None)
    assert page.text.count("So what its changed copies score says nothing either.") == 1
    assert page.text.count("It is too dark.") == 2


class Framed(Recorder):
    """Draws a map whose strongest place is the lower right corner, outside of the face."""

    def explain(self, image, face="largest", **_):
        heatmap = np.full(image.shape[:2], 0.1, np.float32)
        heatmap[-4:, -4:] = 1
        heatmap[10:14, 24:28] = 0.5
        return heatmap


def test_what_is_shown_large_is_what_was_judged():
    picture = np.full((64, 80, 3), (200, 40, 40), np.uint8)
    picture[:, :60] = (40, 40, 200)
    page = make(Framed(), picture, face=FACE)
    frame = next(
        attrs["style"] for attrs in page.all("span") if "dfw-frame" in (attrs.get("class") or "")
    )
    assert frame == "left:25.00%;top:12.50%;width:50.00%;height:25.00%"
    assert page.picture("The picture").size == (80, 64)
    for alt in ("What was judged, 46 by 46 pixels", "Heat"):
        assert page.picture(alt).size == (46, 46)
    assert "at the upper left" in page.text, "seen from the judged part"
    assert "Score, and the network's own number (logit) 0.8000, 1.3863" in page.text


def test_what_fails_in_between_is_said_beside_the_map():
    class OnlyThis(Recorder):
        def predict(self, image, face="largest"):
            if not np.array_equal(image, red_patch()):
                raise ValueError("another picture")
            return super().predict(image, face)

        def shuffled(self, seed):
            raise df.ModelError("Its weights can't be shuffled.")

    page = make(OnlyThis(), red_patch(), face=None)
    assert page.picture("Heat")
    assert page.text.count("The detector failed on this picture: ValueError: another picture") == 2
    assert "Its weights can't be shuffled." in page.text


def test_the_model_s_own_edges_and_the_hashes_of_its_files_stand_on_the_sheet(tmp_path):
    said = {"name": "Mine", "size": 8, "speaks_for": "fake", "band": [0.2, 0.9]}
    said |= {"files": {"model.tflite": "0123abcd" * 8}, "note": "It was made in an afternoon."}
    (tmp_path / "manifest.json").write_text(json.dumps(said))
    detector = Redness()
    detector.folder = tmp_path
    page = make(detector, GREY, face=None, band=(0.1, 0.95))
    assert "edges that somebody chose. The model's own edges are 0.20 and 0.90." in page.text
    assert f"SHA-256 of model.tflite {'0123abcd' * 8}" in page.text
    assert "Model Mine" in page.text
    assert "never measured. It was made in an afternoon." in page.text
    assert page.text.count("It was made in an afternoon.") == 1, "said once, beside the verdict"
    (tmp_path / "manifest.json").write_text("{")
    assert "manifest.json can't be read" in make(detector, GREY, face=None).text


def test_the_row_of_copies_shows_each_score_its_word_and_which_turn():
    page = make(Size(), GREY)
    assert "as it is 0.80, likely fake JPEG 95" in page.text
    assert "half size 0.20, likely real on the other side" in page.text
    assert page.text.count("on the other side") == 3  # 3/4 size, half size, crop
    rails = [attrs["style"] for attrs in page.all("u")]
    assert (rails.count("--at:80.0%"), rails.count("--at:20.0%")) == (1 + 1 + 9, 3)


def test_what_is_no_picture_is_refused_with_a_sentence(redness):
    with pytest.raises(df.ImageError, match="text file"):
        df.evidence_sheet(redness, b"Dear diary")
    with pytest.raises(df.ImageError, match="uint8"):
        df.evidence_sheet(redness, np.zeros((8, 8)))
    with pytest.raises(FileNotFoundError):
        df.evidence_sheet(redness, "nowhere.jpg")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (HOSTILE, HOSTILE),
        ('"><script>alert(1)</script>', '"><script>alert(1)</script>'),
        ("' onload='alert(1)", "' onload='alert(1)"),
        ("</title></style><script>", "</title></style><script>"),
        ("a" * 5000, "a" * 77 + "..."),
        ("gpj.\u202eexe\u2066.jpg", "gpj.exe.jpg"),
        ("half\ud800.jpg\x00", "half.jpg"),
    ],
)
def test_a_hostile_name_is_only_text(redness, name, shown):
    page = make(redness, GREY, name=name, face=None)
    assert f"Name {shown}" in page.text
    assert page.text.encode()
    assert "a" * 100 not in page.text
    assert not {"\u202e", "\u2066"} & set(page.text)


def test_a_path_gives_its_own_name_and_markup_in_camera_data_is_text(redness, tmp_path):
    path = tmp_path / "<b>photo.jpg"
    path.write_bytes(
        picture_bytes(
            size=(80, 64), exif=exif({ExifTags.Base.Make: HOSTILE, ExifTags.Base.Software: "</dl>"})
        )
    )
    page = make(redness, path, face=None)
    assert "Name <b>photo.jpg" in page.text
    assert f"Noted: {HOSTILE}" in page.text
    assert "Noted: </dl>" in page.text


class Hostile(Redness):
    """Says markup, and half a letter, wherever it can."""

    methods = (HOSTILE,)

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=0.5, frequency=HOSTILE, reason=f"{HOSTILE}\ud800")


def test_markup_that_a_detector_says_is_text():
    page = make(Hostile(), GREY)
    assert page.text.count(HOSTILE) >= 4  # frequency, reason, the map's caption, the settings


def test_the_same_input_gives_the_same_bytes_but_for_the_date(redness, portrait):
    first = df.evidence_sheet(redness, portrait, when=WHEN)
    assert first == df.evidence_sheet(redness, portrait, when=WHEN)
    assert first == df.evidence_sheet(redness, portrait, when=WHEN.replace(tzinfo=None))
    assert first == df.evidence_sheet(
        redness, portrait, when=WHEN.astimezone(timezone(timedelta(hours=2)))
    )
    later = df.evidence_sheet(redness, portrait, when=WHEN + timedelta(days=1))
    assert later != first
    assert later.replace("2026-11-24", "2026-11-23") == first


def test_what_was_loaded_before_does_not_change_the_bytes(redness, monkeypatch):
    first = make(redness, GREY).text
    monkeypatch.setitem(sys.modules, "tensorflow", ModuleType("tensorflow"))
    monkeypatch.delitem(sys.modules, "ai_edge_litert", raising=False)
    assert make(redness, GREY).text == first


CODE = """
import sys
from datetime import datetime
import dfwidgets as df
from tests.helpers import ROOT, Redness
detector = df.load_detector(ROOT / "models" / "detector") if sys.argv[1] == "shipped" else Redness()
photo = ROOT / "images" / "Real" / "p22.jpg"
page = df.evidence_sheet(detector, photo, when=datetime(2026, 11, 23), sanity=True)
sys.stdout.buffer.write(page.encode())
"""


@pytest.mark.parametrize("which", ["made", pytest.param("shipped", marks=pytest.mark.model)])
def test_another_process_makes_the_same_bytes(which):
    pages = [
        subprocess.run(
            [sys.executable, "-c", CODE, which],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": zone},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/New_York"))
    ]
    assert pages[0] == pages[1]
    assert len(pages[0]) > 20_000


def test_what_is_known_is_not_asked_again(redness):
    by_hand = Explanation(np.ones(GREY.shape[:2], np.float32), method="by hand")
    known = Evidence(GREY, redness.predict(GREY), explanation=by_hand, method="by hand")
    first = complete(redness, known)
    asked: list[str] = []
    again = complete(Nobody(), first, progress=asked.append)
    assert again.strip is first.strip
    assert again.explanation is first.explanation
    assert again.explanation.deletion is not None
    assert again.explanation.values is by_hand.values
    assert asked == ["Writing the sheet..."]
    assert not again.failed


class Nobody:
    """Must not be asked."""

    def predict(self, image, face="largest"):
        raise AssertionError

    explain = predict


def test_the_file_s_name_comes_from_the_picture_and_from_nothing_else(redness, portrait):
    facts, image = df.read_facts(portrait), df.open_image(portrait)
    of_file = Evidence(image, redness.predict(image), name="../../x", facts=facts)
    assert of_file.file_name == f"evidence-{facts.sha256[:12]}.html"
    of_pixels = Evidence(image[::2], redness.predict(image))
    assert re.fullmatch(r"evidence-[0-9a-f]{12}\.html", of_pixels.file_name)
    assert of_pixels.file_name != of_file.file_name


@pytest.mark.model
def test_the_shipped_detector_s_sheet_names_its_model_and_what_was_counted(shipped, portrait):
    page = make(shipped, portrait)
    hashes = read_manifest(shipped.folder).files
    for said in (
        "dfwidgets Lite0",
        *hashes.values(),
        "LiteRT",
        "StyleGAN2 faces",
        "rank correlation",
        "test faces",
        "How often this model is wrong was counted on",
    ):
        assert said in page.text, said
    assert len(page.all("img")) == 2 + 1 + 13
    by_hand = make(shipped, portrait, band=(0.2, 0.8), sanity=False)
    assert "rank correlation" not in by_hand.text
    assert "edges that somebody chose. The model's own edges are 0.16 and 0.90." in by_hand.text
    rates = [re.search(r"StyleGAN2 faces (.*?\)) ", one.text).group(1) for one in (page, by_hand)]
    assert rates[0] != rates[1], "counted at the edges in use"


def test_the_sheet_names_one_way_in_which_its_map_was_made():
    page = make(OnlyPredicts(), GREY, face=None, method="SmoothGrad")
    assert "Map Occlusion, toward fake" in page.text
    assert "SmoothGrad" not in page.text


def test_a_model_file_that_can_not_be_read_costs_its_hash_and_not_the_sheet(tmp_path):
    class Kept(Redness):
        folder = tmp_path

    manifest = json.loads((SHIPPED / "manifest.json").read_text())
    manifest["files"] = {"gone.keras": ""}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    page = make(Kept(), GREY, face=None)
    assert "gone.keras" in page.text
    assert "Does the verdict hold?" in page.text


def test_a_sheet_that_is_called_off_in_the_middle_of_a_step_ends_there():
    detector = Redness()
    known = Evidence(GREY, detector.predict(GREY), explanation=Explanation(np.ones(GREY.shape[:2])))
    heard = []

    def cancel(words):
        heard.append(words)
        if len(heard) == 7:
            raise Cancelled

    with pytest.raises(Cancelled):
        complete(detector, known, progress=cancel)
    assert len(heard) == 7, "nothing is done after that"
    assert set(heard) == {"Checking the map against random ones..."}
