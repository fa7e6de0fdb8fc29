"""What is said after a guess, a line a step, and of the map that somebody asked for."""

from __future__ import annotations

from dfwidgets.detector import CANT_TELL, Prediction
from dfwidgets.explain import sentences
from dfwidgets.game import Card, Trial
from dfwidgets.session import Session
from dfwidgets.session_state import Pending
from dfwidgets.wording import COUNTS_AS, MODEL_SAID, MODEL_SILENT, MODEL_UNSURE, probability

LOOKING = "The model is looking..."
STEP_KEYS = "Keys: Enter or the right arrow for the next step."

_LEVELS = ("easy", "medium", "hard")
_WHO_WAS_RIGHT = {
    (True, None): "You were right.",
    (False, None): "You were wrong.",
    (True, True): "You were both right.",
    (False, False): "You were both wrong.",
    (True, False): "You were right, the model was wrong.",
    (False, True): "You were wrong, the model was right.",
}


def lines(
    card: Card,
    guess: str,
    trial: Trial | None,
    prediction: Prediction | None,
    reason: str,
    outlined: bool,
) -> list[str]:
    """Say what comes to light after a guess, one line a step.

    Args:
        card: the picture.
        guess: "real" or "fake".
        trial: the answered card; None while the model looks, and then the last line says so.
        prediction: what the model said, None where it said nothing.
        reason: why it said nothing, as a sentence.
        outlined: whether it is seen in the picture where it was changed.
    """
    first = f"You said {guess}."
    if trial is None:
        return [first, LOOKING]
    # The truth is the third line whatever the model said: the reveal prints it large.
    model = _model_said(trial, prediction, reason)
    truth = f"It is {trial.truth}. {_WHO_WAS_RIGHT[trial.right, trial.model_right]}"
    how = _how(card, outlined)
    return [line for line in (first, model, truth, how) if line]


def _model_said(trial: Trial, prediction: Prediction | None, reason: str) -> str:
    guess = trial.model_guess
    if guess is None:
        return f"{MODEL_SILENT} {reason}".strip()
    p = probability(trial.p_fake)
    if prediction is not None and prediction.verdict == CANT_TELL:
        return f"{MODEL_UNSURE.format(p=p)} {COUNTS_AS.format(guess=guess)}"
    return MODEL_SAID.format(guess=guess, p=p)


def _how(card: Card, outlined: bool) -> str:
    sample = card.sample
    # A photograph was not changed anywhere, and is not hard or easy to see through.
    if sample.label == "real":
        return sample.how
    parts = []
    if sample.how:
        parts.append(f"How it was made: {sample.how}")
    if sample.level in _LEVELS:
        parts.append(f"How hard it is to see: {sample.level}.")
    if outlined:
        parts.append("The outline shows where it was changed.")
    return " ".join(parts)


def heat(session: Session, place: str) -> str:
    """Say what a map shows, or why there is none.

    Args:
        session: gives the map.
        place: where it is strongest, in words; "" where it is empty.
    """
    if session.failed == Pending.EXPLAIN:
        return session.error
    if session.pending == Pending.EXPLAIN:
        return "Drawing the map..."
    if session.explanation is None:
        return ""
    return sentences.pull_sentence(session.explanation, place)
