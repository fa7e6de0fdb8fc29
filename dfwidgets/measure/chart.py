"""What every chart is made of: its panels, its colours, and a text for those who can't see it."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind people tell apart; lines and hatches differ, too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
LINES = ("-", "--", ":", "-.")


class Chart:
    """A picture of figures, shown by Jupyter with a text that says the same.

    Attributes:
        figure: matplotlib's.
        text: what the chart shows, in words and numbers.
    """

    def __init__(self, figure: Figure, text: str) -> None:
        self.figure = figure
        self.text = text

    def _repr_html_(self) -> str:
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=110)
        data = base64.b64encode(buffer.getvalue()).decode()
        source = f"data:image/png;base64,{data}"
        return f'<img style="max-width:100%" alt="{escape(self.text)}" src="{source}">'


def panels(count: int, height: float, width: float | None = None) -> tuple[Any, list[Axes]]:
    """A figure with so many panels side by side, sizes in inches."""
    # Without pyplot, so that no figure stays open and no backend is chosen.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width or 2.9 * count + 0.6, height), layout="constrained")
    axes = list(np.atleast_1d(figure.subplots(1, count, sharex=count > 1)))
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def draw_diagonal(axis: Axes) -> None:
    """What chance, or a perfect calibration, would look like."""
    axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)


def plain_title(name: str) -> str:
    """A name from outside: matplotlib would take what stands between two "$" for a formula."""
    return name.replace("$", r"\$")
