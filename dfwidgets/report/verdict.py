"""The verdict as people see it: the word, its place on the scale, and what the number means."""

from __future__ import annotations

from html import escape

from dfwidgets import markup, wording
from dfwidgets.detector import CANT_TELL, Prediction
from dfwidgets.wording import BLIND_SPOTS, probability


def verdict(prediction: Prediction) -> str:
    """The verdict: the word first, then the scale, the number, and what the number means."""
    return (
        score(prediction)
        + "".join(f"<p>{escape(sentence)}</p>" for sentence in _sentences(prediction))
        + markup.details(
            "What it can't tell", "".join(f"<li>{escape(spot)}</li>" for spot in BLIND_SPOTS)
        )
    )


def score(prediction: Prediction) -> str:
    """The word, its place on the scale, and the number."""
    low, high = prediction.band
    said = probability(prediction.p_fake)
    on_scale = wording.ON_SCALE.format(p=said, low=low, high=high)
    return (
        f'<p class="dfw-word">{prediction.verdict.capitalize()}</p>'
        f'<div class="dfw-verdict-scale" role="img" aria-label="{escape(on_scale)}">{rail(prediction)}'
        f'<div class="dfw-ends"><span>real</span><em style="left:{min(max(50 * (low + high), 25), 75):.1f}%">'
        f"can't tell</em><span>fake</span></div></div><p>{escape(wording.SCORE.format(p=said))}</p>"
    )


def rail(prediction: Prediction) -> str:
    """The bare scale: a line from real to fake, the band of "can't tell", and the score's place."""
    low, high = (100 * edge for edge in prediction.band)
    at = min(max(100 * prediction.p_fake, 1), 99)
    return (
        f'<div class="dfw-rail"><i></i><b style="left:{low:.1f}%;width:{high - low:.1f}%"></b>'
        f'<u style="--at:{at:.1f}%"></u></div>'
    )


def often_wrong(counted: str) -> str:
    """How often "likely fake" is wrong, one click away; nothing where that isn't known."""
    return (
        markup.details("How often is the model wrong?", f"<li>{escape(counted)}</li>")
        if counted
        else ""
    )


def your_picture(prediction: Prediction) -> str:
    """The verdict on the picture that is open, in a line."""
    return wording.YOUR_PICTURE.format(p=probability(prediction.p_fake), verdict=prediction.verdict)


def spoken(prediction: Prediction) -> str:
    """The verdict in one line, for a screen reader to read out when it comes."""
    word = wording.WORD.format(word=prediction.verdict.capitalize())
    return " ".join(
        (word, wording.SCORE.format(p=probability(prediction.p_fake)), *_sentences(prediction))
    )


def _sentences(prediction: Prediction) -> list[str]:
    """What follows the number: what it means, and why there is no word."""
    between = wording.BETWEEN if prediction.verdict == CANT_TELL and not prediction.reason else ""
    return list(
        filter(None, (between, prediction.frequency or wording.NEVER_MEASURED, prediction.reason))
    )
