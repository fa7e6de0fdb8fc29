"""The network that learns, and what it learns from: a logit, and how far it is from the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

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


def _ending(image: Any, counting: Mapping[str, Any], cells: int, dropout: float) -> keras.Model:
    """A network whose logit is a weighted mean of feature maps."""
    brought = []
    for name, x in counting.items():
        factor = x.shape[1] // cells
        if factor > 1:
            x = keras.layers.AveragePooling2D(factor, name=f"{name}_cells")(x)
        brought.append(x)
    x = brought[0]
    if len(brought) > 1:
        x = keras.layers.Concatenate(name="features")(brought)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(image, keras.layers.Dense(1, name="logit")(x), name="detector")


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
