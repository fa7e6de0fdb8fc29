"""What people read of a round: which pictures were left out, and why it is short."""

from __future__ import annotations

from collections.abc import Sequence

from dfwidgets.folders import Label

_MAX_NAMED = 3  # with their reasons; in a folder of broken files nobody reads them all


def left_out(name: str, reason: str) -> str:
    """Say which picture was left out; `reason` is a sentence."""
    return f"{name} was left out. {reason}"


def all_left_out(notices: Sequence[str]) -> list[str]:
    """The first few that were left out, each with its reason, and how many more there are."""
    more = len(notices) - _MAX_NAMED
    if more <= 0:
        return list(notices)
    rest = f"{more} more pictures were left out, because they can't be read either."
    return [*notices[:_MAX_NAMED], rest]


def short_round(dealt: int, size: int, scarce: Label) -> str:
    """Say why there is no round, or a short one, and what to do.

    Args:
        dealt: how many pictures the round has.
        size: how many it should have.
        scarce: the class that ran out.
    """
    if not dealt:
        return (
            "No round can be played: it takes at least one real and one fake picture that can be "
            "read."
        )
    return (
        f"This round has {dealt} pictures instead of {size}: there are too few {scarce} ones. "
        f"Put more into the folder {scarce.capitalize()}."
    )
