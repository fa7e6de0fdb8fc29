"""What lies in a folder of models is found and named."""

import json
import shutil
import sys

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.detectors import read_record
from dfwidgets.detectors.lite import LiteDetector
from tests.helpers import (
    ANCESTOR,
    ROOT,
    SHIPPED,
    as_another_user,
    dense_layer,
    keras_file,
    needs_ancestor,
)


@pytest.fixture
def models(tmp_path):
    """A folder of models as people leave them."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("zebra", "mine", "Apple"):
        df.write_manifest(
            keras_file(folder / name, dense_layer("sigmoid")), speaks_for="fake", name=f"{name} net"
        )
    shutil.copytree(
        SHIPPED, folder / "detector", ignore=lambda *_: ["model.keras", "predictions.csv"]
    )
    for name in ("training", "__pycache__"):
        (folder / name).mkdir()
        (folder / name / "train.py").write_text("")
    (folder / "README.md").write_text("")
    return folder


def test_every_model_of_a_folder_is_found_by_its_name_and_the_shipped_one_comes_first(models):
    found = df.find_detectors(models)
    assert list(found) == ["dfwidgets Lite0", "Apple net", "mine net", "zebra net"]
    assert isinstance(found["dfwidgets Lite0"], LiteDetector)
    assert found["mine net"].folder == models / "mine"
    assert all(isinstance(one, df.Detector) for one in found.values())


def test_two_models_of_one_name_are_told_apart(models):
    for one in ("Apple", "mine"):
        df.write_manifest(models / one, speaks_for="fake", name="dfwidgets Lite0", overwrite=True)
    found = df.find_detectors(models)
    assert list(found) == [
        "dfwidgets Lite0",
        "dfwidgets Lite0 (Apple)",
        "dfwidgets Lite0 (mine)",
        "zebra net",
    ]
    assert len({one.folder for one in found.values()}) == 4


BROKEN = [
    "",
    "[7]",
    '{"name": 7}',
    '{"files": [7]}',
    '{"files": {"model.keras": "0"}}',
    "[" * 10**5,
]
TOO_HOT = (
    '{"name": "x", "files": {"model.keras": "0"}, "size": 8, "speaks_for": "fake", '
    '"temperature": 1%s}' % ("0" * 400)
)


@pytest.mark.parametrize("text", [*BROKEN, TOO_HOT], ids=lambda text: text[:30])
def test_a_model_with_a_broken_manifest_is_listed_and_says_why_when_it_is_asked(models, text):
    (models / "mine" / "manifest.json").write_text(text)
    found = df.find_detectors(models)
    assert "mine" in found and len(found) == 4
    with pytest.raises(df.ModelError, match=r"mine/manifest\.json"):
        found["mine"].predict(np.zeros((8, 8, 3), np.uint8))
    assert read_record(found["mine"]).measured == ""


def test_a_model_whose_manifest_is_still_to_be_written_says_how(models):
    (models / "mine" / "manifest.json").unlink()
    with pytest.raises(df.ModelError, match=r"models/README\.md says how to write one"):
        df.find_detectors(models)["mine"].predict(np.zeros((8, 8, 3), np.uint8))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
@pytest.mark.parametrize("mode", [0o000, 0o400, 0o100], ids=oct)
def test_a_folder_that_may_not_be_looked_into_is_listed_and_says_so_when_it_is_asked(
    models, open_place, mode
):
    shutil.copytree(models, open_place, dirs_exist_ok=True)
    mine = open_place / "mine"
    (mine / "manifest.json").chmod(0)
    for name in ("model.json", "model.h5"):
        (mine / name).write_bytes(b"")
    mine.chmod(mode)
    (open_place / "link").symlink_to(mine / "inner")
    code = (
        "import numpy as np\n"
        "found = df.find_detectors(sys.argv[1])\n"
        "print(*found, sep=', ')\n"
        "try: found['mine'].predict(np.zeros((8, 8, 3), np.uint8))\n"
        "except df.ModelError as error: print(error)\n"
        "print(repr(df.detectors.read_record(found['mine']).measured))\n"
    )
    names, sentence, measured = as_another_user(code, open_place).splitlines()
    assert names == "dfwidgets Lite0, Apple net, mine, zebra net"
    assert "mine/manifest.json can't be read" in sentence
    assert measured == "''"


def a_pair(folder, *layers):
    """The ancestor's two files, without weights: its JSON with these layers."""
    folder.mkdir(exist_ok=True)
    (folder / "net.json").write_text(json.dumps({"config": {"layers": layers}}))
    (folder / "net.h5").write_bytes(b"")
    return folder


POOL = {"class_name": "GlobalMaxPooling2D", "config": {}}
END = {"class_name": "Dense", "config": {"units": 1, "activation": "sigmoid", "use_bias": True}}


def network(size, pool=POOL, **other):
    first = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, size, size, 3]}}
    return {"class_name": "Functional", "config": {"layers": [first, pool]}} | other


def test_a_pair_is_found_beside_what_a_mac_left_there(tmp_path):
    a_pair(tmp_path / "mine", network(64), END)
    for name in ("._net.json", "._net.h5"):
        (tmp_path / "mine" / name).write_bytes(b"\0")
    assert "high number meaning real" in read_record(df.find_detectors(tmp_path)["mine"]).measured


@pytest.mark.parametrize(
    "layers",
    [
        (network(64), END | {"class_name": 7}),
        (network(64), END | {"class_name": ["Dense"]}),
        (network(64), END | {"config": None}),
        (network(64), END | {"config": ["units"]}),
        (network(64, class_name=None), END),
        (network(64, config=[]), END),
        (network(64, pool=POOL | {"class_name": {}}), END),
        (network(8), END),
        (network(True), END),
        (network("64"), END),
        (7,),
        (),
    ],
    ids=str,
)
def test_a_pair_with_a_strange_json_gets_a_sentence(tmp_path, layers):
    folder = a_pair(tmp_path / "odd", *layers)
    with pytest.raises(
        df.ModelError, match=r"odd/net\.json .*known here.* \.keras file and use that"
    ):
        df.write_manifest(folder, speaks_for="real")
    assert read_record(df.find_detectors(tmp_path)["odd"]).measured == ""


def test_a_pair_with_a_deeply_nested_json_gets_a_sentence(tmp_path):
    folder = a_pair(tmp_path / "odd")
    (folder / "net.json").write_text("[" * 10**5)
    with pytest.raises(df.ModelError, match=r"odd/net\.json is no Keras architecture"):
        df.write_manifest(folder, speaks_for="real")
    assert read_record(df.find_detectors(tmp_path)["odd"]).measured == ""


def test_a_model_that_fails_to_say_what_is_known_of_it_is_the_one_that_answers():
    class Odd(LiteDetector):
        folder = property(lambda self: 1 / 0, lambda self, folder: None)

    detectors = {"shipped": df.load_detector(SHIPPED), "odd": Odd(SHIPPED)}
    session = df.Session(detectors["shipped"])
    panel = df.ModelPanel(detectors, session)
    with pytest.raises(ZeroDivisionError):
        panel.choice.value = "odd"
    assert session.detector is detectors[panel.choice.value] is detectors["odd"]


def test_a_folder_without_models_and_no_folder(tmp_path):
    assert df.find_detectors(tmp_path) == {}
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        df.find_detectors(tmp_path / "gone")


@needs_ancestor
def test_the_ancestor_s_pair_is_found_without_a_manifest(models):
    shutil.copytree(ANCESTOR, models / "ancestor")
    found = df.find_detectors(models)
    assert list(found)[:3] == ["dfwidgets Lite0", "ancestor", "Apple net"]
    assert "high number meaning real" in read_record(found["ancestor"]).measured


def test_the_repository_s_own_models_are_found():
    assert next(iter(df.find_detectors(ROOT / "models"))) == "dfwidgets Lite0"
