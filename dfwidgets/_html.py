"""The words and the little markup that panels show; whatever came from outside is escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from dfwidgets.detector import CANT_TELL, LIKELY_FAKE, LIKELY_REAL, Prediction
from dfwidgets.trust import AREAS, Deletion

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

CHECKING = {
    "check": "Checking the map against random ones...",
    "shuffle": "Drawing the map with shuffled weights...",
}

CAVEAT = "The map says where the model looked, not where a picture was changed."

# What is said beside the map, as far as it concerns the map alone.
OF_MAPS = ("explain", "check", "shuffle")

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


def deletion(measured: Deletion, away: str) -> str:
    """What blurring a map's brightest places does; `away` says from what, like "away from fake", or nothing."""
    of = f"{measured.beats} of {len(measured.random)} random places do"
    moves = f"Blurring the brightest {100 * AREAS[0]:.0f} to {100 * AREAS[-1]:.0f} % moves the answer {away}".rstrip()
    if measured.verdict == "more":
        return f"{moves} more than {of}."
    if measured.verdict == "unsure":
        return f"{moves} more than {of}: that may still be chance."
    does = "moves the answer no more than random places do"
    if measured.moved <= 0:
        does = f"does not move the answer {away}".rstrip()
    return f"This map explains nothing here: blurring its brightest places {does}."


def sanity(correlation: float) -> str:
    """What shuffling the last layer's weights does to a map."""
    shuffled, measured = "With the last layer's weights shuffled the map", f"(rank correlation {correlation:.2f})"
    if correlation < 0.3:
        return f"{shuffled} is a different one {measured}: it hangs on what the model learned."
    if correlation < 0.7:
        return f"{shuffled} is partly the same {measured}: part of it shows the picture, not what the model learned."
    return f"{shuffled} stays nearly the same {measured}: it shows the picture rather than what the model learned."


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


def facts(lines: Mapping[str, str]) -> str:
    """What there is to say of several things, one below the other."""
    said = "".join(f"<dt>{escape(what)}</dt><dd>{escape(sentence)}</dd>" for what, sentence in lines.items())
    return f'<dl class="dfw-facts">{said}</dl>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column names the rows; on a narrow page each row becomes a list."""
    said = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f'<td data-head="{escape(h)}">{escape(c)}</td>' for h, c in zip(heads[1:], cells, strict=True))
        + "</tr>"
        for name, *cells in rows
    )
    return f'<table class="dfw-table"><thead><tr>{said}</tr></thead><tbody>{body}</tbody></table>'


def your_picture(prediction: Prediction) -> str:
    """The verdict on the picture that is open, in a line."""
    return f"Your picture, {probability(prediction.p_fake)}: {prediction.verdict}."


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
