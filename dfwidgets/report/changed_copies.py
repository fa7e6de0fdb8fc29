"""The row of changed copies: each with its name, its score on a small scale, and its word."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import numpy as np
from markupsafe import Markup

from dfwidgets import markup
from dfwidgets.detector import Prediction
from dfwidgets.pictures import to_png
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.robustness import Copy, Strip
from dfwidgets.wording import ON_EACH_SCALE, probability

_ROW = Markup('<ul class="dfw-copies" role="list">{}</ul>')
_COPY = Markup(
    '<li><img src="{url}" alt="What was judged, {how}"><strong>{name}</strong>{rail}{lines}</li>'
)
_LINE = Markup("<span>{}</span>")


def as_png(image: np.ndarray) -> str:
    """A thumbnail as the address of itself: a data URL of a PNG."""
    return "data:image/png;base64," + b64encode(to_png(image)).decode()


def copies(strip: Strip, url: Callable[[np.ndarray], str] = as_png) -> Markup:
    """The picture as it is and its copies, as a list; and what stands on their scales.

    `url` makes of each picture, uint8 (height, width, 3), the address of its thumbnail.
    """
    original = strip.original
    # Where nobody can tell of the picture as it is, no copy has a word either.
    has_word = not original.prediction.reason
    items = [
        _item(copy, has_word, any(copy is other for other in strip.against), url(copy.image))
        for copy in (original, *strip.copies)
    ]

    low, high = original.prediction.band
    return _ROW.format(markup.joined(items)) + markup.quiet(
        ON_EACH_SCALE.format(low=low, high=high)
    )


def _item(copy: Copy, has_word: bool, against: bool, url: str) -> Markup:
    prediction = copy.prediction
    score = probability(prediction.p_fake)
    if has_word:
        score += f", {Prediction(prediction.p_fake, band=prediction.band).verdict}"

    lines = _LINE.format(score)
    if against:
        lines += _LINE.format("on the other side")
    return _COPY.format(
        url=url,
        how=copy.variant.how,
        name=copy.variant.name,
        rail=verdict_markup.rail(prediction),
        lines=lines,
    )
