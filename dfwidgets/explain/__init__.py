"""Why: maps of where a model looked, and what they are worth."""

from dfwidgets.explain.explanation import (
    UNSIGNED,
    Explanation,
    Progress,
    explain,
    first_map,
    with_deletion,
    with_sanity,
)
from dfwidgets.explain.faithfulness import Deletion, deletion, sanity_check
from dfwidgets.explain.pointing import pointing_game

__all__ = [
    "UNSIGNED",
    "Deletion",
    "Explanation",
    "Progress",
    "deletion",
    "explain",
    "first_map",
    "pointing_game",
    "sanity_check",
    "with_deletion",
    "with_sanity",
]
