"""The screens of the game, and what is seen on each."""

from __future__ import annotations

from enum import StrEnum


class Screen(StrEnum):
    """Where a person is in the game; one screen is seen at a time."""

    START = "start"
    """Before the first round: how the faces are shown can be chosen, if there are any."""

    DEALING = "dealing"
    """The pictures of a round are got ready: there is nothing to press."""

    TABLE = "table"
    """All pictures of a round, to pick one; those that were answered say what came of it."""

    GUESS = "guess"
    """One picture and what can be said of it. Nothing that the browser has tells the truth."""

    REVEAL = "reveal"
    """The same picture after the guess: what was said of it, and what is true, line by line."""

    END = "end"
    """The round is over: all its pictures with who was right, and another can begin."""

    @property
    def shows_cards(self) -> bool:
        """Whether all pictures of the round are seen side by side."""
        return self in (Screen.TABLE, Screen.END)

    @property
    def shows_card(self) -> bool:
        """Whether one picture is seen."""
        return self in (Screen.GUESS, Screen.REVEAL)

    @property
    def can_begin(self) -> bool:
        """Whether a round can begin."""
        return self in (Screen.START, Screen.END)

    @property
    def focus(self) -> str:
        """The CSS selector of the part that gets the focus when this screen comes."""
        # Where the person goes on: else at the line that says where they are.
        selectors = {Screen.TABLE: ".dfw-board button", Screen.REVEAL: ".dfw-step, .dfw-next"}
        return selectors.get(self, ".dfw-here")
