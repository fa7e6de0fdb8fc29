"""Rounds, guesses and the score, without widgets."""

from dfwidgets.game.deck import SIDE, Card, Deal
from dfwidgets.game.game import Game, Score, Trial

__all__ = [
    "SIDE",
    "Card",
    "Deal",
    "Game",
    "Score",
    "Trial",
]
