"""The model as a player: once a guess is locked it sees the picture and answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from dfwidgets.answers import sentence
from dfwidgets.background import Latest, in_turn
from dfwidgets.detector import Detector, Prediction, adapt
from dfwidgets.game import Card, Game
from dfwidgets.session import Session


class Opponent:
    """Asks a session about the open card of a game, but never before the guess.

    Args:
        game: takes the answer.
        session: gives it.
    """

    image: np.ndarray | None = None
    """The whole picture of the card that was asked about last, uint8 (height, width, 3)."""

    prediction: Prediction | None = None
    """What the model said of it; None where it said nothing."""

    reason: str = ""
    """Why it said nothing, as a sentence."""

    detector: Detector | None = None
    """Which model answered."""

    def __init__(self, game: Game, session: Session) -> None:
        self.game = game
        self.session = session
        self._opening = Latest()
        self._waiting: Card | None = None  # the card whose verdict is waited for

        game.observe(in_turn(self._on_guess), ["cards", "guessed"])
        session.observe(in_turn(self._on_image), "image")
        session.observe(in_turn(self._on_busy), "busy")

    @property
    def _card(self) -> Card | None:
        """The card whose guess is locked and that is not answered yet."""
        game = self.game
        if not game.guessed or not 0 <= game.chosen < len(game.cards) or game.answered(game.chosen):
            return None
        return game.cards[game.chosen]

    def _on_guess(self, _: Any) -> None:
        self._opening.forget()
        self._waiting = None
        self.image = None
        self.prediction = None
        self.reason = ""

        card = self._card
        if card is None:
            return

        def opened(image: np.ndarray) -> None:
            self._waiting = card
            self.image = image
            self.session.open(image)

        self._opening.ask(card.open, opened, lambda error: self.game.drop(sentence(error)))

    def _on_image(self, _: Any) -> None:
        # Of a picture without a face the whole is judged: the game needs an answer.
        if self._waiting and self.session.image is self.image and not self.session.faces:
            self.session.judge(None)

    def _on_busy(self, _: Any) -> None:
        # Only when nothing more can come, be it verdict or error, and only for the card that was
        # asked about.
        if self.session.busy or self._waiting is None or self._card is not self._waiting:
            return
        self._waiting = None
        self.detector = self.session.detector
        if self.session.image is self.image:
            self.prediction = self.session.prediction

        p_fake = None
        if self.prediction is None:
            self.reason = self.session.error
        else:
            p_fake = self.prediction.p_fake
        self.game.answer(p_fake, adapt(self.detector).name)
