"""The words and the little markup that panels show; whatever came from outside is escaped here."""

from __future__ import annotations

from html import escape

import numpy as np

from dfwidgets.detector import CANT_TELL, LIKELY_FAKE, LIKELY_REAL, Prediction

# What a person should know before believing a word; the same for every verdict.
BLIND_SPOTS = (
    "It was trained on a few kinds of fakes and may miss every other kind.",
    "A strongly compressed, small or edited photograph can look fake to it, and a fake can look real.",
    "It judges one face. It knows nothing of the scene, the story or the source.",
    "Its number supposes that every second picture is a fake. Where fakes are rare, it says fake too often.",
    "A score is no proof. Ask where the picture comes from before you share it or accuse anyone.",
)

# What a person reads while waiting for an answer.
WAITING = {
    "load": "Getting the model ready...",
    "open": "Opening the picture...",
    "judge": "Looking...",
}

CAVEAT = "The map says where the model looked, not where a picture was changed."

_MEANS = {
    LIKELY_REAL: "Likely real",
    CANT_TELL: "Can't tell",
    LIKELY_FAKE: "Likely fake",
}


def probability(p: float) -> str:
    """A probability as people read it; never a certainty."""
    if p < 0.01:
        return "less than 0.01"
    return "more than 0.99" if p > 0.99 else f"{p:.2f}"


def place(row: float, column: float, shape: tuple[int, ...]) -> str:
    """A place in a picture of that shape in words: "at the upper left"."""
    down = ("upper", "middle", "lower")[int(3 * row // shape[0])]
    across = ("left", "middle", "right")[int(3 * column // shape[1])]
    return "in the middle" if down == across == "middle" else f"at the {down} {across}"


def hottest(heatmap: np.ndarray) -> str:
    """The strongest place of a map, float (height, width), in words."""
    row, column = divmod(int(heatmap.argmax()), heatmap.shape[1])
    return place(row, column, heatmap.shape)


def verdict(prediction: Prediction) -> str:
    """The verdict: the word first, then the scale, the number, and what the number means."""
    sentences = (prediction.frequency, prediction.reason)
    return (
        score(prediction)
        + "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)
        + details("What it can't tell", "".join(f"<li>{escape(spot)}</li>" for spot in BLIND_SPOTS))
    )


def score(prediction: Prediction) -> str:
    """The word, its place on the scale, and the number."""
    low, high = prediction.band
    said = probability(prediction.p_fake)
    return (
        f'<p class="dfw-word">{_MEANS[prediction.verdict]}</p>'
        f'<div class="dfw-verdict-scale" role="img" aria-label="On a scale from real, 0, to fake, 1: '
        f"{said}. Can't tell lies between {low:.2f} and {high:.2f}.\">{rail(prediction)}"
        f'<div class="dfw-ends"><span>real</span><em style="left:{min(max(50 * (low + high), 25), 75):.1f}%">'
        f"can't tell</em><span>fake</span></div></div><p>{said} that it is fake.</p>"
    )


def rail(prediction: Prediction) -> str:
    """The bare scale: a line from real to fake, the band of "can't tell", and the score's place."""
    low, high = (100 * edge for edge in prediction.band)
    at = min(max(100 * prediction.p_fake, 1), 99)
    return (
        f'<div class="dfw-rail"><i></i><b style="left:{low:.1f}%;width:{high - low:.1f}%"></b>'
        f'<u style="left:{at:.1f}%"></u></div>'
    )


def details(summary: str, items: str) -> str:
    """A line that opens to a list; `items` is markup made here."""
    return f"<details><summary>{escape(summary)}</summary><ul>{items}</ul></details>"


def error(sentence: str) -> str:
    """A sentence that says what went wrong."""
    return f'<div class="dfw-error">{escape(sentence)}</div>'


def quiet(sentence: str) -> str:
    """A sentence that only helps."""
    return f'<p class="dfw-quiet">{escape(sentence)}</p>'


def heading(words: str) -> str:
    """The question that a panel asks."""
    return f"<h2>{escape(words)}</h2>"


def block(markup: str) -> str:
    """Markup in the type and colours of the panels."""
    return f'<div class="dfw">{markup}</div>'


def spoken(prediction: Prediction) -> str:
    """The verdict in one line, for a screen reader to read out when it comes."""
    said = f"{_MEANS[prediction.verdict]}. {probability(prediction.p_fake)} that it is fake."
    return " ".join(filter(None, (said, prediction.frequency, prediction.reason)))
