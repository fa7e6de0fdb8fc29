"""A `.tflite` file on LiteRT: loaded, checked and run."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfwidgets.detector import ModelError
from dfwidgets.detectors.lite_head import also_give, find_head
from dfwidgets.quiet import QUIET_STDERR


class Pass(NamedTuple):
    """What a network gives for one crop.

    Attributes:
        number: its answer before any sign is looked at.
        cells: the evidence map, float32 (rows, columns).
        features: what its last layer makes the map of, float32 (rows, columns, features); None
            where the file doesn't end as the shipped one does.
    """

    number: float
    cells: np.ndarray
    features: np.ndarray | None


class Network:
    """A network of the shipped shape.

    Attributes:
        head: the weights of its last layer, float32 (1, 1, 1, features); None where it isn't
            plain which one that is.

    Args:
        path: the `.tflite` file.
        size: width and height of its input, in pixels.
        threads: cores that it runs on.

    Raises:
        ModelError: LiteRT can't read it, or it has another shape.
    """

    def __init__(self, path: Path, size: int, *, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._name = f"{path.parent.name}/{path.name}"
        content = path.read_bytes()
        try:
            with QUIET_STDERR:
                last = find_head(Interpreter(model_content=content))
                if last is not None:
                    content = also_give(content, last.features)
                interpreter = Interpreter(model_content=content, num_threads=threads)
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{self._name} is no model that LiteRT can read.") from error

        self.head = last.weights if last else None
        self._interpreter = interpreter
        self._features = last.features if last else None
        self._pixels, self._number, self._cells = self._places(size)

    def __call__(self, crop: np.ndarray) -> Pass:
        """Ask it about a crop, uint8 (size, size, 3)."""
        give = self._interpreter.get_tensor
        self._interpreter.set_tensor(self._pixels, crop[None].astype(np.float32))
        self._interpreter.invoke()
        # get_tensor copies: the next pass does not change what was given.
        features = None if self._features is None else give(self._features)[0]
        return Pass(give(self._number).item(), give(self._cells)[0, ..., 0], features)

    def shuffling(self, features: np.ndarray | None, seed: int) -> np.ndarray:
        """By how much the evidence map changes where the weights of the last layer are shuffled.

        Returns:
            float32 (rows, columns); its mean is by how much the logit changes.

        Raises:
            ModelError: there is no last layer whose weights could be shuffled.
        """
        if self.head is None or features is None:
            raise ModelError(f"{self._name} has no last layer whose weights could be shuffled.")
        mixed = np.random.default_rng(seed).permutation(self.head, axis=3)
        return np.asarray((features * (mixed - self.head)[0]).sum(axis=-1), np.float32)

    def _places(self, size: int) -> tuple[int, int, int]:
        """Where the input lies, the number, and the map."""
        inputs = self._interpreter.get_input_details()
        outputs = self._interpreter.get_output_details()
        given = [output for output in outputs if output["index"] != self._features]
        # The order of outputs is the converter's; their dimensions tell them apart.
        given.sort(key=lambda output: len(output["shape"]))

        input_shapes = [tuple(details["shape"]) for details in inputs]
        dimensions = [len(details["shape"]) for details in given]
        if input_shapes != [(1, size, size, 3)] or dimensions != [2, 4]:
            raise ModelError(
                f"{self._name} is another network than its manifest says: "
                f"expected an input (1, {size}, {size}, 3), a logit and an evidence map. "
                "models/README.md says how one is made."
            )
        pixels, number, cells = (details["index"] for details in (*inputs, *given))
        return pixels, number, cells


def inspect_tflite(path: Path) -> int:
    """The input size of a `.tflite` file.

    Raises:
        ModelError: LiteRT can't read it, or it is no detector of square pictures.
    """
    from ai_edge_litert.interpreter import Interpreter

    name = f"{path.parent.name}/{path.name}"
    try:
        with QUIET_STDERR:
            inputs = Interpreter(model_content=path.read_bytes()).get_input_details()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{name} is no model that LiteRT can read.") from error

    shapes = [tuple(map(int, details["shape"])) for details in inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes != [(1, shapes[0][1], shapes[0][1], 3)]:
        raise ModelError(
            f"{name} takes no square pictures: expected one input (1, size, size, 3), got {shapes}."
        )
    return shapes[0][1]
