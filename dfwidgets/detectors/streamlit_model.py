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
    "filters", "kernel_size", "strides", "padding", "dilation_rate", "use_bias", "activation",
    "units", "epsilon", "axis", "scale", "offset", "mean", "variance", "target_shape",
    "depth_multiplier", "center",
)  # fmt: skip


def find_pair(folder: Path) -> tuple[Path, Path] | None:
    """The JSON and the weights of the one such model in a folder; None where there is none."""
    # [!.]: a Mac puts a file of its own, ._NAME, beside each one that it copies.
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
    return Manifest(
        folder,
        name=pair[1].stem,
        files={path.name: "" for path in pair},  # nobody vouches for them
        size=size,
        speaks_for="real",
        crop="whole",
        output="probability",
        note=NOTE,
    )


def manifest_of(folder: Path) -> Manifest:
    """The manifest of a model's folder, or what is assumed of an ancestor's pair without one.

    Raises:
        ModelError: it is missing, or it or the JSON says something that can't be.
    """
    pair = find_pair(folder)
    if pair and not (folder / "manifest.json").exists():
        return assumed_manifest(folder, pair)
    return read_manifest(folder)


def read_pair(pair: tuple[Path, Path]) -> keras.Model:
    """Build the network that the JSON describes and load its weights; no code of either runs.

    Raises:
        ModelError: the JSON describes another network than can be built here, or the weights don't
            fit.
    """
    import keras

    name = f"{pair[0].parent.name}/{pair[0].name}"
    layers, pooling, size = _read(pair[0])
    backbone = keras.applications.EfficientNetV2B0(
        include_top=False, weights=None, input_shape=(size, size, 3), pooling=pooling
    )
    try:
        difference = _difference(layers, backbone)
    except Exception:  # anything may stand in a JSON
        difference = "its layers are not described as Keras 2 does"
    if difference:
        raise ModelError(
            f"{name} can't be rebuilt: {difference}. Save the model as a .keras file and use that."
        )

    head = keras.layers.Dense(1, "sigmoid")
    model = keras.Sequential([keras.Input((size, size, 3)), backbone, head])
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

    known_kind = kinds in (["InputLayer", "Functional", "Dense"], ["Functional", "Dense"])
    known_head = head == [1, "sigmoid", True]
    if not (known_kind and known_head and _is_square(shape) and pooling):
        raise ModelError(
            f"{name} describes another network than the one known here: "
            "expected EfficientNetV2B0 for square pictures of 32 pixels or more, "
            "with max or average pooling and one sigmoid, "
            f"got {', '.join(kinds)} for {shape}. Save the model as a .keras file and use that."
        )
    return layers, pooling, shape[1]


def _is_square(shape: Any) -> bool:
    """Whether it is (N, size, size, 3) of a size that Keras builds; anything may stand there."""
    if not isinstance(shape, list) or len(shape) != 4:
        return False
    size = shape[1]
    return type(size) is int and size >= 32 and shape[1:] == [size, size, 3]


def _difference(described: list[dict[str, Any]], network: Any) -> str:
    """The first thing in which the JSON's layers and the built network differ; empty: nothing."""
    # Dropout does nothing to an answer, and versions of Keras differ in where they put it.
    described = [layer for layer in described if layer["class_name"] != "Dropout"]
    built = [layer for layer in network.layers if type(layer).__name__ != "Dropout"]
    if len(described) != len(built):
        return f"it has {len(described)} layers where EfficientNetV2B0 has {len(built)}"

    # By their place: the JSON's names are whatever its Keras counted up to.
    pairs = list(zip(described, built, strict=True))
    names = {theirs["config"]["name"]: ours.name for theirs, ours in pairs}
    for theirs, ours in pairs:
        kind = type(ours).__name__
        if theirs["class_name"] != kind:
            return f"its layer {ours.name} is a {theirs['class_name']}, not a {kind}"

        here = ours.get_config()
        for key in _MATTERS:
            if key not in theirs["config"] or key not in here:
                continue
            if _plain(theirs["config"][key]) != _plain(here[key]):
                return f"its layer {ours.name} has {key} {theirs['config'][key]}, not {here[key]}"

        sources = [names.get(node[0], node[0]) for node in (theirs["inbound_nodes"] or [[]])[0]]
        parents = _parents(ours)
        if sources != parents:
            return f"its layer {ours.name} follows {', '.join(sources)}, not {', '.join(parents)}"
    return ""


def _parents(layer: Any) -> list[str]:
    """The layers whose outputs a layer takes, dropout passed over."""
    parents = [node.operation for node in layer._inbound_nodes[0].parent_nodes]
    return [
        _parents(parent)[0] if type(parent).__name__ == "Dropout" else parent.name
        for parent in parents
    ]


def _plain(value: Any) -> Any:
    """A value of a configuration, the same for Keras 2 and 3, which write some differently."""
    if isinstance(value, (list, tuple)) and len(value) == 1:
        return _plain(value[0])
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if value == "swish":
        return "silu"
    if isinstance(value, float):
        return round(value, 9)
    return value
