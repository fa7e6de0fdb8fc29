"""What the file of the picture says of itself, beside the score and never mixed into it."""

from __future__ import annotations

from typing import Any

from dfwidgets import markup
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html
from dfwidgets.session import Session
from dfwidgets.wording import NO_FILE, PROVES_NOTHING


class FactsPanel(Panel):
    """Shows what the file says: camera, dates, how it was saved, Content Credentials.

    Args:
        session: the picture; share it with the panel that opens pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.facts = Html()
        super().__init__(
            "What the file says",
            self.facts,
            until="Once a picture is opened, what its file says appears here.",
        )

        self.on(session, self._show_facts, "image", "facts")
        self._show_facts()

    def _show_facts(self, _: Any = None) -> None:
        facts = self.session.facts
        self.set_empty(self.session.image is None)
        if facts is not None:
            self.facts.show(markup.facts(facts.sentences), markup.quiet(PROVES_NOTHING))
        else:
            # Where there is no picture either, this is not seen.
            self.facts.show(markup.quiet(NO_FILE))
