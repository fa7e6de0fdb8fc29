"""Choose which model is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as ipw

from dfwidgets import markup
from dfwidgets.detector import Detector
from dfwidgets.detectors import read_record
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html, set_visible
from dfwidgets.session import Session


class ModelPanel(Panel):
    """Lets people choose between models; where there is only one, nothing is seen.

    Args:
        detectors: the models by the names that people read, as `find_detectors` gives them.
        sessions: where the chosen one is asked from then on.

    Raises:
        ValueError: there is no detector.
    """

    def __init__(self, detectors: Mapping[str, Detector], *sessions: Session) -> None:
        if not detectors:
            raise ValueError("expected at least one detector, got none")
        self.detectors = dict(detectors)
        self.sessions = sessions

        self.choice = ipw.Dropdown(
            options=list(self.detectors),
            description="Model",
            style={"description_width": "initial"},
            layout={
                "width": "auto",
                "max_width": "420px",
                "height": "44px",
                "margin": "0 8px 8px 2px",
            },
        )
        self.about = Html()
        super().__init__("", self.choice, self.about)
        set_visible(self, len(self.detectors) > 1)

        self.on(self.choice, self._on_choice, "value")
        for session in sessions:
            self.on(session, self._show_choice, "detector")
        self._show_choice()
        self._on_choice()

    def _on_choice(self, _: Any = None) -> None:
        detector = self.detectors[self.choice.value]
        for session in self.sessions:
            if session.detector is not detector:
                session.use_detector(detector)
        # Last: what goes wrong here must not leave another model answering than the one that is
        # shown.
        self.about.show(markup.quiet(read_record(detector).measured))

    def _show_choice(self, _: Any = None) -> None:
        """A detector chosen elsewhere, in a cell of a notebook, is the one that is shown."""
        for session in self.sessions[:1]:
            for name, detector in self.detectors.items():
                if session.detector is detector:
                    self.choice.value = name
