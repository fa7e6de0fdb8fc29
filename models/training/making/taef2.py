"""TAEF2 in Keras: the tiny autoencoder of FLUX.2's latent space.

A round trip through it changes nothing that one sees at a glance, and leaves a generator's trace.
The weights are madebyollin's (github.com/madebyollin/taesd, MIT). Layers bear the numbers that they
have in the files of weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from models.training.making.torch_files import read_torch

CHANNELS = 64
LATENT = 32  # channels of the latent space, 8 times smaller than the picture
GROUPS = 4  # of channels that are normalised together


def encoder() -> keras.Model:
    """Float RGB 0..1 (N, height, width, 3) to latents (N, height/8, width/8, 32).

    Height and width are multiples of 8.
    """
    picture = keras.Input((None, None, 3))
    x = _conv(picture, CHANNELS, "0")
    x = _block(x, "1")

    # Three times half as large; only the last blocks have a branch.
    for place in (2, 6, 10):
        x = _conv(x, CHANNELS, f"{place}", stride=2, bias=False)
        for number in range(place + 1, place + 4):
            x = _block(x, f"{number}", branch=place == 10)
    return keras.Model(picture, _conv(x, LATENT, "14"), name="taef2_encoder")


def decoder() -> keras.Model:
    """Latents (N, rows, columns, 32) to float RGB (N, 8 rows, 8 columns, 3), about 0..1."""
    latents = keras.Input((None, None, LATENT))
    x = 3 * keras.ops.tanh(latents / 3)
    x = keras.ops.relu(_conv(x, CHANNELS, "1"))

    # Three times twice as large; only the first blocks have a branch.
    for place in (3, 8, 13):
        for number in range(place, place + 3):
            x = _block(x, f"{number}", branch=place == 3)
        x = keras.layers.UpSampling2D(2)(x)
        x = _conv(x, CHANNELS, f"{place + 4}", bias=False)
    x = _block(x, "18")
    return keras.Model(latents, _conv(x, 3, "19"), name="taef2_decoder")


def load(folder: Path) -> tuple[keras.Model, keras.Model]:
    """Encoder and decoder, with taef2_encoder.pth and taef2_decoder.pth out of a folder."""
    models = encoder(), decoder()
    for model in models:
        fill(model, read_torch(folder / f"{model.name}.pth"))
    return models


def fill(model: keras.Model, tensors: dict[str, np.ndarray]) -> None:
    """Put tensors into the layers that bear their names; every one has to find its place.

    Raises:
        ValueError: some are left over.
        KeyError: some are missing.
    """
    left = dict(tensors)
    for layer in model.layers:
        if not layer.weights:
            continue
        name = layer.name.replace("-", ".")
        weights = [left.pop(f"{name}.weight").astype(np.float32)]
        if weights[0].ndim == 4:
            # PyTorch has (out, in, height, width), Keras (height, width, in, out).
            weights[0] = weights[0].transpose(2, 3, 1, 0)
        if len(layer.weights) > 1:
            weights.append(left.pop(f"{name}.bias").astype(np.float32))
        layer.set_weights(weights)
    if left:
        raise ValueError(f"expected weights of {model.name}, got besides: {', '.join(left)}")


def _conv(
    x: Any, channels: int, name: str, *, stride: int = 1, bias: bool = True, kernel: int = 3
) -> Any:
    # Padded here: with a stride of 2 Keras's own "same" pads on one side only.
    x = keras.layers.ZeroPadding2D(kernel // 2)(x)
    # Keras takes no dot in a name.
    name = name.replace(".", "-")
    return keras.layers.Conv2D(channels, kernel, stride, use_bias=bias, name=name)(x)


def _block(x: Any, name: str, branch: bool = False) -> Any:
    """Three convolutions, and the input added to what they give; before them a branch of 1 x 1."""
    if branch:
        y = _conv(x, 4 * CHANNELS, f"{name}.pool.0", bias=False, kernel=1)
        y = keras.layers.GroupNormalization(GROUPS, epsilon=1e-5, name=f"{name}-pool-1")(y)
        y = keras.ops.relu(y)
        x = x + _conv(y, CHANNELS, f"{name}.pool.3", bias=False, kernel=1)

    y = keras.ops.relu(_conv(x, CHANNELS, f"{name}.conv.0"))
    y = keras.ops.relu(_conv(y, CHANNELS, f"{name}.conv.2"))
    y = _conv(y, CHANNELS, f"{name}.conv.4")
    return keras.ops.relu(y + x)
