"""The network that learns, and what it learns from: a logit, and how far it is from the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from models.training.making import backbone


def build(size: int, dropout: float, middle: Sequence[str] = ()) -> keras.Model:
    """Lite0, average pooling and one logit.

    From float RGB 0..255 (N, size, size, 3) to the logit of fake (N, 1). Averaging commutes with
    the dense layer, so the same weights laid over every cell give a map whose mean plus the bias is
    the logit (class activation map, Zhou et al., CVPR 2016). `middle` names layers farther down
    whose averages count as well: a generator's fine traces are lost on the way up.
    """
    features = backbone.lite0(size)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(features.output)
    if middle:
        averages = [x]
        for number, name in enumerate(middle, 1):
            average = keras.layers.GlobalAveragePooling2D(name=f"pool{number}")
            averages.append(average(features.get_layer(name).output))
        x = keras.layers.Concatenate(name="pools")(averages)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(features.input, keras.layers.Dense(1, name="logit")(x), name="detector")


def pools(model: keras.Model) -> list[keras.layers.Layer]:
    """The averages that count, in the order of the logit's weights."""
    found = {layer.name: layer for layer in model.layers}
    below = sorted(name for name in found if name.startswith("pool") and name[4:].isdigit())
    return [found["pool"], *(found[name] for name in below)]


def take_over(model: keras.Model, before: keras.Model) -> None:
    """Give a model the weights of one that was trained.

    Averages that it did not have count nothing at first.
    """
    for layer in before.layers[:-1]:
        model.get_layer(layer.name).set_weights(layer.get_weights())

    # New averages come after those that were there; their weights begin at zero.
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
