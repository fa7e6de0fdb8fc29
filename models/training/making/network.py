"""The network that learns, and what it learns from: a logit, and how far it is from the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from models.training.making import backbone


def build(size: int, dropout: float, middle: Sequence[str] = (), top: bool = True) -> keras.Model:
    """Lite0, average pooling and one logit.

    From float RGB 0..255 (N, size, size, 3) to the logit of fake (N, 1). Averaging commutes with
    the dense layer, so the same weights laid over every cell give a map whose mean plus the bias is
    the logit (class activation map, Zhou et al., CVPR 2016).

    Args:
        size: pixels, a multiple of 32.
        dropout: fraction of the averages that a batch goes without.
        middle: names of layers farther down that count as well, brought to the last one's cells: a
            generator's fine traces are lost on the way up.
        top: whether the last layer counts; without it the network ends at the last of `middle`.
    """
    lite0 = backbone.lite0(size)
    counting = {"top": lite0.output} if top else {}
    counting |= {name: lite0.get_layer(name).output for name in middle}
    return _ending(lite0.input, counting, size // 32, dropout)


def _ending(
    image: Any, counting: Mapping[str, Any], cells: int, dropout: float, together: str = "features"
) -> keras.Model:
    """A network whose logit is a weighted mean of feature maps."""
    brought = []
    for name, x in counting.items():
        factor = x.shape[1] // cells
        if factor > 1:
            x = keras.layers.AveragePooling2D(factor, name=f"{name}_cells")(x)
        brought.append(x)
    x = brought[0]
    if len(brought) > 1:
        x = keras.layers.Concatenate(name=together)(brought)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(image, keras.layers.Dense(1, name="logit")(x), name="detector")


def join(first: keras.Model, second: keras.Model, threshold: float, share: float) -> keras.Model:
    """One network of two: where the second is alarmed, its alarm is added to the first's logit.

    The logit is z1 + share * max(z2 - threshold, 0), and still a weighted mean of feature maps.
    Below the threshold the second, which knows one kind of trace only, has nothing to say; and it
    knows that kind of trace better than one network that learns all kinds.

    Args:
        first, second: as `build` makes them, of one size.
        threshold: a logit of the second.
        share: how much of what lies above it is added.
    """
    size = first.input_shape[1]

    def renamed(layer: keras.layers.Layer) -> keras.layers.Layer:
        return layer.__class__.from_config(layer.get_config() | {"name": f"second_{layer.name}"})

    beside = keras.models.clone_model(second, input_tensors=first.input, clone_function=renamed)
    beside.set_weights(second.get_weights())
    features = beside.get_layer("second_pool").input

    # 1 above the threshold and 0 below, of layers that any Keras can load.
    steep = 1e4
    x = beside.get_layer("second_logit").output
    x = keras.layers.Rescaling(steep, offset=-steep * threshold, name="above")(x)
    x = keras.layers.Reshape((1, 1, 1), name="one_cell")(keras.layers.ReLU(1, name="gate")(x))
    maps = {
        "first": first.get_layer("pool").input,
        "second": keras.layers.Multiply(name="heard")([features, x]),
        "gate": keras.layers.UpSampling2D(size // 32, name="gate_map")(x),
    }
    joined = _ending(first.input, maps, size // 32, 0.0, together="both")

    kernel, bias = first.get_layer("logit").get_weights()
    other, above = second.get_layer("logit").get_weights()
    parts = [kernel, share * other, share * (above[:, None] - threshold)]
    joined.get_layer("logit").set_weights([np.concatenate(parts), bias])
    return joined


def take_over(model: keras.Model, before: keras.Model) -> None:
    """Give a model the weights of one that was trained.

    Maps that it did not have count nothing at first.
    """
    for layer in before.layers[:-1]:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())
    kernel, bias = before.get_layer("logit").get_weights()
    head = model.get_layer("logit")
    wider = head.get_weights()[0] * 0
    wider[: len(kernel)] = kernel
    head.set_weights([wider, bias])


def freeze(model: keras.Model, first_block: int | None) -> None:
    """Keep what lies before a block as it is.

    None, or a block that is not there, keeps all but the head.
    """
    # Layers stand in order, from the picture to the logit.
    learns = False
    for layer in model.layers:
        learns = learns or layer.name.startswith((f"block{first_block}_", "pool"))
        layer.trainable = learns


def compile_for(model: keras.Model, weight_decay: float, twins: int, twin_weight: float) -> None:
    """Ready the model to learn from logits; the loop sets the rate."""
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=weight_decay, clipnorm=1.0)
    # Only kernels are pulled toward zero.
    optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
    model.compile(optimizer, TwinLoss(twins, twin_weight))


@keras.saving.register_keras_serializable("dfwidgets")
class TwinLoss(keras.losses.Loss):
    """Cross-entropy of all, and how far apart the logits of twins are.

    The last 2 * `twins` pictures of a batch are pairs that show the same at two sizes or with
    another grain: what tells them apart is no trace of a fake, so their logits should be the same.
    """

    def __init__(
        self, twins: int = 0, weight: float = 0.0, name: str = "twin_loss", **more: Any
    ) -> None:
        super().__init__(name=name, **more)
        self.twins = twins
        self.weight = weight

    def call(self, y_true: Any, y_pred: Any) -> Any:
        loss = keras.losses.binary_crossentropy(y_true, y_pred, from_logits=True)
        if not self.twins:
            return loss
        # Twins lie side by side at the end of the batch.
        pairs = keras.ops.reshape(y_pred[-2 * self.twins :], (self.twins, 2))
        apart = keras.ops.mean(keras.ops.square(pairs[:, 0] - pairs[:, 1]))
        return loss + self.weight * apart

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"twins": self.twins, "weight": self.weight}
