"""Where a Keras model looked: compiled Grad-CAM, and tf-keras-vis for the other methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from dfwidgets.detector import ModelError
from dfwidgets.quiet import QUIET_WARNINGS

if TYPE_CHECKING:
    import keras

SAMPLES = 20
"""SmoothGrad: noisy copies of the picture."""
AT_ONCE = 2
"""How many of them are asked about in one go."""
NOISE = 0.2
"""Their noise, as a fraction of the picture's range."""

Look = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Takes the network's input, gives its logit and its Grad-CAM; see `compile_gradcam`."""


def feature_layer(flat: keras.Model) -> Any:
    """The last layer whose output is a map, (N, rows, columns, channels) of more than one cell.

    Raises:
        ModelError: there is none.
    """
    for layer in reversed(flat.layers[1:]):
        shape: Any = getattr(layer.output, "shape", ())
        if len(shape) == 4 and shape[1] * shape[2] > 1:
            return layer
    raise ModelError(
        "none of its layers gives a map (rows, columns, channels), so it can't say where it looked"
    )


def compile_gradcam(flat: keras.Model) -> Look:
    """Compile a model's answer and its Grad-CAM into one call (Selvaraju et al., ICCV 2017).

    Args:
        flat: what `drop_sigmoid` gave.

    Returns:
        a function of float32 (1, height, width, 3), the model's input, that gives the logit and
        the map before its ReLU: float32 (rows, columns), above 0 where it pulled the logit up.
    """
    import keras
    import tensorflow as tf

    both = keras.Model(flat.inputs, [flat.outputs[0], feature_layer(flat).output])

    # With its signature fixed it is traced once, and not anew for each array that comes in.
    @tf.function(input_signature=[tf.TensorSpec((1, *flat.inputs[0].shape[1:]), tf.float32)])
    def pull(pixels: Any) -> tuple[Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            logit, features = both([pixels], training=False)
        # A model in half precision gives half precision here.
        gradient = tf.cast(tape.gradient(logit, features), tf.float32)
        weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
        cells = tf.reduce_sum(tf.cast(features, tf.float32) * weights, axis=-1)
        return tf.cast(logit, tf.float32)[0, 0], cells[0]

    def look(pixels: np.ndarray) -> tuple[float, np.ndarray]:
        logit, cells = pull(tf.constant(pixels, tf.float32))
        return float(logit), cells.numpy()

    return look


def gradcam_plus_plus(flat: keras.Model, pixels: np.ndarray, sign: int) -> np.ndarray:
    """Grad-CAM++ by tf-keras-vis (Chattopadhay et al., WACV 2018).

    Args:
        flat: what `drop_sigmoid` gave.
        pixels: float32 (1, height, width, 3), the model's input.
        sign: 1 for what pulled the logit up, -1 for what pulled it down.

    Returns:
        float32 (rows, columns), 0 or more, in no unit.
    """
    import tensorflow as tf

    with QUIET_WARNINGS:  # it imports a SciPy path that goes away in SciPy 2
        from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus

    def score(outputs: Any) -> Any:
        # The method takes exp(score), which only scales the map: at 0 it can't overflow or vanish.
        return sign * (outputs[:, 0] - tf.stop_gradient(outputs[:, 0]))

    cells = GradcamPlusPlus(flat)(
        score,
        pixels,
        penultimate_layer=feature_layer(flat),
        seek_penultimate_conv_layer=False,  # the nearest convolution is not the last feature map
        expand_cam=False,
        normalize_cam=False,  # it would make a small map blank
    )
    return np.asarray(cells, np.float32)[0]


def smoothgrad(
    flat: keras.Model, pixels: np.ndarray, progress: Callable[[float], None]
) -> np.ndarray:
    """SmoothGrad by tf-keras-vis (Smilkov et al., 2017, arXiv:1706.03825).

    It says how much the answer hangs on each pixel, either way: the same picture for fake and real.

    Args:
        flat: what `drop_sigmoid` gave.
        pixels: float32 (1, height, width, 3), the model's input.
        progress: called with the fraction done between samples; what it raises ends the
            computation.

    Returns:
        float32 (height, width), 0 or more, in no unit; the same at every call.
    """
    from tf_keras_vis.saliency import Saliency

    saliency = Saliency(flat)
    random = np.random.default_rng(0)  # of its own, so that the map is the same at every call
    spread = NOISE * float(np.ptp(pixels))
    total = np.zeros(pixels.shape[1:], np.float64)
    # A few at a time: all at once they would take much memory, and nobody could cancel.
    for done in range(0, SAMPLES, AT_ONCE):
        noisy = pixels + random.normal(0, spread, (AT_ONCE, *pixels.shape[1:]))
        gradients = saliency(
            lambda outputs: outputs[:, 0],
            noisy.astype(np.float32),
            keepdims=True,
            normalize_map=False,
        )
        total += np.asarray(gradients, np.float64).sum(axis=0)
        progress((done + AT_ONCE) / SAMPLES)

    # Of the three colours the one that the answer hangs on most.
    return (total.max(axis=-1) / SAMPLES).astype(np.float32)
