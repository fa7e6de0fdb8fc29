"""Where would you draw the line? What the edges of "can't tell" do to known faces."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
from markupsafe import Markup

from dfwidgets import markup
from dfwidgets.answers import sentence
from dfwidgets.background import BESIDE, Latest
from dfwidgets.detectors import read_record
from dfwidgets.measure import EDGE_COST_HEADS, Chart, Scorecard, edge_cost_rows, find_scorecard
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html, button, row
from dfwidgets.panels.widgets.slider import Slider
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.session import Session
from dfwidgets.wording import EDGES, NEVER_MEASURED, NOTHING_TO_COUNT, RELIABILITY

_LATER = "Once a picture is judged, what the edges mean appears here."


class ThresholdPanel(Panel):
    """Moves the edges of "can't tell" and counts the known faces that are then called wrongly.

    The verdict of the session follows the edges. A model that was never measured has none to count
    with.

    Args:
        session: the picture and the detector's answers; share it with the panel that opens
            pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.scorecard: Scorecard | None = None
        self._begun = False  # whether the figures of this detector were asked for
        self._reading = Latest()
        self._drawing = Latest()

        self.real = Slider(label="Likely real up to")
        self.fake = Slider(label="Likely fake from")
        self.counts = Html()
        self.back = button("Back to the model's own edges")
        self.reliability = button("Do its scores come true?")
        self.chart = Html()
        self.measured = ipw.VBox(
            [self.real, self.fake, self.counts, row(self.back, self.reliability), self.chart]
        )
        super().__init__("Where would you draw the line?", self.measured, until=_LATER)

        self.on(self.real, self._on_real_edge, "value")
        self.on(self.fake, self._on_fake_edge, "value")
        self.on(self.back, lambda _: session.set_band(None))
        self.on(self.reliability, self._on_reliability)
        self.on(session, self._on_detector, "detector")
        self.on(session, self._on_prediction, "band", "prediction")
        self._on_detector()
        self._on_prediction()

    def _on_detector(self, _: Any = None) -> None:
        self._begun = False
        self._reading.forget()
        self._drawing.forget()
        self.chart.show()
        self._show_none(markup.quiet(_LATER))

    def _on_prediction(self, _: Any = None) -> None:
        # Once for each detector: its figures are the same whatever picture is open.
        if self.session.prediction is not None and not self._begun:
            self._begun = True
            self._read()
        elif self.scorecard is not None:
            self._show_counts(self.scorecard)

    def _read(self) -> None:
        record = read_record(self.session.detector)
        if not record.was_counted:
            self._show_none(markup.quiet(f"{NEVER_MEASURED} {NOTHING_TO_COUNT}"))
            return

        def work() -> Scorecard | None:
            return find_scorecard(record, "none")

        def done(scorecard: Scorecard | None) -> None:
            if scorecard is None:
                self._show_none()
            else:
                self._show_counts(scorecard)

        self._show_none(markup.quiet("Reading what was counted..."))
        self._reading.ask(
            work,
            done,
            lambda error: self._show_none(markup.error(sentence(error))),
            worker=BESIDE,
        )

    def _on_real_edge(self, _: Any) -> None:
        # Whoever pushes one edge over the other takes it along.
        self.session.set_band((self.real.value, max(self.real.value, self.fake.value)))

    def _on_fake_edge(self, _: Any) -> None:
        self.session.set_band((min(self.real.value, self.fake.value), self.fake.value))

    def _show_none(self, *why: Markup) -> None:
        """There are no figures, yet or at all."""
        self.scorecard = None
        self.set_empty(True)
        self.empty.show(*why)

    def _show_counts(self, scorecard: Scorecard) -> None:
        self.scorecard = scorecard
        self.set_empty(False)
        self.empty.show()

        band = self.session.band or scorecard.band
        # The sliders follow the edges that count; nobody moved them.
        with self.silently():
            self.real.value, self.fake.value = band

        prediction = self.session.prediction
        here = verdict_markup.your_picture(prediction) if prediction else ""
        self.fake.announcement = here
        self.counts.show(
            markup.paragraphs(here, "Of 100 faces each:"),
            markup.table(EDGE_COST_HEADS, edge_cost_rows(scorecard, band)),
            markup.quiet(EDGES),
        )

    def _on_reliability(self, _: Any) -> None:
        # A second press takes the diagram away, drawn or not.
        self._drawing.forget()
        if self.scorecard is None or self.chart.value:
            self.chart.show()
            return

        def done(chart: Chart) -> None:
            diagram = markup.wide(Markup(chart._repr_html_()))
            self.chart.show(diagram, markup.paragraphs(RELIABILITY))

        def failed(error: Exception) -> None:
            self.chart.show(markup.error(sentence(error)), markup.paragraphs(RELIABILITY))

        self.chart.show(markup.quiet("Drawing..."))
        self._drawing.ask(self.scorecard.reliability, done, failed, worker=BESIDE)
