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
    "This detector can't say which way each pixel moves its answer, "
    "so this page can't work out how to fool it. A model that comes with a .keras file can."
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
        """The picture with each pixel of its judged part moved by so many grey levels of 255.

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
        judged = moved[top:bottom, left:right]
        # The signs are int16: in uint8 black would wrap round to white.
        judged[:] = np.clip(judged + levels * self.signs, 0, 255)
        return moved


def find_attack(detector: Any, image: np.ndarray, prediction: Prediction) -> Attack:
    """Find out which way to move each pixel so that a detector turns away from its verdict.

    It takes one gradient, of the logit with respect to the network's input, which is laid back over
    the picture: the picture itself is changed, so that the detector can be asked again as always.

    Args:
        detector: one with `slope`, as `LiteDetector` and `KerasDetector` have it.
        image: uint8 (height, width, 3).
        prediction: what the detector answered about it.

    Raises:
        ModelError: the detector has no gradient, or it is 0 or no number everywhere.
    """
    slope = adapt(detector).slope
    if slope is None:
        raise ModelError(NO_GRADIENT)
    gradient = slope(image, prediction.face)
    if not (np.isfinite(gradient).all() and gradient.any()):
        raise ModelError(
            "Here no pixel moves the answer of this model, so there is nothing to work with."
        )

    # Bilinear, as the picture was scaled on its way in: each of its pixels takes part in the same
    # places.
    window = crop_window(image, prediction.face)
    left, top, right, bottom = window
    over_picture = [
        Image.fromarray(channel).resize((right - left, bottom - top), Image.Resampling.BILINEAR)
        for channel in np.moveaxis(gradient, -1, 0)
    ]
    signs = np.sign(np.stack([np.asarray(channel) for channel in over_picture], axis=-1))

    # A score without a verdict goes away from the verdict that it is nearer to.
    middle = sum(prediction.band) / 2
    away = -1 if prediction.p_fake >= middle else 1
    return Attack(image, window, (away * signs).astype(np.int16))


def attack_sentence(before: Prediction, after: Prediction, levels: int) -> str:
    """Say what a change of so many grey levels did to an answer, and what that means."""
    if levels == 0:
        return UNCHANGED
    scores = {"before": probability(before.p_fake), "after": probability(after.p_fake)}
    # Where there was no verdict because of the picture itself, none can have been turned.
    if before.reason:
        return NOTHING_TO_TURN.format(levels=levels, **scores)

    was = before.verdict
    now = after.verdict
    if was == now:
        text = NOT_FOOLED.format(levels=levels, verdict=now, **scores)
    else:
        text = FOOLED.format(levels=levels, was=was, now=now, **scores)
    return f"{text} {after.reason}".strip()


def slope(network: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """The gradient of a network's one number with respect to its input.

    Args:
        network: what `flatten.drop_sigmoid` gave, so that no sigmoid is saturated.
        pixels: float32 (1, height, width, 3), the network's input.

    Returns:
        float32 (height, width, 3).
    """
    import tensorflow as tf

    tensor = tf.constant(pixels, tf.float32)
    with tf.GradientTape(watch_accessed_variables=False) as tape:  # the weights need no gradient
        tape.watch(tensor)
        logit = network([tensor], training=False)
    return np.asarray(tape.gradient(logit, tensor), np.float32)[0]
