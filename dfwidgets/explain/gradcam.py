"""Where a Keras model looked: compiled Grad-CAM, and tf-keras-vis for the other methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from dfwidgets.detector import ModelError
from dfwidgets.quiet import QUIET_WARNINGS

if TYPE_CHECKING:
    import keras

SAMPLES, AT_ONCE, NOISE = 20, 4, 0.2
"""SmoothGrad: noisy copies of the picture, how many in one go, and the noise as a part of its
range."""

Look = Callable[[np.ndarray], tuple[float, np.ndarray]]


def flat_copy(model: keras.Model, size: int) -> keras.Model:
    """Copy a model so that no layer of it is a model itself; the one given stays as it is.

    A backbone nested as a layer hides its last feature map from whoever asks for a gradient.

    Args:
        model: Sequential or functional, nested to any depth, with one input.
        size: width and height of its input, in pixels.
    """
    import keras

    copies: dict[int, tuple[Any, Any]] = {}
    names = {"image"}

    def copy(layer: Any) -> Any:
        config = layer.get_config()
        while config["name"] in names:
            config["name"] += "_"
        names.add(config["name"])
        return type(layer).from_config(config)

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(layer, keras.Sequential):
            x = args[0]
            for inner in layer.layers:
                x = call(inner, x)
            return x
        if isinstance(layer, keras.Model):
            return layer._run_through_graph(args[0], call_fn=call)
        # A layer without weights that is used twice becomes two, so that each has one output.
        if not getattr(layer, "weights", ()):
            return copy(layer)(*args, **kwargs)
        if id(layer) not in copies:
            copies[id(layer)] = layer, copy(layer)
        return copies[id(layer)][1](*args, **kwargs)

    image = keras.Input((size, size, 3), name="image")
    flat = keras.Model([image], keras.tree.flatten(call(model, image))[0])
    for layer, twin in copies.values():
        twin.set_weights(layer.get_weights())
        if isinstance(twin, keras.layers.Normalization):
            twin.finalize_state()  # it works with constants made from its weights
    return flat


def drop_sigmoid(flat: keras.Model) -> tuple[keras.Model, str]:
    """Make a flat copy end in its logit, and say what it ended in: "logit" or "probability".

    Where a sigmoid is saturated its gradient is 0, so the logit is what can be explained.

    Raises:
        ModelError: it ends in another activation.
    """
    import keras

    last = flat.operations[-1]
    activation = getattr(last, "activation", None)
    if type(last).__name__ == "Sigmoid":  # keras.ops.sigmoid
        return keras.Model(flat.inputs, last.input), "probability"
    if activation is keras.activations.sigmoid:
        last.activation = keras.activations.linear
        return flat, "probability"
    if activation not in (None, keras.activations.linear):
        raise ModelError(f"it ends in {activation.__name__}; expected a sigmoid or a plain number")
    return flat, "logit"


def shuffle_head(flat: keras.Model, seed: int) -> None:
    """Shuffle the weights of a flat copy's last layer in place; its biases stay."""
    last = next(layer for layer in reversed(flat.layers) if layer.weights)
    kernel, *rest = last.get_weights()
    mixed = np.random.default_rng(seed).permutation(kernel.ravel()).reshape(kernel.shape)
    last.set_weights([mixed, *rest])


def feature_layer(flat: keras.Model) -> Any:
    """The last layer whose output is a map: (N, rows, columns, channels), more than one cell.

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

    @tf.function(input_signature=[tf.TensorSpec((1, *flat.inputs[0].shape[1:]), tf.float32)])
    def pull(pixels: Any) -> tuple[Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            logit, features = both([pixels], training=False)
        slope = tf.cast(tape.gradient(logit, features), tf.float32)
        weights = tf.reduce_mean(slope, axis=(1, 2), keepdims=True)
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
        progress: called with the part done between samples; what it raises ends the computation.

    Returns:
        float32 (height, width), 0 or more, in no unit; the same at every call.
    """
    from tf_keras_vis.saliency import Saliency

    saliency = Saliency(flat)
    random = np.random.default_rng(0)
    spread = NOISE * float(np.ptp(pixels))
    total = np.zeros(pixels.shape[1:], np.float64)
    for done in range(0, SAMPLES, AT_ONCE):
        noisy = pixels + random.normal(0, spread, (AT_ONCE, *pixels.shape[1:]))
        slopes = saliency(
            lambda outputs: outputs[:, 0],
            noisy.astype(np.float32),
            keepdims=True,
            normalize_map=False,
        )
        total += np.asarray(slopes, np.float64).sum(axis=0)
        progress((done + AT_ONCE) / SAMPLES)
    return (total.max(axis=-1) / SAMPLES).astype(np.float32)
