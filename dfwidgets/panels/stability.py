"""The same picture, sent again as pictures are: does the verdict hold?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as ipw

from dfwidgets import markup
from dfwidgets.answers import sentence
from dfwidgets.background import Latest
from dfwidgets.detectors import read_record
from dfwidgets.panels.attack import AttackPart
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html, button, row
from dfwidgets.report import copies
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.robustness import Strip, send_again
from dfwidgets.session import Session
from dfwidgets.session_state import OF_VERDICTS

_ABOUT = (
    "Phones, messengers and web pages change each picture a little: they save it anew, make it "
    "smaller, crop it. Send it again, changed in twelve such ways, and see whether the answer "
    "stays."
)


class StabilityPanel(Panel):
    """Shows what becomes of the verdict under everyday changes, and how little fools the detector.

    A verdict that everyday changes turn becomes "can't tell", in every panel of the session.

    Args:
        session: the picture and the verdict; share it with the panel that opens pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.strip: Strip | None = None
        self._sending = Latest()

        about = Html(markup.quiet(_ABOUT))
        self.send = button("Send it again, changed", "dfw-go")
        self.message = Html()
        self.result = Html()
        self.copies = Html()
        self.attack = AttackPart(session)
        self.often = Html()
        self.tools = ipw.VBox(
            [
                about,
                row(self.send),
                self.message,
                self.result,
                self.copies,
                self.attack,
                self.often,
            ]
        )
        super().__init__(
            "Does the verdict hold?",
            self.tools,
            until="Once a picture is judged, it can be sent again here.",
        )

        self.on(self.send, self._on_send)
        self.on(session, self._on_prediction, "prediction")
        self.on(session, self._on_pending, "pending")
        self._on_prediction()

    def _on_prediction(self, _: Any = None) -> None:
        session = self.session
        self.set_empty(session.prediction is None)
        if session.prediction is not None:
            counted = read_record(session.detector).likely_fake_begins(session.band)
            self.often.show(verdict_markup.often_wrong(counted))

        # What was found out of the verdict before says nothing of this one.
        self._sending.forget()
        self.attack.clear()
        self.message.show()
        self._show_strip(None)

    def _on_pending(self, _: Any) -> None:
        # Whoever asks for another verdict does not wait for this one's strip.
        if self.session.pending in OF_VERDICTS and self._sending.pending:
            self._sending.forget()
            self.message.show()

    def _on_send(self, _: Any) -> None:
        # As they are now: when the worker comes to it the session may hold another picture.
        session = self.session
        prediction = session.prediction
        image = session.image
        face = session.face
        band = session.band
        detector = session.adapted
        if prediction is None or self._sending.pending:
            return

        def work(progress: Callable[[float], None]) -> Strip:
            return send_again(detector, image, face, band=band, progress=progress)

        def done(strip: Strip) -> None:
            if strip.flips:
                # That makes a new verdict, which clears this panel: the strip is shown after it.
                session.withhold(prediction, strip.sentence)
            self.message.show()
            self._show_strip(strip)

        def failed(error: Exception) -> None:
            self._show_strip(None)
            self.message.show(markup.error(sentence(error)))

        self.message.show(markup.quiet("Sending it twelve times..."))
        self._sending.ask_slowly(
            work,
            done,
            failed,
            lambda fraction: None,
            worker=detector.worker("predict"),
        )

    def _show_strip(self, strip: Strip | None) -> None:
        self.strip = strip
        # The slider has the only line of this panel that a screen reader reads out by itself.
        if strip is None:
            self.copies.show()
            self.result.show()
            self.attack.strength.announcement = ""
        else:
            self.copies.show(copies(strip))
            self.result.show(markup.strong(strip.sentence))
            self.attack.strength.announcement = strip.sentence
