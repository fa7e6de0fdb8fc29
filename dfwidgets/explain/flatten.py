"""A Keras model made ready for maps: a flat copy of it that ends in its logit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dfwidgets.detector import ModelError

if TYPE_CHECKING:
    import keras


def flat_copy(model: keras.Model, size: int) -> keras.Model:
    """Copy a model so that no layer of it is a model itself.

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
        # In two nested models layers may have the same name, in one they may not.
        while config["name"] in names:
            config["name"] += "_"
        names.add(config["name"])
        return type(layer).from_config(config)

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        """What a layer does to its input, done by copies."""
        if isinstance(layer, keras.Sequential):
            x = args[0]
            for inner in layer.layers:
                x = call(inner, x)
            return x
        if isinstance(layer, keras.Model):
            # Private, for the public `clone_model(..., call_function=)` goes this very way but
            # gives a graph of its own that nothing connects to the one around it.
            return layer._run_through_graph(args[0], call_fn=call)
        # A layer without weights that is used twice becomes two, so that each has one output.
        if not getattr(layer, "weights", ()):
            return copy(layer)(*args, **kwargs)
        if id(layer) not in copies:
            copies[id(layer)] = layer, copy(layer)
        return copies[id(layer)][1](*args, **kwargs)

    image = keras.Input((size, size, 3), name="image")
    flat = keras.Model([image], keras.tree.flatten(call(model, image))[0])

    # Only now: before its first call a layer has no weights to set.
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
    # By name: the class behind keras.ops.sigmoid is not public.
    if type(last).__name__ == "Sigmoid":
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
