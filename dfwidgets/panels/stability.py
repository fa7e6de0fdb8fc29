"""The same picture, sent again as pictures are: does the verdict hold?"""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from dfwidgets import background, markup
from dfwidgets.answers import sentence
from dfwidgets.background import in_turn
from dfwidgets.detectors import read_record
from dfwidgets.panels.attack import Fool
from dfwidgets.panels.parts import button, row, see
from dfwidgets.report import copies
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.robustness import Strip, send_again
from dfwidgets.session import Session

_ABOUT = (
    "Phones, messengers and web pages change each picture a little: they save it anew, make it smaller, crop it. "
    "Send it again, changed in twelve such ways, and see whether the answer stays."
)


class StabilityPanel(ipw.VBox):
    """Shows what becomes of the verdict under everyday changes, and on request how little fools the detector.

    A verdict that everyday changes turn becomes "can't tell", in every panel of the session.

    Args:
        session: the picture and the verdict; share it with the panel that opens pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.strip: Strip | None = None
        self._asked: object = None  # the verdict that is waited for
        self.send = button("Send it again, changed", "dfw-go")
        self.message, self.row, self.result, self.often = (
            ipw.HTML(),
            ipw.HTML(),
            ipw.HTML(),
            ipw.HTML(),
        )
        self.fool = Fool(session)
        about = ipw.HTML(markup.block(markup.quiet(_ABOUT)))
        self.tools = ipw.VBox(
            [about, row(self.send), self.message, self.result, self.row, self.fool, self.often]
        )
        self.empty = ipw.HTML(
            markup.block(markup.quiet("Once a picture is judged, it can be sent again here."))
        )
        super().__init__(
            [ipw.HTML(markup.heading("Does the verdict hold?")), self.empty, self.tools]
        )
        self.add_class("dfw-panel")

        self.send.on_click(in_turn(self._on_send))
        session.observe(self._on_prediction, "prediction")
        self._on_prediction()

    def _on_prediction(self, _: Any = None) -> None:
        judged = self.session.prediction is not None
        see(self.tools, judged)
        see(self.empty, not judged)
        if judged:
            record = read_record(self.session.detector)
            counted = record.likely_fake_begins(self.session.band)
            self.often.value = markup.block(verdict_markup.often_wrong(counted))
        self.strip = self._asked = None
        self.fool.clear()
        self._show()

    def _on_send(self, _: Any) -> None:
        session = self.session
        image, face, prediction, detector = (
            session.image,
            session.face,
            session.prediction,
            session.detector,
        )
        band = session.band
        if prediction is None or self._asked is not None:
            return

        def done(strip: Strip | None, error: Exception | None) -> None:
            if self._asked is not prediction:
                return  # another picture, face or detector came meanwhile
            if strip is not None and strip.flips:
                session.withhold(
                    prediction, strip.sentence
                )  # a new verdict, which clears this panel
            self._asked, self.strip = None, strip
            self._show(error)

        self._asked = prediction
        self._show()
        background.submit(lambda: send_again(detector, image, face, band=band), done)

    def _show(self, error: Exception | None = None) -> None:
        strip = self.strip
        if error is not None:
            said = markup.error(sentence(error))
        else:
            said = (
                markup.quiet("Sending it twelve times...")
                if self._asked is not None
                else markup.NOTHING
            )
        self.message.value = markup.block(said)
        self.row.value = markup.block(copies(strip)) if strip else ""
        self.result.value = markup.block(markup.strong(strip.sentence)) if strip else ""
        self.fool.strength.said = strip.sentence if strip else ""
