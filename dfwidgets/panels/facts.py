"""What the file of the picture says of itself, beside the score and never mixed into it."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from dfwidgets import markup
from dfwidgets.session import Session
from dfwidgets.wording import PROVES_NOTHING


class FactsPanel(ipw.VBox):
    """Shows what the file of the picture says: camera, dates, how it was saved, Content Credentials.

    Args:
        session: the picture; share it with the panel that opens pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.said = ipw.HTML()
        super().__init__([ipw.HTML(markup.heading("What the file says")), self.said])
        self.add_class("dfw-panel")

        session.observe(self._show_facts, ["image", "facts"])
        self._show_facts()

    def _show_facts(self, _: Any = None) -> None:
        session = self.session
        if session.facts is not None:
            said = markup.facts(session.facts.sentences) + markup.quiet(PROVES_NOTHING)
        elif session.image is None:
            said = markup.quiet("Once a picture is opened, what its file says appears here.")
        else:
            said = markup.quiet(
                "This picture came as numbers and not as a file, so there is no file to read."
            )
        self.said.value = markup.block(said)
