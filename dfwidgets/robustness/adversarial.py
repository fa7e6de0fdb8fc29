"""How little it takes to fool a detector: one step along the sign of its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from dfwidgets.detector import ModelError, Prediction, adapt
from dfwidgets.pictures import crop_window
from dfwidgets.wording import FOOLED, NOT_FOOLED, NOTHING_TO_TURN, UNCHANGED, probability

if TYPE_CHECKING:
    import keras

STRONGEST = 8
"""Grey levels of 255 by which a pixel is changed at most."""

NO_GRADIENT = (
    "This detector can't say which way each pixel moves its answer, so this page can't work out how to fool it. "
    "A model that comes with a .keras file can."
)


@dataclass(frozen=True, eq=False)
class Attack:
    """The fast gradient sign method on one picture (Goodfellow et al., ICLR 2015, arXiv:1412.6572).

    Attributes:
        image: the picture, uint8 (height, width, 3).
        window: its judged part, (left, top, right, bottom).
        signs: int16 (height, width, 3) of that part, -1, 0 or 1: the way of each pixel that leads
            away from the verdict.
    """

    image: np.ndarray
    window: tuple[int, int, int, int]
    signs: np.ndarray

    def at(self, levels: int) -> np.ndarray:
        """The picture with each pixel of the judged part moved by so many grey levels, 0 to 8 of 255.

        Returns:
            uint8 (height, width, 3); at 0 the very picture.

        Raises:
            ValueError: `levels` is no whole number from 0 to 8.
        """
        if levels not in range(STRONGEST + 1):
            raise ValueError(
                f"expected a whole number of grey levels from 0 to {STRONGEST}, got {levels}"
            )
        if levels == 0:
            return self.image
        left, top, right, bottom = self.window
        moved = self.image.copy()
        part = moved[top:bottom, left:right]
        part[:] = np.clip(part + levels * self.signs, 0, 255)
        return moved


def find_attack(detector: Any, image: np.ndarray, prediction: Prediction) -> Attack:
    """Find out which way to move each pixel so that a detector turns away from what it said.

    It takes one gradient, of the logit with respect to the network's input, which is laid back over
    the picture: the picture itself is changed, so that the detector can be asked again as always.

    Args:
        detector: one with `slope`, as `LiteDetector` and `KerasDetector` have it.
        image: uint8 (height, width, 3).
        prediction: what the detector said of it.

    Raises:
        ModelError: the detector has no gradient, or it is 0 or no number everywhere.
    """
    slope = adapt(detector).slope
    if slope is None:
        raise ModelError(NO_GRADIENT)
    window = crop_window(image, prediction.face)
    size = window[2] - window[0], window[3] - window[1]
    pixels = slope(image, prediction.face)
    if not (np.isfinite(pixels).all() and pixels.any()):
        raise ModelError(
            "Here no pixel moves the answer of this model, so there is nothing to work with."
        )
    # Bilinear, as the picture was scaled on its way in: each of its pixels takes part in the same
    # places.
    channels = (Image.fromarray(channel) for channel in np.moveaxis(pixels, -1, 0))
    wide = [np.asarray(channel.resize(size, Image.Resampling.BILINEAR)) for channel in channels]
    away = -1 if prediction.p_fake >= sum(prediction.band) / 2 else 1
    return Attack(image, window, (away * np.sign(np.stack(wide, axis=-1))).astype(np.int16))


def sentence(before: Prediction, after: Prediction, levels: int) -> str:
    """Say what a change of so many grey levels did to an answer, and what that means."""
    if levels == 0:
        return UNCHANGED
    scores = {"before": probability(before.p_fake), "after": probability(after.p_fake)}
    if before.reason:
        return NOTHING_TO_TURN.format(levels=levels, **scores)
    was, now = before.verdict, after.verdict
    said = NOT_FOOLED if was == now else FOOLED
    return f"{said.format(levels=levels, verdict=now, was=was, now=now, **scores)} {after.reason}".strip()


def slope(network: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """The gradient of a network's one number with respect to its input.

    Args:
        network: what `gradcam.drop_sigmoid` gave, so that no sigmoid is saturated.
        pixels: float32 (1, height, width, 3), the network's input.

    Returns:
        float32 (height, width, 3).
    """
    import tensorflow as tf

    given = tf.constant(pixels, tf.float32)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(given)
        logit = network([given], training=False)
    return np.asarray(tape.gradient(logit, given), np.float32)[0]
