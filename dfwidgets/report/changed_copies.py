"""The row of changed copies: each with its name, its score on a small scale, and its word."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from html import escape

import numpy as np

from dfwidgets import markup
from dfwidgets.detector import Prediction
from dfwidgets.pictures import to_png
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.robustness import Copy, Strip
from dfwidgets.wording import ON_EACH_SCALE, probability


def as_png(image: np.ndarray) -> str:
    """A thumbnail as the address of itself: a data URL of a PNG."""
    return "data:image/png;base64," + b64encode(to_png(image)).decode()


def copies(strip: Strip, url: Callable[[np.ndarray], str] = as_png) -> str:
    """The picture as it is and its copies, as a list; and what stands on their scales.

    `url` makes of each picture, uint8 (height, width, 3), the address of its thumbnail.
    """
    low, high = strip.original.prediction.band
    against = set(map(id, strip.against))
    told = not strip.original.prediction.reason  # else no copy has a word either
    items = [
        _item(copy, told, id(copy) in against, url(copy.image))
        for copy in (strip.original, *strip.copies)
    ]
    key = markup.quiet(ON_EACH_SCALE.format(low=low, high=high))
    return f'<ul class="dfw-copies" role="list">{"".join(items)}</ul>{key}'


def _item(copy: Copy, told: bool, against: bool, src: str) -> str:
    said = copy.prediction
    word = f", {Prediction(said.p_fake, band=said.band).verdict}" if told else ""
    lines = [f"{probability(said.p_fake)}{word}", "on the other side" if against else ""]
    return (
        f'<li><img src="{src}" alt="What was judged, {escape(copy.variant.how)}">'
        f"<strong>{escape(copy.variant.name)}</strong>{verdict_markup.rail(said)}"
        + "".join(f"<span>{escape(line)}</span>" for line in lines if line)
        + "</li>"
    )
