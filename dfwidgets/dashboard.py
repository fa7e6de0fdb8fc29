"""All panels in tabs, for Voila."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as ipw

from dfwidgets import markup
from dfwidgets.background import in_turn
from dfwidgets.detector import Detector
from dfwidgets.folders import Samples
from dfwidgets.game import Game
from dfwidgets.panels.batch import BatchPanel
from dfwidgets.panels.evidence import EvidencePanel
from dfwidgets.panels.facts import FactsPanel
from dfwidgets.panels.game.panel import GamePanel
from dfwidgets.panels.heatmap import HeatmapPanel
from dfwidgets.panels.model import ModelPanel
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html
from dfwidgets.panels.stability import StabilityPanel
from dfwidgets.panels.threshold import ThresholdPanel
from dfwidgets.panels.upload import UploadPanel
from dfwidgets.session import Session

_ABOUT = (
    "This page helps you to explore whether a picture of a face is a photograph or was made or "
    "changed by a computer. It can be wrong in both directions, and it says how often.",
    "Your picture is read on the computer that runs this page. It is not stored and not sent on.",
    "Do not use it to accuse anyone, to moderate, to hire, or as proof of anything.",
)


class _Tabs(ipw.Tab):
    """Tabs of which each is filled when it is first opened; most visitors never open most."""

    def __init__(self, panels: Mapping[str, Callable[[], list[ipw.Widget]]]) -> None:
        self._panels = list(panels.values())
        super().__init__([ipw.VBox() for _ in panels], titles=list(panels), selected_index=0)
        self.observe(in_turn(self._fill), "selected_index")
        self._fill()

    def _fill(self, _: Any = None) -> None:
        index = self.selected_index
        if index is not None and not self.children[index].children:
            self.children[index].children = self._panels[index]()


def dashboard(
    detector: Detector | Mapping[str, Detector], samples: Samples | None = None
) -> ipw.VBox:
    """Put the panels together as one page; the model gets ready while the page is already seen.

    Args:
        detector: what `load_detector` gives, or anything with `predict` and `explain`; or several
            by name, as `find_detectors` gives them, for people to choose from.
        samples: the pictures to play with, as `load_samples` gives them; without them there is no
            game.

    Raises:
        ValueError: there is no detector.
    """
    detectors = detector if isinstance(detector, Mapping) else {"the model": detector}
    if not detectors:
        raise ValueError("expected at least one detector, got none")
    first = next(iter(detectors.values()))
    session = Session(first)
    # The game has a session of its own, or the first tab would show its pictures.
    game_session = Session(first)

    look = [
        ModelPanel(detectors, session, game_session),
        UploadPanel(session),
        HeatmapPanel(session),
        FactsPanel(session),
    ]
    tabs: dict[str, Callable[[], list[ipw.Widget]]] = {"Look at a picture": lambda: look}
    if samples is not None:
        tabs["Can you beat the model?"] = lambda: [GamePanel(Game(samples), game_session)]
    tabs["Question the verdict"] = lambda: [
        ThresholdPanel(session),
        StabilityPanel(session),
        EvidencePanel(session),
    ]
    tabs["Many pictures"] = lambda: [BatchPanel(session)]
    tabs["About"] = lambda: [Panel("What is this page for?", Html(markup.paragraphs(*_ABOUT)))]

    title = ipw.HTML("<h1>Real or deepfake?</h1>")
    page = ipw.VBox([title, _Tabs(tabs)])
    page.add_class("dfw-page")
    session.load()
    return page
