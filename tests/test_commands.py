"""Each file of models/training can be imported, and has a name of its own."""

import importlib

import pytest

from tests.helpers import ROOT

TRAINING = ROOT / "models" / "training"
NEED_TORCH = (
    "torch_layers",
    "torch_learner",
    "torch_network",
)  # which no extra brings, as it is large
FILES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for path in TRAINING.rglob("*.py")
    if path.stem not in ("__init__", *NEED_TORCH)
)


@pytest.mark.model
@pytest.mark.parametrize("name", FILES)
def test_every_module_of_the_pipeline_can_be_imported(name):
    importlib.import_module(name)


def test_no_file_of_the_pipeline_is_called_like_one_of_the_package():
    names = [path.stem for path in TRAINING.rglob("*.py") if path.stem != "__init__"]
    package = {path.stem for path in (ROOT / "dfwidgets").rglob("*.py")}
    assert len(names) == len(set(names)) > 20
    assert not package & set(names)
