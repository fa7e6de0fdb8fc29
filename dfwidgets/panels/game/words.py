"""What the game says: its screens, the lines of a reveal, the score, and what one round can tell."""

from __future__ import annotations

import math

from markupsafe import Markup

from dfwidgets.detector import CANT_TELL, Prediction
from dfwidgets.explain import sentences
from dfwidgets.game import Card, Game, Score, Trial
from dfwidgets.markup import NOTHING, quiet
from dfwidgets.panels.widgets.board import Item
from dfwidgets.session import Session
from dfwidgets.session_state import Pending
from dfwidgets.wording import (
    COUNTS_AS,
    MODEL_SAID,
    MODEL_SILENT,
    MODEL_UNSURE,
    probability,
)

ABOUT = (
    "Some of the faces are photographs, others were changed or made by a computer. Look at one and guess. Then see "
    "what the model says, and what is true."
)
PREPARING = "Getting the pictures ready..."
LOOKING = "The model is looking..."
GUESS_KEYS = (
    "Keys: R or the left arrow for real, F or the right arrow for fake. A guess can't be changed."
)
STEP_KEYS = "Keys: Enter or the right arrow for the next step."
SETS = (
    "Research sets: FaceForensics++, Celeb-DF and DFDC hold real and fake videos, FFHQ holds photographs. Search for "
    "them by name.",
    "Each set has its own licence, and for most of them you have to ask for access. You need the licence of every set "
    "that you use; read it before you show a picture to others.",
    "Make a folder with Real and Fake inside and put the pictures there. In a notebook open it with "
    "load_samples(path). For the dashboard name it in the environment variable DFWIDGETS_SAMPLES.",
)

_OUTCOMES = {True: "right", False: "wrong", None: "none"}  # as board.js names their marks
_LEVELS = ("easy", "medium", "hard")


def here(screen: str, game: Game) -> Markup:
    """The line above a screen, as markup; the focus can go to it."""
    of = len(game.cards)
    picture = f"Picture {game.chosen + 1} of {of}"
    headings = {
        "dealing": PREPARING,
        "table": "Pick a picture",
        "guess": f"{picture}: real or fake?",
        "reveal": picture,
    }
    below = score(game.score()) if screen in ("table", "guess") and game.score().total else ""
    if screen == "end":
        headings["end"], below = result(game.score()), luck(game.score().you, game.score().total)
    if screen not in headings:
        return NOTHING
    line = Markup('<h3 class="dfw-here" tabindex="-1">{}</h3>').format(headings[screen])
    return line + quiet(below)


def lines(
    card: Card,
    guess: str,
    trial: Trial | None,
    prediction: Prediction | None,
    reason: str,
    outlined: bool,
) -> list[str]:
    """Say what comes to light after a guess, one line a step; while the model looks they end with that.

    Args:
        card: the picture.
        guess: "real" or "fake".
        trial: the answered card; None while the model looks.
        prediction: what the model said, None where it said nothing.
        reason: why it said nothing, as a sentence.
        outlined: whether it is seen in the picture where it was changed.
    """
    said = [f"You said {guess}."]
    if trial is None:
        return [*said, LOOKING]
    said += [
        _model_said(trial, prediction, reason),
        f"It is {trial.truth}. {_who_was_right(trial)}",
    ]
    last = _how(card, outlined)
    return [*said, last] if last else said


def _model_said(trial: Trial, prediction: Prediction | None, reason: str) -> str:
    if trial.model_guess is None:
        return f"{MODEL_SILENT} {reason}".strip()
    guess, p = trial.model_guess, probability(trial.p_fake)
    if prediction is not None and prediction.verdict == CANT_TELL:
        return f"{MODEL_UNSURE.format(p=p)} {COUNTS_AS.format(guess=guess)}"
    return MODEL_SAID.format(guess=guess, p=p)


def _who_was_right(trial: Trial) -> str:
    you, model = trial.right, trial.model_right
    if model is None:
        return "You were right." if you else "You were wrong."
    if you == model:
        return "You were both right." if you else "You were both wrong."
    return "You were right, the model was wrong." if you else "You were wrong, the model was right."


def _how(card: Card, outlined: bool) -> str:
    sample = card.sample
    if sample.label == "real":
        return sample.how
    made = f"How it was made: {sample.how}" if sample.how else ""
    level = f"How hard it is to see: {sample.level}." if sample.level in _LEVELS else ""
    where = "The outline shows where it was changed." if outlined else ""
    return " ".join(filter(None, (made, level, where)))


def heat(session: Session, place: str) -> str:
    """Say what a map shows, or why there is none; `place` is where it is strongest, "" where it is
    empty."""
    if session.failed == Pending.EXPLAIN:
        return session.error
    if session.pending == Pending.EXPLAIN:
        return "Drawing the map..."
    if session.explanation is None:
        return ""
    return sentences.pull_sentence(session.explanation, place)


def score(score: Score) -> str:
    """The score and the streaks, as people say them."""
    said = f"You {score.you}, model {score.model}, of {score.total}."
    if score.streak > 1:
        said += f" You have {score.streak} right in a row."
    if score.model_streak > 1:
        said += f" The model has {score.model_streak} right in a row."
    return said


def result(score: Score) -> str:
    """How a round ended."""
    return f"You got {score.you} of {score.total} right, the model {score.model}."


def luck(right: int, of: int) -> str:
    """Say how often someone who only guesses gets so many right."""
    chance = sum(math.comb(of, k) for k in range(right, of + 1)) / 2**of
    rounds = round(100 * chance)
    often = (
        "fewer than 1"
        if rounds == 0
        else "more than 99"
        if rounds == 100 and right
        else str(rounds)
    )
    many = f"all {of}" if right == of else f"{right} or more of {of}"
    few = f"A round of {of} is too few to tell skill from luck. " if chance > 0.05 else ""
    return f"{few}Someone who tosses a coin for each gets {many} right in {often} of 100 rounds."


def items(game: Game) -> list[Item]:
    """What stands with each picture of a round: nothing before its guess; what came of it once that
    is answered."""
    return [
        _item(game.answered(i), f"Picture {i + 1} of {len(game.cards)}")
        for i in range(len(game.cards))
    ]


def _item(trial: Trial | None, alt: str) -> Item:
    if trial is None:
        return {"alt": alt, "lines": [], "open": True}
    you, model = _OUTCOMES[trial.right], _OUTCOMES[trial.model_right]
    said = (
        f"{trial.model_guess}, {probability(trial.p_fake)} ({model})"
        if trial.model_guess
        else "no answer"
    )
    lines = [
        ("", f"It is {trial.truth}."),
        (you, f"You: {trial.guess} ({you})"),
        (model, f"Model: {said}"),
    ]
    return {"alt": f"{alt}, {trial.truth}", "lines": lines, "open": False}
