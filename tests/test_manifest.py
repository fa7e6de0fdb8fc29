"""What a model file is, and that its number, its word and its errors come from one place."""

import hashlib
import json
import math

import pytest

from dfwidgets.detector import ModelError
from dfwidgets.detectors.manifest import Manifest, read_manifest
from dfwidgets.detectors.model_file import check_file

MEASURED = {
    "on": "four made-up sets",
    "threshold": [0, 0.5, 1],
    "reals": {"near": [1, 0.1, 0], "far": [1, 0.3, 0]},
    "fakes": {"near": [1, 0.9, 0]},
}
COUNTED = (
    "How often this model is wrong was counted on four made-up sets, "
    "and on no other kinds of faces."
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.keras").write_bytes(b"weights")
    return folder


def write(folder, **values):
    sha256 = hashlib.sha256(b"weights").hexdigest()
    values = {
        "name": "mine",
        "files": {"model.keras": sha256},
        "size": 224,
        "speaks_for": "fake",
    } | values
    (folder / "manifest.json").write_text(json.dumps(values))
    return folder


def manifest_of(folder, **values):
    return read_manifest(write(folder, **values))


def sentence(folder):
    with pytest.raises(ModelError) as caught:
        read_manifest(folder)
    assert "\n" not in str(caught.value) and "__init__" not in str(caught.value)
    return str(caught.value)


def test_four_keys_are_enough(folder):
    manifest = manifest_of(folder)
    assert (manifest.crop, manifest.output, manifest.speaks_for) == ("face", "logit", "fake")
    assert (manifest.temperature, manifest.band, manifest.measured) == (1, (0.3, 0.7), None)
    assert manifest.path(".keras") == folder / "model.keras"


@pytest.mark.parametrize("temperature", [0.5, 1, 3])
def test_the_logit_is_divided_by_the_temperature_before_it_is_a_probability(folder, temperature):
    prediction = manifest_of(folder, temperature=temperature).prediction(1.5, None)
    assert prediction.p_fake == pytest.approx(1 / (1 + math.exp(-1.5 / temperature)))
    assert prediction.logit == 1.5


def test_turning_the_classes_turns_logit_word_and_sign(folder):
    fake, real = manifest_of(folder), manifest_of(folder, speaks_for="real")
    assert (fake.logit(3), real.logit(3)) == (3, -3)
    assert (fake.sign, real.sign) == (1, -1)
    a, b = (m.prediction(m.logit(3), None) for m in (fake, real))
    assert (a.verdict, b.verdict) == ("likely fake", "likely real")
    assert a.p_fake == pytest.approx(1 - b.p_fake)


def test_a_probability_becomes_a_logit(folder):
    manifest = manifest_of(folder, output="probability")
    assert manifest.logit(0.5) == pytest.approx(0)
    assert manifest.logit(0.9) == pytest.approx(math.log(9))
    assert manifest.logit(1) == pytest.approx(-manifest.logit(0)) and math.isfinite(
        manifest.logit(1)
    )
    assert manifest_of(folder, output="probability", speaks_for="real").logit(0.9) == pytest.approx(
        -math.log(9)
    )


@pytest.mark.parametrize("output", ["logit", "probability"])
@pytest.mark.parametrize("speaks_for", ["fake", "real"])
def test_no_number_is_no_verdict(folder, output, speaks_for):
    manifest = manifest_of(folder, output=output, speaks_for=speaks_for)
    with pytest.raises(ModelError, match="“mine” gave no number"):
        manifest.prediction(manifest.logit(math.nan), None)
    with pytest.raises(ModelError, match="gave no number"):
        manifest.prediction(math.inf, None)


def test_a_huge_logit_is_a_certain_answer(folder):
    assert manifest_of(folder).prediction(1e6, None).p_fake == pytest.approx(1)
    assert manifest_of(folder).prediction(-1e6, None).p_fake == pytest.approx(0)


def test_the_band_of_the_manifest_decides_the_word(folder):
    manifest = manifest_of(folder, band=[0.5, 0.9])
    words = [manifest.prediction(logit, None).verdict for logit in (0, 1, math.log(9) + 1e-6)]
    assert words == ["likely real", "can't tell", "likely fake"]
    assert manifest.prediction(5, None, "No face was found.").verdict == "can't tell"


@pytest.mark.parametrize(
    ("p_fake", "expected"),
    [
        (
            1,
            "A score this high or higher came from hardly any of 100 real test faces, "
            "and from hardly any of 100 fake ones.",
        ),
        (
            0.75,
            "A score this high or higher came from about 10 of 100 real test faces "
            "(5 to 15, by kind of picture), and from about 45 of 100 fake ones.",
        ),
        (
            0.25,
            "A score this low or lower came from about 5 of 100 fake test faces, "
            "and from about 40 of 100 real ones.",
        ),
        (
            0.5,
            "A score this high or higher came from about 20 of 100 real test faces "
            "(10 to 30, by kind of picture), and from about 90 of 100 fake ones.",
        ),
    ],
)
def test_a_score_is_said_in_counted_test_pictures(folder, p_fake, expected):
    assert manifest_of(folder, measured=MEASURED).frequency(p_fake) == f"{expected} {COUNTED}"


def test_nearly_all_and_never_measured_are_said_in_words(folder):
    assert "from nearly all of 100 real test faces" in manifest_of(
        folder, measured=MEASURED, band=[0, 0]
    ).frequency(0.001)
    assert "never measured" in manifest_of(folder).frequency(0.9)
    assert (
        manifest_of(folder, measured=MEASURED)
        .prediction(3, None)
        .frequency.startswith("A score this high")
    )


def test_what_is_known_of_a_model_is_one_line(folder):
    assert manifest_of(folder, note="Be careful.").about == (
        "How often this model is wrong was never measured. Be careful."
    )
    assert manifest_of(folder, measured=MEASURED).about == COUNTED


def test_each_verdict_names_the_kinds_it_was_tested_on_and_what_else_people_should_know(folder):
    named = MEASURED | {"about": {"near": "swapped faces", "far": "drawn faces"}}
    manifest = manifest_of(folder, measured=named, note="Be careful.")
    assert manifest.about == (
        "How often this model is wrong was counted on real faces, swapped faces and drawn faces, "
        "and on no other kinds of faces. Be careful."
    )
    assert manifest.frequency(0.9).endswith(f"fake ones. {manifest.about}")


@pytest.mark.parametrize(
    "values",
    [
        {"files": {}},
        {"files": ["model.keras"]},
        {"files": {"../secret.keras": "0"}},
        {"files": {"model.keras": 7}},
        {"name": None},
        {"name": " "},
        {"size": 0},
        {"size": "224"},
        {"size": 224.5},
        {"size": True},
        {"crop": "mouth"},
        {"output": "softmax"},
        {"speaks_for": ["fake"]},
        {"temperature": 0},
        {"temperature": None},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"temperature": 10**400},
        {"band": 0.5},
        {"band": [0.7, 0.3]},
        {"band": [0.3, 0.5, 0.7]},
        {"band": ["0.3", "0.7"]},
        {"band": [0.3, 1.7]},
        {"band": [0, 10**400]},
        {"note": 7},
        {"measured": [1]},
        {"measured": {"on": "nothing"}},
        {"measured": MEASURED | {"threshold": [0, 1]}},
        {"measured": MEASURED | {"threshold": [1, 0.5, 0]}},
        {"measured": MEASURED | {"reals": {"near": [1, None, 0]}}},
        {"measured": MEASURED | {"fakes": {"near": [100, 90, 0]}}},
        {"measured": MEASURED | {"fakes": {}}},
        {"measured": MEASURED | {"fakes": [1, 0.5, 0]}},
    ],
    ids=str,
)
def test_what_can_not_be_is_said_with_its_key(folder, values):
    text = sentence(write(folder, **values))
    assert (
        text.startswith("mine/manifest.json: expected ")
        and f"“{next(iter(values))}”" in text
        and "got" in text
    )


def test_unknown_and_missing_keys_are_named(folder):
    assert "“sise”, “threshold”" in sentence(write(folder, sise=224, threshold=0.5))
    (folder / "manifest.json").write_text(
        '{"folder": "/", "name": "mine", "files": {"a": "0"}, "size": 1}'
    )
    assert "“folder”" in sentence(folder)
    (folder / "manifest.json").write_text('{"name": "mine"}')
    assert "lacks “files”, “size”, “speaks_for”" in sentence(folder)


@pytest.mark.parametrize(
    "text", ["", "{", '{"name": ', "\x00", "[1, 2]", '"mine"', "7", "null", "[" * 10**5]
)
def test_a_manifest_that_is_no_json_object_gives_a_sentence(folder, text):
    (folder / "manifest.json").write_text(text)
    assert "mine/manifest.json" in sentence(folder)


def test_a_manifest_that_is_no_text_or_no_file_gives_a_sentence(folder):
    (folder / "manifest.json").write_bytes(b"\xff\xfe\x00")
    assert "can't be read" in sentence(folder)
    (folder / "manifest.json").unlink()
    assert "holds no manifest.json" in sentence(folder)
    (folder / "manifest.json").mkdir()
    assert "can't be read" in sentence(folder)
    assert "no folder" in sentence(folder / "gone")
    assert "no folder" in sentence(folder / "model.keras")


def test_a_file_that_is_not_listed_once_is_refused(folder):
    with pytest.raises(
        ModelError, match=r"expected one \.tflite file in mine/manifest\.json, got 0"
    ):
        manifest_of(folder).path(".tflite")
    with pytest.raises(ModelError, match="got 2"):
        manifest_of(folder, files={"a.keras": "0", "b.keras": "0"}).path(".keras")


def test_a_hash_in_capitals_is_the_same_hash(folder):
    check_file(folder / "model.keras", hashlib.sha256(b"weights").hexdigest().upper())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"weight", "sha256 differs (6 bytes here)"),
        (b"", "sha256 differs (0 bytes here)"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (None, "is missing"),
    ],
)
def test_another_file_is_refused_with_its_name_and_why(folder, content, expected):
    manifest = manifest_of(folder)
    (folder / "model.keras").unlink()
    if content is not None:
        (folder / "model.keras").write_bytes(content)
    with pytest.raises(ModelError) as caught:
        manifest.path(".keras")
    assert "mine/model.keras" in str(caught.value) and expected in str(caught.value)


def test_a_manifest_can_be_made_in_code(folder):
    manifest = Manifest(
        folder, "mine", {"model.keras": hashlib.sha256(b"weights").hexdigest()}, 224, "real"
    )
    assert manifest.path(".keras").name == "model.keras"
