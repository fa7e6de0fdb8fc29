"""Where would you draw the line? What the edges of "can't tell" do to faces of which the truth is
known."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
from markupsafe import Markup

from dfwidgets import background, markup
from dfwidgets.answers import sentence
from dfwidgets.background import in_turn
from dfwidgets.detectors import read_record
from dfwidgets.measure import EDGE_COST_HEADS, Chart, Scorecard, edge_cost_rows, find_scorecard
from dfwidgets.panels.parts import button, row, see
from dfwidgets.panels.widgets.slider import Slider
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.session import Session
from dfwidgets.wording import EDGES, NEVER_MEASURED, NOTHING_TO_COUNT, RELIABILITY


class ThresholdPanel(ipw.VBox):
    """Moves the edges of "can't tell" and says how many known faces would then be called wrongly.

    The verdict of the session follows the edges. A model that was never measured has none to count
    with.

    Args:
        session: the picture and the detector's answers; share it with the panel that opens
            pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.card: Scorecard | None = None
        self.real = Slider(label="Likely real up to")
        self.fake = Slider(label="Likely fake from")
        self.back = button("Back to the model's own edges")
        self.reliability = button("Do its scores come true?")
        self.said = ipw.HTML()
        self.chart = ipw.HTML()
        self.measured = ipw.VBox(
            [self.real, self.fake, self.said, row(self.back, self.reliability), self.chart]
        )
        self.message = ipw.HTML()
        super().__init__(
            [
                ipw.HTML(markup.heading("Where would you draw the line?")),
                self.message,
                self.measured,
            ]
        )
        self.add_class("dfw-panel")

        self._on_edge = in_turn(self._move)
        for slider in (self.real, self.fake):
            slider.observe(self._on_edge, "value")
        self.back.on_click(in_turn(lambda _: session.set_band(None)))
        self.reliability.on_click(in_turn(self._on_reliability))
        session.observe(self._forget, "detector")
        session.observe(self._on_prediction, ["band", "prediction"])
        self._forget()
        self._on_prediction()

    def _forget(self, _: Any = None) -> None:
        self.card, self.chart.value, self._asked = None, "", False
        self._say(markup.quiet("Once a picture is judged, what the edges mean appears here."))

    def _on_prediction(self, _: Any = None) -> None:
        if self._asked or self.session.prediction is None:
            self._show()
        else:
            self._read()

    def _read(self) -> None:
        detector = self.session.detector
        record = read_record(detector)
        self._asked = True
        if not record.was_counted:
            self._say(markup.quiet(f"{NEVER_MEASURED} {NOTHING_TO_COUNT}"))
            return
        self._say(markup.quiet("Reading what was counted..."))

        def done(card: Scorecard | None, error: Exception | None) -> None:
            if detector is self.session.detector:
                self.card = card
                self._say(markup.error(sentence(error)) if error else markup.NOTHING)

        def work() -> Scorecard | None:
            scorecard = find_scorecard(record)
            return scorecard.degraded() if scorecard else None

        background.submit(work, done)

    def _say(self, inner: Markup) -> None:
        self.message.value = markup.block(inner)
        self._show()

    def _move(self, change: Any) -> None:
        # Whoever pushes one edge over the other takes it along.
        low, high = self.real.value, self.fake.value
        self.session.set_band(
            (min(low, high), high) if change.owner is self.fake else (low, max(low, high))
        )

    def _show(self, _: Any = None) -> None:
        see(self.measured, self.card is not None)
        if self.card is None:
            return
        low, high = band = self.session.band or self.card.band
        for slider, edge in ((self.real, low), (self.fake, high)):
            slider.unobserve(self._on_edge, "value")
            slider.value = edge
            slider.observe(self._on_edge, "value")
        prediction = self.session.prediction
        self.fake.said = verdict_markup.your_picture(prediction) if prediction else ""
        table = markup.table(EDGE_COST_HEADS, edge_cost_rows(self.card, band))
        self.said.value = markup.block(
            markup.paragraphs(self.fake.said, "Of 100 faces each:"), table, markup.quiet(EDGES)
        )

    def _on_reliability(self, _: Any) -> None:
        card = self.card
        if card is None or self.chart.value:
            self.chart.value = ""
            return
        self.chart.value = markup.block(markup.quiet("Drawing..."))

        def done(chart: Chart | None, error: Exception | None) -> None:
            if card is self.card:
                if error is not None:
                    drawn = markup.error(sentence(error))
                elif chart is not None:
                    drawn = markup.wide(Markup(chart._repr_html_()))
                self.chart.value = markup.block(drawn, markup.paragraphs(RELIABILITY))

        background.submit(card.reliability, done)
