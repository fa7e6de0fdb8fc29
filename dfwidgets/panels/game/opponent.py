"""The model as a player: once a guess is locked it sees the picture and answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from dfwidgets import background
from dfwidgets.answers import sentence
from dfwidgets.background import in_turn
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
        self.game, self.session = game, session
        self._waiting: Card | None = None  # the card that an answer is waited for
        game.observe(in_turn(self._on_guess), "guessed")
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
        card = self._card
        self._waiting = self.image = self.prediction = None
        self.reason = ""
        if card is None:
            return

        def opened(image: np.ndarray | None, error: Exception | None) -> None:
            if self._card is not card:
                return
            if image is None:
                self.game.drop(sentence(error) if error else "")
                return
            self._waiting, self.image = card, image
            self.session.open(image)

        background.submit(card.open, opened)

    def _on_image(self, _: Any) -> None:
        if self._waiting and self.session.image is self.image and not self.session.faces:
            self.session.judge(None)

    def _on_busy(self, _: Any) -> None:
        # Only when nothing more can come, be it verdict or error, and only for the card that was
        # asked about.
        if self.session.busy or self._waiting is None or self._card is not self._waiting:
            return
        self._waiting = None
        if self.session.image is self.image:
            self.prediction = self.session.prediction
        self.detector = self.session.detector
        if self.prediction is None:
            self.reason = self.session.error
        self.game.answer(
            self.prediction.p_fake if self.prediction else None, adapt(self.detector).name
        )
