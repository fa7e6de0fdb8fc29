"""What a heatmap shows and whether it means anything, in words."""

from __future__ import annotations

import numpy as np

from dfwidgets import wording
from dfwidgets.explain.explanation import Explanation
from dfwidgets.explain.faithfulness import AREAS, Deletion


def place_words(row: float, column: float, shape: tuple[int, ...]) -> str:
    """A place in a picture of that shape in words: "at the upper left"."""
    down = ("upper", "middle", "lower")[int(3 * row // shape[0])]
    across = ("left", "middle", "right")[int(3 * column // shape[1])]
    if down == across == "middle":
        return "in the middle"
    return f"at the {down} {across}"


def hottest_place(heatmap: np.ndarray) -> str:
    """The strongest place of a map, float (height, width), in words."""
    row, column = divmod(int(heatmap.argmax()), heatmap.shape[1])
    return place_words(row, column, heatmap.shape)


def deletion_sentence(measured: Deletion, away: str) -> str:
    """What blurring a map's brightest places does.

    Args:
        measured: what `deletion` gave.
        away: from what the answer moves, like "away from fake"; "" for a map without a sign.
    """
    if measured.verdict == "more":
        sentence = wording.MOVES_MORE
    elif measured.verdict == "unsure":
        sentence = wording.MOVES_BY_CHANCE
    elif measured.moved > 0:
        sentence = wording.MOVES_NO_MORE
    else:
        sentence = wording.MOVES_NOTHING
    areas = f"{100 * AREAS[0]:.0f} to {100 * AREAS[-1]:.0f} %"
    return sentence.format(
        areas=areas, away=f" {away}".rstrip(), beats=measured.beats, maps=len(measured.random)
    )


def sanity_sentence(correlation: float) -> str:
    """What shuffling the last layer's weights does to a map."""
    if correlation < 0.3:
        sentence = wording.LEARNED
    elif correlation < 0.7:
        sentence = wording.PARTLY_LEARNED
    else:
        sentence = wording.NOT_LEARNED
    return sentence.format(correlation=correlation)


def pull_sentence(explanation: Explanation, place: str) -> str:
    """What a map shows; `place` is where it is strongest, in words, "" where it is empty."""
    if not place:
        return wording.EMPTY_MAP.format(toward=explanation.toward)
    sentence = wording.PULLED if explanation.signed else wording.PULLED_EITHER_WAY
    return sentence.format(toward=explanation.toward, place=place)


def worth_sentences(explanation: Explanation) -> list[str]:
    """What was measured of a map, a sentence each; none where nothing was."""
    sentences = []
    if explanation.deletion is not None:
        away = f"away from {explanation.toward}" if explanation.signed else ""
        sentences.append(deletion_sentence(explanation.deletion, away))
    if explanation.sanity is not None:
        sentences.append(sanity_sentence(explanation.sanity))
    return sentences
