"""What README promises works as it is written there."""

import re

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets import shipped
from tests.helpers import ROOT


def blocks():
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def test_the_cells_run_in_the_notebooks_folder(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    names: dict = {}
    for block in blocks()[:-1]:
        exec(block, names)
    assert names["session"].detector.methods[0] == "Grad-CAM"


def test_the_detector_of_ones_own_plays_in_both_panels():
    names: dict = {"df": df}
    exec(blocks()[-1], names)
    session = df.Session(names["Brightness"]())
    upload, heatmap = df.UploadPanel(session), df.HeatmapPanel(session)
    session.open(np.full((8, 8, 3), 204, np.uint8))
    session.judge(None)
    assert session.prediction.p_fake == pytest.approx(0.8)
    assert "Likely fake" in upload.verdict.value
    assert heatmap.picture.heat
    assert heatmap.method.layout.display == "none", "a map of one's own is not called Grad-CAM"


def test_the_wheel_has_the_name_that_it_is_built_with():
    assert (
        f"dfwidgets-{shipped.__version__}-py3-none-any.whl[apps]"
        in (ROOT / "README.md").read_text()
    )


def test_every_file_that_it_shows_or_links_is_there():
    for target in re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / target).exists(), target
