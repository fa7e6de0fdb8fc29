"""Rounds, guesses and the score, without widgets."""

from dfwidgets.game.card import Card
from dfwidgets.game.deck import Deal, Deck
from dfwidgets.game.game import Game
from dfwidgets.game.shown import SIDE
from dfwidgets.game.trials import Score, Trial

__all__ = [
    "SIDE",
    "Card",
    "Deal",
    "Deck",
    "Game",
    "Score",
    "Trial",
]
