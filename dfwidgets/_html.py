"""The words and the little markup that panels show; whatever came from outside is escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from dfwidgets import wording
from dfwidgets.detector import CANT_TELL, Prediction
from dfwidgets.trust import AREAS, Deletion
from dfwidgets.wording import BLIND_SPOTS, probability

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

# What is said beside the map, as far as it concerns the map alone.
OF_MAPS = ("explain", "check", "shuffle")


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
    said = {
        "more": wording.MOVES_MORE,
        "unsure": wording.MOVES_BY_CHANCE,
        "nothing": wording.MOVES_NO_MORE if measured.moved > 0 else wording.MOVES_NOTHING,
    }[measured.verdict]
    areas = f"{100 * AREAS[0]:.0f} to {100 * AREAS[-1]:.0f} %"
    return said.format(areas=areas, away=f" {away}".rstrip(), beats=measured.beats, maps=len(measured.random))


def sanity(correlation: float) -> str:
    """What shuffling the last layer's weights does to a map."""
    if correlation < 0.3:
        said = wording.LEARNED
    else:
        said = wording.PARTLY_LEARNED if correlation < 0.7 else wording.NOT_LEARNED
    return said.format(correlation=correlation)


def verdict(prediction: Prediction) -> str:
    """The verdict: the word first, then the scale, the number, and what the number means."""
    return (
        score(prediction)
        + "".join(f"<p>{escape(sentence)}</p>" for sentence in _sentences(prediction))
        + details("What it can't tell", "".join(f"<li>{escape(spot)}</li>" for spot in BLIND_SPOTS))
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


def details(summary: str, items: str) -> str:
    """A line that opens to a list; `items` is markup made here."""
    return f"<details><summary>{escape(summary)}</summary><ul>{items}</ul></details>"


def often_wrong(counted: str) -> str:
    """How often "likely fake" is wrong, one click away; nothing where that isn't known."""
    return details("How often is the model wrong?", f"<li>{escape(counted)}</li>") if counted else ""


def facts(lines: Mapping[str, str]) -> str:
    """What there is to say of several things, one below the other."""
    said = "".join(f"<dt>{escape(what)}</dt><dd>{escape(sentence)}</dd>" for what, sentence in lines.items())
    return f'<dl class="dfw-facts">{said}</dl>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column names the rows; on a narrow page each row becomes a list."""
    said = "".join(f'<th scope="col" role="columnheader">{escape(head)}</th>' for head in heads)
    body = "".join(
        f'<tr role="row"><th scope="row" role="rowheader">{escape(name)}</th>'
        + "".join(
            f'<td role="cell" data-head="{escape(h)}">{escape(c)}</td>' for h, c in zip(heads[1:], cells, strict=True)
        )
        + "</tr>"
        for name, *cells in rows
    )
    # The roles stay where the style sheet turns rows into blocks.
    return (
        f'<table class="dfw-table" role="table"><thead role="rowgroup"><tr role="row">{said}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>'
    )


def your_picture(prediction: Prediction) -> str:
    """The verdict on the picture that is open, in a line."""
    return wording.YOUR_PICTURE.format(p=probability(prediction.p_fake), verdict=prediction.verdict)


def wide(picture: str) -> str:
    """A picture that on a narrow page scrolls by itself, by keyboard too; `picture` is markup made here."""
    return f'<div class="dfw-wide" role="group" aria-label="Chart" tabindex="0">{picture}</div>'


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
    word = wording.WORD.format(word=prediction.verdict.capitalize())
    return " ".join((word, wording.SCORE.format(p=probability(prediction.p_fake)), *_sentences(prediction)))


def _sentences(prediction: Prediction) -> list[str]:
    """What follows the number: what it means, and why there is no word."""
    between = wording.BETWEEN if prediction.verdict == CANT_TELL and not prediction.reason else ""
    return list(filter(None, (between, prediction.frequency or wording.NEVER_MEASURED, prediction.reason)))
