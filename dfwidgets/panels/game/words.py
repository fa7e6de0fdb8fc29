"""What stands on the screens of the game, the score, and what one round can tell."""

from __future__ import annotations

import math

from markupsafe import Markup

from dfwidgets import markup
from dfwidgets.game import Game, Score, Trial
from dfwidgets.markup import NOTHING, quiet
from dfwidgets.panels.game.screen import Screen
from dfwidgets.panels.widgets.board import Item
from dfwidgets.wording import probability

ABOUT = (
    "Some of the faces are photographs, others were changed or made by a computer. Look at one and "
    "guess. Then see what the model says, and what is true."
)
PREPARING = "Getting the pictures ready..."
GUESS_KEYS = (
    "Keys: R or the left arrow for real, F or the right arrow for fake. A guess can't be changed."
)
SETS = (
    "Research sets: FaceForensics++, Celeb-DF and DFDC hold real and fake videos, FFHQ holds "
    "photographs. Search for them by name.",
    "Each set has its own licence, and for most of them you have to ask for access. You need the "
    "licence of every set that you use; read it before you show a picture to others.",
    "Make a folder with Real and Fake inside and put the pictures there. In a notebook open it "
    "with load_samples(path). For the dashboard name it in the environment variable "
    "DFWIDGETS_SAMPLES.",
)

_OUTCOMES = {True: "right", False: "wrong", None: "none"}  # as board.js names their marks


def here(screen: Screen, game: Game) -> Markup:
    """The line above a screen, to which the focus can go, and a quieter one below it."""
    picture = f"Picture {game.chosen + 1} of {len(game.cards)}"
    count = game.score()
    match screen:
        case Screen.START:
            return NOTHING
        case Screen.DEALING:
            return _heading(PREPARING)
        case Screen.TABLE:
            return _heading("Pick a picture") + _score_so_far(count)
        case Screen.GUESS:
            return _heading(f"{picture}: real or fake?") + _score_so_far(count)
        case Screen.REVEAL:
            return _heading(picture)
        case Screen.END:
            return _heading(result(count)) + quiet(luck(count.you, count.total))


def _heading(line: str) -> Markup:
    return Markup('<h3 class="dfw-here" tabindex="-1">{}</h3>').format(line)


def _score_so_far(count: Score) -> Markup:
    return quiet(score(count)) if count.total else NOTHING


def messages(screen: Screen, game: Game, error: str, playable: bool) -> list[Markup]:
    """What stands above everything: what the game is, what went wrong, what is missing."""
    parts = [quiet(notice) for notice in game.notices]
    # What went wrong comes last, nearest to the button that can be pressed again.
    if error:
        return [*parts, markup.error(error)]
    if screen == Screen.START and playable:
        return [markup.paragraphs(ABOUT), *parts]
    return parts


def start_label(game: Game) -> str:
    """What stands on the button that begins a round."""
    return "Play again" if game.cards else "Start"


def next_label(game: Game, one_by_one: bool) -> str:
    """What stands on the button that leaves a reveal."""
    if game.over:
        return "See how it went"
    return "Next picture" if one_by_one else "Back to the pictures"


def score(score: Score) -> str:
    """The score and the streaks, as people say them."""
    # One right answer is no row yet.
    words = f"You {score.you}, model {score.model}, of {score.total}."
    if score.streak > 1:
        words += f" You have {score.streak} right in a row."
    if score.model_streak > 1:
        words += f" The model has {score.model_streak} right in a row."
    return words


def result(score: Score) -> str:
    """How a round ended."""
    return f"You got {score.you} of {score.total} right, the model {score.model}."


def luck(right: int, total: int) -> str:
    """Say how often someone who only guesses gets so many right."""
    # Each of the 2 ** total ways to guess comes as often as another.
    chance = sum(math.comb(total, k) for k in range(right, total + 1)) / 2**total
    rounds = str(round(100 * chance))
    if rounds == "0":
        rounds = "fewer than 1"
    elif rounds == "100" and right:  # none or more is certain, all else is not
        rounds = "more than 99"

    count = f"all {total}" if right == total else f"{right} or more of {total}"
    sentence = f"Someone who tosses a coin for each gets {count} right in {rounds} of 100 rounds."
    if chance > 0.05:
        return f"A round of {total} is too few to tell skill from luck. {sentence}"
    return sentence


def items(game: Game) -> list[Item]:
    """What stands with each picture of a round: what came of it, but nothing before its guess."""
    total = len(game.cards)
    return [_item(game.answered(i), f"Picture {i + 1} of {total}") for i in range(total)]


def _item(trial: Trial | None, alt: str) -> Item:
    # What is not answered yet can be pressed, and tells nothing.
    if trial is None:
        return {"alt": alt, "lines": [], "open": True}
    you = _OUTCOMES[trial.right]
    model = _OUTCOMES[trial.model_right]
    answer = "no answer"
    if trial.model_guess:
        answer = f"{trial.model_guess}, {probability(trial.p_fake)} ({model})"

    lines = [
        ("", f"It is {trial.truth}."),
        (you, f"You: {trial.guess} ({you})"),
        (model, f"Model: {answer}"),
    ]
    return {"alt": f"{alt}, {trial.truth}", "lines": lines, "open": False}
