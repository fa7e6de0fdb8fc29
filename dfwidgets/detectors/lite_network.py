"""A `.tflite` file on LiteRT: loaded, checked and run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets.detector import ModelError
from dfwidgets.quiet import quiet_stderr

Network = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Takes a crop, uint8 (size, size, 3); gives a number and an evidence map (rows, columns)."""

# Those loaded ahead, by the file that they were loaded from: path, time of change, bytes.
_AHEAD: dict[tuple[Path, int, int], Network] = {}


def load_ahead(path: Path, size: int) -> None:
    """Load a network for the forks of this process: the first who asks for it there has it at once.

    It runs on one core, because what runs on several does not outlive a fork. Raises what
    `load_network` does.
    """
    _AHEAD[_version(path)] = load_network(path, size, threads=1)


def load_network(path: Path, size: int, *, threads: int, seed: int | None = None) -> Network:
    """Load a network of the shipped shape.

    Args:
        path: the `.tflite` file.
        size: width and height of its input, in pixels.
        threads: cores that it runs on.
        seed: shuffles the weights of its last layer; None leaves them as they are.

    Raises:
        ModelError: LiteRT can't read it, it has another shape, or no last layer to shuffle.
    """
    # For one asker only: an interpreter answers one question at a time.
    ahead = _AHEAD.pop(_version(path), None) if seed is None else None
    if ahead is not None:
        return ahead

    from ai_edge_litert.interpreter import Interpreter

    try:
        with quiet_stderr():
            interpreter = Interpreter(model_content=path.read_bytes(), num_threads=threads)
            if seed is not None:
                shuffled = shuffle_head(interpreter, path, seed)
                interpreter = Interpreter(model_content=shuffled, num_threads=threads)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelError(
            f"{path.parent.name}/{path.name} is no model that LiteRT can read."
        ) from error

    # The order of outputs is the converter's; their dimensions tell them apart.
    inputs = interpreter.get_input_details()
    outputs = sorted(interpreter.get_output_details(), key=lambda output: len(output["shape"]))
    input_shapes = [tuple(details["shape"]) for details in inputs]
    dimensions = [len(details["shape"]) for details in outputs]
    if input_shapes != [(1, size, size, 3)] or dimensions != [2, 4]:
        raise ModelError(
            f"{path.parent.name}/{path.name} is another network than its manifest says: "
            f"expected an input (1, {size}, {size}, 3), a logit and an evidence map. "
            "models/README.md says how one is made."
        )
    pixels, logit, cells = (details["index"] for details in (*inputs, *outputs))

    def run(crop: np.ndarray) -> tuple[float, np.ndarray]:
        interpreter.set_tensor(pixels, crop[None].astype(np.float32))
        interpreter.invoke()
        # get_tensor copies: the next pass does not change what was given.
        return interpreter.get_tensor(logit).item(), interpreter.get_tensor(cells)[0, ..., 0]

    return run


def _version(path: Path) -> tuple[Path, int, int]:
    state = path.stat()
    return path.resolve(), state.st_mtime_ns, state.st_size


def shuffle_head(interpreter: Any, path: Path, seed: int) -> bytes:
    """The bytes of a `.tflite` file whose evidence map is made with shuffled weights.

    Raises:
        ModelError: there is not exactly one layer that can be the one that makes the map.
    """
    # The map is a 1 x 1 convolution to one channel: its weights are (1, 1, 1, features).
    shapes = {part["index"]: tuple(part["shape"]) for part in interpreter.get_tensor_details()}
    heads = [
        index
        for index, shape in shapes.items()
        if len(shape) == 4 and shape[:3] == (1, 1, 1) and shape[3] > 1
    ]

    # LiteRT can't write a model, but the weights stand in the file as they are in memory.
    content = path.read_bytes()
    if len(heads) == 1:
        weights = interpreter.get_tensor(heads[0])
        if content.count(weights.tobytes()) == 1:
            mixed = np.random.default_rng(seed).permutation(weights, axis=3)
            return content.replace(weights.tobytes(), mixed.tobytes())
    raise ModelError(
        f"{path.parent.name}/{path.name} has no last layer whose weights could be shuffled."
    )


def inspect_tflite(path: Path) -> int:
    """The input size of a `.tflite` file.

    Raises:
        ModelError: LiteRT can't read it, or it is no detector of square pictures.
    """
    from ai_edge_litert.interpreter import Interpreter

    name = f"{path.parent.name}/{path.name}"
    try:
        with quiet_stderr():
            inputs = Interpreter(model_content=path.read_bytes()).get_input_details()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{name} is no model that LiteRT can read.") from error

    shapes = [tuple(map(int, details["shape"])) for details in inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes != [(1, shapes[0][1], shapes[0][1], 3)]:
        raise ModelError(
            f"{name} takes no square pictures: expected one input (1, size, size, 3), got {shapes}."
        )
    return shapes[0][1]
