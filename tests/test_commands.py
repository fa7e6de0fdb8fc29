"""Each command of models/training can at least be started."""

import importlib

import pytest

from tests.helpers import ROOT

COMMANDS = sorted(
    path.stem for path in (ROOT / "models" / "training").glob("*.py") if path.stem != "__init__"
)


@pytest.mark.model
@pytest.mark.parametrize("name", COMMANDS)
def test_every_module_of_the_pipeline_can_be_imported(name):
    importlib.import_module(f"models.training.{name}")
