"""All panels in tabs, for Voila."""

from __future__ import annotations

import ipywidgets as ipw

from dfwidgets.detector import Detector
from dfwidgets.panels import _html
from dfwidgets.panels.heatmap import HeatmapPanel
from dfwidgets.panels.upload import UploadPanel
from dfwidgets.session import Session

_ABOUT = (
    "This page helps you to explore whether a picture of a face is a photograph or was made or changed by a "
    "computer. It can be wrong in both directions, and it says how often.",
    "Your picture is read on the computer that runs this page. It is not stored and not sent on.",
    "Do not use it to accuse anyone, to moderate, to hire, or as proof of anything.",
)


def dashboard(detector: Detector) -> ipw.VBox:
    """Put the panels together as one page; the model gets ready while the page is already seen.

    Args:
        detector: what `load_detector` gives, or anything with `predict` and `explain`.
    """
    session = Session(detector)
    look = ipw.VBox([UploadPanel(session), HeatmapPanel(session)])
    about = ipw.HTML(_html.block("".join(f"<p>{line}</p>" for line in _ABOUT)))
    tabs = ipw.Tab([look, about], titles=["Look at a picture", "About"])
    page = ipw.VBox([ipw.HTML("<h1>Real or deepfake?</h1>"), tabs])
    page.add_class("dfw-page")
    session.load()
    return page
