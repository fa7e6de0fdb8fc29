"""A model's file: whether it is the right one, and what it says of itself without being run."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from dfwidgets.detector import ModelError

LFS_POINTER = b"version https://git-lfs"
_CODE = ("Lambda", "TFSMLayer", "TorchModuleWrapper")  # what Keras does not load in its safe mode


def sha256_of(path: Path) -> str:
    """The hash that a manifest vouches with.

    Raises:
        ModelError: it can't be read, or is a Git LFS pointer.
    """
    try:
        with path.open("rb") as file:
            pointer = file.read(len(LFS_POINTER)) == LFS_POINTER
            file.seek(0)
            # Bit by bit: the whole of it would stay in the memory of each visitor's process.
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"{_name(path)} can't be read: {error.strerror}. Put the model's own file there."
        ) from error
    if pointer:
        raise ModelError(
            f"{_name(path)} is a Git LFS pointer, not the model itself. "
            "Run “git lfs pull” and try again."
        )
    return digest


def check_file(path: Path, sha256: str) -> None:
    """Make sure that a file is the one that a manifest vouches for.

    Raises:
        ModelError: it is missing, a Git LFS pointer, cut short or another file.
    """
    if not path.is_file():
        raise ModelError(
            f"The model file {_name(path)} is missing. "
            "Get it again, or check the manifest beside it."
        )
    if sha256_of(path) != sha256.lower():
        raise ModelError(
            f"{_name(path)} is not the file that its manifest vouches for: its sha256 differs "
            f"({path.stat().st_size:,} bytes here). It may be cut short or changed. Get it again."
        )


def inspect_keras(path: Path) -> tuple[int | None, str]:
    """What a `.keras` file says of itself without being run; Keras is not needed.

    Returns:
        its input size, None where any fits; and its end, "probability" or "logit".

    Raises:
        ModelError: the file is damaged, carries code, or is no detector of square pictures.
    """
    shape: list[Any] = [None] * 4
    end = ""
    try:
        with zipfile.ZipFile(path) as zipped:
            model = json.loads(zipped.read("config.json"))
        foreign = _foreign({key: model[key] for key in ("class_name", "module", "config")})
        if not foreign:
            shape = _input_shape(model)
            end = _end(model)
    # zipfile raises whatever it likes on a damaged file, and anything may stand in it.
    except Exception as error:
        raise ModelError(
            f"{_name(path)} is cut short or is no .keras file. "
            "Get it again, or save the model with model.save(“model.keras”)."
        ) from error

    if foreign:
        raise ModelError(
            f"{_name(path)} {foreign}. "
            "Put one of Keras's own layers in its place and save the model again."
        )
    if len(shape) != 4 or shape[1] != shape[2] or shape[3] != 3:
        got = ", ".join(["N", *map(str, shape[1:])])
        raise ModelError(
            f"{_name(path)} takes no square pictures: "
            f"expected an input (N, size, size, 3), got ({got})."
        )
    if end not in ("sigmoid", "linear"):
        raise ModelError(
            f"{_name(path)} ends in {end}; expected a sigmoid or a plain number. "
            "Choose another model."
        )
    return shape[1], "probability" if end == "sigmoid" else "logit"


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _foreign(part: Any) -> str:
    """What in a saved model is not Keras's own, in words; empty where all is."""
    if isinstance(part, list):
        return next(filter(None, map(_foreign, part)), "")
    if not isinstance(part, dict):
        return ""

    # Whatever Keras wrote down as an object of its own: a layer, an initialiser, a function.
    kind = part.get("class_name")
    module = str(part.get("module", "keras"))
    if kind in _CODE:
        return f"holds a {kind}, code that is not run"
    if kind == "__lambda__":
        return "holds a Lambda, code that is not run"
    if kind and module not in ("keras", "builtins") and not module.startswith("keras."):
        return f"needs “{kind}”, which is no part of Keras"
    return next(filter(None, map(_foreign, part.values())), "")


def _input_shape(model: dict[str, Any]) -> list[Any]:
    """(N, height, width, channels) of the first input, None where any will do."""
    for layer in model["config"].get("layers", []):
        if layer["class_name"] == "InputLayer":
            return list(layer["config"].get("batch_shape") or layer["config"]["batch_input_shape"])
    # A Sequential without an Input knows its shape from the first picture that it saw.
    return list(model["build_config"]["input_shape"])


def _end(layer: dict[str, Any]) -> str:
    """The name of a saved model's last activation; "linear" where its last layer has none."""
    config = layer["config"]
    if "layers" not in config:
        default = "sigmoid" if layer["class_name"] == "Sigmoid" else "linear"
        activation = config.get("activation", default)
        return activation if isinstance(activation, str) else "an activation of its own"

    inner = config["layers"]
    last: Any = config.get("output_layers") or inner[-1]["config"]["name"]
    # A functional model's outputs stand in lists or dicts, by name.
    while not isinstance(last, str):
        last = next(iter(last.values() if isinstance(last, dict) else last))
    return _end(next(each for each in inner if each.get("name", each["config"]["name"]) == last))
