"""What lies in a folder of models is found and named."""

import shutil

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.lite_detector import LiteDetector
from dfwidgets.loading import about
from tests.test_writing import ANCESTOR, ROOT, SHIPPED, dense, saved


@pytest.fixture
def models(tmp_path):
    """A folder of models as people leave them."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("zebra", "mine", "Apple"):
        df.write_manifest(saved(folder / name, dense("sigmoid")), speaks_for="fake", name=f"{name} net")
    shutil.copytree(SHIPPED, folder / "detector", ignore=lambda *_: ["model.keras", "predictions.csv"])
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
    df.write_manifest(models / "zebra", speaks_for="fake", name=" ", overwrite=True)
    found = df.find_detectors(models)
    assert list(found) == ["dfwidgets Lite0", "dfwidgets Lite0 (Apple)", "dfwidgets Lite0 (mine)", "zebra"]
    assert len({one.folder for one in found.values()}) == 4


@pytest.mark.parametrize("text", ["", "[7]", '{"name": 7}', '{"files": [7]}', '{"files": {"model.keras": "0"}}'])
def test_a_model_with_a_broken_manifest_is_listed_and_says_why_when_it_is_asked(models, text):
    (models / "mine" / "manifest.json").write_text(text)
    found = df.find_detectors(models)
    assert "mine" in found and len(found) == 4
    with pytest.raises(df.ModelError, match=r"mine/manifest\.json"):
        found["mine"].predict(np.zeros((8, 8, 3), np.uint8))
    assert about(found["mine"]) == ""


def test_a_model_whose_manifest_is_still_to_be_written_says_how(models):
    (models / "mine" / "manifest.json").unlink()
    with pytest.raises(df.ModelError, match=r"models/README\.md says how to write one"):
        df.find_detectors(models)["mine"].predict(np.zeros((8, 8, 3), np.uint8))


def test_a_folder_without_models_and_no_folder(tmp_path):
    assert df.find_detectors(tmp_path) == {}
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        df.find_detectors(tmp_path / "gone")


@pytest.mark.skipif(not ANCESTOR.is_dir(), reason="the ancestor's model (shared/ancestor) is not beside this checkout")
def test_the_ancestor_s_pair_is_found_without_a_manifest(models):
    shutil.copytree(ANCESTOR, models / "ancestor")
    found = df.find_detectors(models)
    assert list(found)[:3] == ["dfwidgets Lite0", "ancestor", "Apple net"]
    assert "high number meaning real" in about(found["ancestor"])


def test_the_repository_s_own_models_are_found():
    assert next(iter(df.find_detectors(ROOT / "models"))) == "dfwidgets Lite0"
