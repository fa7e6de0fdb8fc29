"""The last layer of a `.tflite` file: its weights, and what it makes the evidence map of."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np

# Where a field stands in its table of a `.tflite` file (its schema is TensorFlow's schema.fbs).
_SUBGRAPHS = 2
_OUTPUTS = 2


class Head(NamedTuple):
    """The layer that makes the evidence map: a 1 x 1 convolution to one channel.

    Attributes:
        weights: float32 (1, 1, 1, features).
        features: the number of the tensor that goes into it, (1, rows, columns, features).
    """

    weights: np.ndarray
    features: int


def find_head(interpreter: Any) -> Head | None:
    """The last layer of a network; None where it isn't plain which one that is."""
    shapes = {part["index"]: tuple(part["shape"]) for part in interpreter.get_tensor_details()}
    maps = [
        tuple(output["shape"])
        for output in interpreter.get_output_details()
        if len(output["shape"]) == 4
    ]
    heads = [
        index
        for index, shape in shapes.items()
        if len(shape) == 4 and shape[:3] == (1, 1, 1) and shape[3] > 1
    ]
    if len(heads) != 1 or len(maps) != 1:
        return None

    weights = interpreter.get_tensor(heads[0])
    before = (*maps[0][:3], weights.size)
    features = [index for index, shape in shapes.items() if shape == before]
    if len(features) != 1:
        return None
    return Head(weights, features[0])


def also_give(content: bytes, tensor: int) -> bytes:
    """The bytes of a `.tflite` file whose network gives one more of its tensors.

    LiteRT gives no tensor from between the layers, and can't write a model. But the file is a
    FlatBuffer, where each list is found by its distance from the place that names it: so a longer
    list of outputs is put at its end, and the place names that one.
    """
    model = _number(content, 0)
    subgraphs = _follow(content, _field(content, model, _SUBGRAPHS))
    graph = _follow(content, subgraphs + 4)
    named = _field(content, graph, _OUTPUTS)
    given = _follow(content, named)

    count = _number(content, given)
    outputs = *struct.unpack_from(f"<{count}i", content, given + 4), tensor
    end = len(content) + -len(content) % 4  # lists begin at every fourth byte
    longer = struct.pack(f"<I{count + 1}i", count + 1, *outputs)
    distance = struct.pack("<I", end - named)
    padding = bytes(end - len(content))
    return b"".join([content[:named], distance, content[named + 4 :], padding, longer])


def _number(content: bytes, place: int) -> int:
    return int(struct.unpack_from("<I", content, place)[0])


def _follow(content: bytes, place: int) -> int:
    """Where that lies which is named at a place."""
    return place + _number(content, place)


def _field(content: bytes, table: int, field: int) -> int:
    """The place of a field of a table; where it stands, a list of distances says."""
    distances = table - struct.unpack_from("<i", content, table)[0]
    return int(table + struct.unpack_from("<H", content, distances + 4 + 2 * field)[0])
