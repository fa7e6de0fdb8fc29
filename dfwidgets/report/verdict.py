"""The verdict as people see it: the word, its place on the scale, and what the number means."""

from __future__ import annotations

from markupsafe import Markup

from dfwidgets import markup, wording
from dfwidgets.detector import CANT_TELL, Prediction
from dfwidgets.wording import BLIND_SPOTS, probability

_SCALE = Markup(
    '<p class="dfw-word">{word}</p>'
    '<div class="dfw-verdict-scale" role="img" aria-label="{on_scale}">{rail}'
    '<div class="dfw-ends"><span>real</span><em style="left:{middle:.1f}%">can\'t tell</em>'
    "<span>fake</span></div></div>"
)
_RAIL = Markup(
    '<div class="dfw-rail"><i></i><b style="left:{low:.1f}%;width:{width:.1f}%"></b>'
    '<u style="--at:{at:.1f}%"></u></div>'
)


def verdict(prediction: Prediction) -> Markup:
    """The verdict: the word first, then the scale, the number, and what the number means."""
    return (
        score(prediction)
        + markup.paragraphs(*_sentences(prediction))
        + markup.details("What it can't tell", BLIND_SPOTS)
    )


def score(prediction: Prediction) -> Markup:
    """The word, its place on the scale, and the number."""
    low, high = prediction.band
    p = probability(prediction.p_fake)
    scale = _SCALE.format(
        word=prediction.verdict.capitalize(),
        on_scale=wording.ON_SCALE.format(p=p, low=low, high=high),
        rail=rail(prediction),
        # In the middle of the band, but never over the words at the ends of the scale.
        middle=min(max(50 * (low + high), 25), 75),
    )
    return scale + markup.paragraphs(wording.SCORE.format(p=p))


def rail(prediction: Prediction) -> Markup:
    """The bare scale: a line from real to fake, the band of "can't tell", and the score's place."""
    low, high = (100 * edge for edge in prediction.band)
    at = min(max(100 * prediction.p_fake, 1), 99)
    return _RAIL.format(low=low, width=high - low, at=at)


def often_wrong(sentence: str) -> Markup:
    """How often "likely fake" is wrong, one click away; nothing where that isn't known."""
    if not sentence:
        return markup.NOTHING
    return markup.details("How often is the model wrong?", [sentence])


def your_picture(prediction: Prediction) -> str:
    """The verdict on the picture that is open, in a line."""
    return wording.YOUR_PICTURE.format(p=probability(prediction.p_fake), verdict=prediction.verdict)


def spoken(prediction: Prediction) -> str:
    """The verdict in one line, for a screen reader to read out when it comes."""
    word = wording.WORD.format(word=prediction.verdict.capitalize())
    number = wording.SCORE.format(p=probability(prediction.p_fake))
    return " ".join((word, number, *_sentences(prediction)))


def _sentences(prediction: Prediction) -> list[str]:
    """What follows the number: what it means, and why there is no word."""
    lines = [prediction.frequency or wording.NEVER_MEASURED, prediction.reason]
    if prediction.verdict == CANT_TELL and not prediction.reason:
        lines.insert(0, wording.BETWEEN)
    return [line for line in lines if line]
