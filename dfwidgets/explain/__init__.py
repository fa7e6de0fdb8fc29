"""Why: maps of where a model looked, and what they are worth."""

from dfwidgets.explain.faithfulness import Deletion, deletion, sanity_check
from dfwidgets.explain.pointing import pointing_game

__all__ = [
    "Deletion",
    "deletion",
    "pointing_game",
    "sanity_check",
]
