"""A network that learns from batches, and the running average of its weights: in Keras."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from models.training.making import network

Batch = tuple[np.ndarray, np.ndarray]


class Learner(Protocol):
    """What `train` needs of a network that learns."""

    def learn_head(self, batches: Iterable[Batch]) -> None:
        """Let the new head learn alone, or its first errors would spoil what lies below."""

    def learn(self, batch: Batch, rate: float) -> float:
        """Learn from a batch at this rate; returns the loss."""

    def follow(self, keep: float) -> None:
        """Move the running average, of which the fraction `keep` stays."""

    def average(self) -> keras.Model:
        """The Keras model whose weights are the running average."""

    def save(self, folder: Path) -> None:
        """Write down where it stands."""

    def restore(self, folder: Path) -> None:
        """Go on from where `save` wrote it down."""


class KerasLearner:
    """Learns in Keras, on any of its backends.

    Args:
        model: as `network.build` makes it.
        settings: as in settings.toml.
    """

    FILE = "checkpoint.keras"

    def __init__(self, model: keras.Model, settings: dict[str, Any]) -> None:
        self.model = model
        self.settings = settings
        self._ready(settings["first_block"])
        self.mean = model.get_weights()
        self.averaged = keras.models.clone_model(model)

    def learn_head(self, batches: Iterable[Batch]) -> None:
        """See `Learner`."""
        self._ready(None)
        self.model.optimizer.learning_rate.assign(self.settings["head_rate"])
        for x, y in batches:
            self.model.train_on_batch(x, y)
        self._ready(self.settings["first_block"])
        self.mean = self.model.get_weights()

    def learn(self, batch: Batch, rate: float) -> float:
        """See `Learner`."""
        self.model.optimizer.learning_rate.assign(rate)
        return float(self.model.train_on_batch(*batch))

    def follow(self, keep: float) -> None:
        """See `Learner`."""
        self.mean = moved(self.mean, self.model.get_weights(), keep)

    def average(self) -> keras.Model:
        """See `Learner`."""
        self.averaged.set_weights(self.mean)
        return self.averaged

    def save(self, folder: Path) -> None:
        """See `Learner`."""
        self.model.save(folder / self.FILE)

    def restore(self, folder: Path) -> None:
        """See `Learner`."""
        self.model = keras.saving.load_model(folder / self.FILE)
        average = keras.saving.load_model(folder / "average.keras", compile=False)
        self.mean = average.get_weights()

    def _ready(self, first_block: int | None) -> None:
        """Choose what learns, and by which loss."""
        network.freeze(self.model, first_block)
        settings = self.settings
        network.compile_for(
            self.model, settings["weight_decay"], settings["twins"], settings["twin_weight"]
        )


def moved(
    mean: Sequence[np.ndarray], weights: Sequence[np.ndarray], keep: float
) -> list[np.ndarray]:
    """The running average of the weights, one batch farther."""
    return [keep * old + (1 - keep) * new for old, new in zip(mean, weights, strict=True)]
