"""The ancestor's models: NAME.json, an architecture of Keras 2, and NAME.h5, its weights.

Keras 3 can't read such a JSON, so the network is built anew and compared with it layer by layer:
weights that went into another network would give wrong verdicts without a word.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dfwidgets.detector import ModelError
from dfwidgets.detectors.manifest import Manifest, read_manifest

if TYPE_CHECKING:
    import keras

NOTE = (
    "This model came without a manifest, so it is read as models of its kind are: "
    "the whole picture squashed to a square, a high number meaning real."
)
_POOLING = {"GlobalMaxPooling2D": "max", "GlobalAveragePooling2D": "avg"}
# What changes the answer of a layer; names, initialisers and what only training uses do not.
_MATTERS = (
    "filters", "kernel_size", "strides", "padding", "dilation_rate", "use_bias", "activation", "units",
    "epsilon", "axis", "scale", "offset", "mean", "variance", "target_shape", "depth_multiplier", "center",
)  # fmt: skip


def find_pair(folder: Path) -> tuple[Path, Path] | None:
    """The JSON and the weights of the one such model in a folder; None where there is none."""
    pairs = [(path.with_suffix(".json"), path) for path in sorted(folder.glob("[!.]*.h5"))]
    # Path.is_file raises where it may not look.
    pairs = [pair for pair in pairs if os.path.isfile(pair[0])]
    return pairs[0] if len(pairs) == 1 else None


def assumed_manifest(folder: Path, pair: tuple[Path, Path]) -> Manifest:
    """What such a model means where nothing else is said: the sigmoid speaks for real.

    Raises:
        ModelError: the JSON describes another network than can be built here.
    """
    _, _, size = _read(pair[0])
    files = {path.name: "" for path in pair}
    return Manifest(folder, pair[1].stem, files, size, "real", "whole", "probability", note=NOTE)


def manifest_of(folder: Path) -> Manifest:
    """The manifest of a model's folder, or, where the ancestor's pair lies there without one, what is assumed of it.

    Raises:
        ModelError: it is missing, or it or the JSON says something that can't be.
    """
    pair = find_pair(folder)
    if pair and not (folder / "manifest.json").exists():
        return assumed_manifest(folder, pair)
    return read_manifest(folder)


def read_pair(pair: tuple[Path, Path]) -> keras.Model:
    """Build the network that the JSON describes and load its weights; no code of either file runs.

    Raises:
        ModelError: the JSON describes another network than can be built here, or the weights don't
            fit.
    """
    import keras

    name = f"{pair[0].parent.name}/{pair[0].name}"
    layers, pooling, size = _read(pair[0])
    inner = keras.applications.EfficientNetV2B0(
        include_top=False, weights=None, input_shape=(size, size, 3), pooling=pooling
    )
    try:
        difference = _difference(layers, inner)
    except Exception:  # anything may stand in a JSON
        difference = "its layers are not described as Keras 2 does"
    if difference:
        raise ModelError(
            f"{name} can't be rebuilt: {difference}. Save the model as a .keras file and use that."
        )
    model = keras.Sequential(
        [keras.Input((size, size, 3)), inner, keras.layers.Dense(1, "sigmoid")]
    )
    try:
        model.load_weights(pair[1])
    except Exception as error:  # h5py and Keras raise whatever they like on a damaged or other file
        raise ModelError(
            f"{pair[1].parent.name}/{pair[1].name} holds no weights that fit {pair[0].name}: "
            "it is cut short, damaged, or belongs to another model. Get it again."
        ) from error
    return model


def _read(path: Path) -> tuple[list[dict[str, Any]], str, int]:
    """The backbone's layers, its pooling and its input size, from the JSON."""
    name = f"{path.parent.name}/{path.name}"
    try:
        outer = json.loads(path.read_text(encoding="utf-8"))["config"]["layers"]
        kinds = [str(layer["class_name"]) for layer in outer]
        head = [outer[-1]["config"].get(key) for key in ("units", "activation", "use_bias")]
        layers = outer[-2]["config"]["layers"]
        shape = layers[0]["config"]["batch_input_shape"]
        pooling = _POOLING.get(layers[-1]["class_name"], "")
    except Exception as error:  # anything may stand in a JSON
        raise ModelError(
            f"{name} is no Keras architecture of the kind that is known here. "
            "Get it again, or save the model as a .keras file and use that."
        ) from error
    fits = (
        kinds in (["InputLayer", "Functional", "Dense"], ["Functional", "Dense"])
        and head == [1, "sigmoid", True]
        and isinstance(shape, list)
        and len(shape) == 4
        and type(shape[1]) is int
        and shape[1] >= 32  # the smallest that Keras builds
        and shape[1:] == [shape[1], shape[1], 3]
        and pooling
    )
    if not fits:
        raise ModelError(
            f"{name} describes another network than the one known here: expected EfficientNetV2B0 for "
            "square pictures of 32 pixels or more, with max or average pooling and one sigmoid, "
            f"got {', '.join(kinds)} for {shape}. Save the model as a .keras file and use that."
        )
    return layers, pooling, shape[1]


def _difference(said: list[dict[str, Any]], network: Any) -> str:
    """The first thing in which the JSON's layers and the built network differ; empty where nothing
    does."""
    # Dropout does nothing to an answer, and versions of Keras differ in where they put it.
    said = [layer for layer in said if layer["class_name"] != "Dropout"]
    built = [layer for layer in network.layers if type(layer).__name__ != "Dropout"]
    if len(said) != len(built):
        return f"it has {len(said)} layers where EfficientNetV2B0 has {len(built)}"
    names = {theirs["config"]["name"]: ours.name for theirs, ours in zip(said, built, strict=True)}
    for theirs, ours in zip(said, built, strict=True):
        if theirs["class_name"] != type(ours).__name__:
            return f"its layer {ours.name} is a {theirs['class_name']}, not a {type(ours).__name__}"
        here = ours.get_config()
        for key in _MATTERS:
            if (
                key in theirs["config"]
                and key in here
                and _plain(theirs["config"][key]) != _plain(here[key])
            ):
                return f"its layer {ours.name} has {key} {theirs['config'][key]}, not {here[key]}"
        sources = [names.get(node[0], node[0]) for node in (theirs["inbound_nodes"] or [[]])[0]]
        if sources != _parents(ours):
            return f"its layer {ours.name} follows {', '.join(sources)}, not {', '.join(_parents(ours))}"
    return ""


def _parents(layer: Any) -> list[str]:
    """The layers whose outputs a layer takes, dropout passed over."""
    parents = [node.operation for node in layer._inbound_nodes[0].parent_nodes]
    return [
        _parents(parent)[0] if type(parent).__name__ == "Dropout" else parent.name
        for parent in parents
    ]


def _plain(value: Any) -> Any:
    """Keras 2 and 3 write the same number or tuple differently."""
    if isinstance(value, (list, tuple)):
        return _plain(value[0]) if len(value) == 1 else [_plain(one) for one in value]
    if value == "swish":
        return "silu"
    return round(value, 9) if isinstance(value, float) else value
