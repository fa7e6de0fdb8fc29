"""Someone's own Keras model: loaded in safe mode, checked, made flat and compiled."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dfwidgets.detector import ModelError
from dfwidgets.detectors.keras_import import import_keras
from dfwidgets.detectors.manifest import Manifest
from dfwidgets.explain import flatten, gradcam

if TYPE_CHECKING:
    import keras


def load_keras(path: Path) -> keras.Model:
    """Load a `.keras` file in safe mode, so that no code in it runs.

    Raises:
        ModelError: Keras is not installed, or can't or won't load the file.
    """
    keras = import_keras()
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # its parts raise whatever they like on a damaged file
        raise ModelError(
            f"{path.parent.name}/{path.name} can't be loaded: {_why(path, str(error))}"
        ) from error


def prepare(
    model: Any, manifest: Manifest, name: str, seed: int | None
) -> tuple[keras.Model, gradcam.Look]:
    """Flatten, check and compile a loaded model, and run it once.

    Args:
        model: what `load_keras` gave.
        manifest: what its size and output have to be.
        name: its folder and file, for the sentences about it.
        seed: shuffles the weights of its last layer; None leaves them as they are.

    Raises:
        ModelError: it is not what the manifest says, or can't be taken apart.
    """
    size = manifest.size
    _check_shapes(model, size, name)
    try:
        network, ends_in = flatten.drop_sigmoid(flatten.flat_copy(model, size))
        if seed is not None:
            flatten.shuffle_head(network, seed)
        look = gradcam.compile_gradcam(network)
        # Traced here, so that what can't be compiled is said now and the first picture need not
        # wait.
        look(np.zeros((1, size, size, 3), np.float32))
    except ModelError as error:
        raise ModelError(f"{name} can't be used here: {error}. Choose another model.") from error
    except Exception as error:  # whatever a layer that nobody foresaw raises
        raise ModelError(
            f"{name} can't be taken apart to see where it looks. "
            "Expected a Sequential or functional model made of Keras's own layers."
        ) from error

    # A probability taken for a logit would make every verdict "likely fake" or close to it.
    if ends_in != manifest.output:
        raise ModelError(
            f"{name} answers with a {ends_in}, but its manifest says {manifest.output}. "
            "Correct “output” there."
        )
    return network, look


def _check_shapes(model: Any, size: int, name: str) -> None:
    # A subclassed model has neither inputs nor outputs to ask for.
    inputs = [tuple(tensor.shape)[1:] for tensor in getattr(model, "inputs", None) or ()]
    outputs = [tuple(tensor.shape)[1:] for tensor in getattr(model, "outputs", None) or ()]
    if inputs not in ([(size, size, 3)], [(None, None, 3)]):
        raise ModelError(
            f"{name} doesn't take the pictures that its manifest speaks of: "
            f"expected one input (N, {size}, {size}, 3), got {_shapes(inputs)}. "
            "Set “size” in the manifest, or choose another model."
        )
    if outputs != [(1,)]:
        raise ModelError(
            f"{name} doesn't answer with one number: "
            f"expected one output (N, 1), got {_shapes(outputs)}. "
            "Give it an end that says how fake a picture is, one sigmoid or logit."
        )


def _shapes(shapes: list[tuple[int | None, ...]]) -> str:
    return " and ".join(f"({', '.join(['N', *map(str, shape)])})" for shape in shapes) or "none"


def _why(path: Path, error: str) -> str:
    """What is wrong with a file that Keras did not load, and what to do; `error` is its text."""
    if not zipfile.is_zipfile(path):
        return (
            "it is cut short or is no .keras file. "
            "Get it again, or save the model with model.save(“model.keras”)."
        )
    replace = "Put one of Keras's own layers in its place and save the model again."
    unknown = re.search(r"Could not (?:locate|deserialize) (?:\w+ )?'([\w.]+)'", error)
    if unknown:
        return f"it needs “{unknown[1]}”, which is no part of Keras. {replace}"
    # Safe mode refuses it: it is code of whoever made the file.
    if "lambda" in error.lower():
        return f"it holds a Lambda, code that is not run. {replace}"
    return (
        "it is damaged, or made by a version of Keras that this one can't read. "
        "Get it again, or save it again."
    )
