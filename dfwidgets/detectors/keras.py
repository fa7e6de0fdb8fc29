"""Someone's own Keras model as a detector: loaded on first use, in safe mode, compiled once."""

from __future__ import annotations

import os
import re
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dfwidgets.detector import ModelError, Prediction, Toward
from dfwidgets.detectors import streamlit_model
from dfwidgets.detectors.manifest import Manifest
from dfwidgets.explain import flatten, gradcam
from dfwidgets.explain.occlusion import occlusion
from dfwidgets.pictures import (
    Face,
    WhichFace,
    choose_face,
    crop_face,
    crop_window,
    place_map,
    reason_not_to_tell,
)
from dfwidgets.quiet import quiet_stderr
from dfwidgets.robustness import adversarial

if TYPE_CHECKING:
    import keras

EMPTY = 1e-6
"""A Grad-CAM whose pull is under this part of the pull the other way is rounding, not a map."""


class KerasDetector:
    """Judges a face with the `.keras` file, or the ancestor's `.json` and `.h5`, of a model folder.

    TensorFlow comes with the first question. With a `seed` the weights of its last layer are
    shuffled, as a sanity check needs it.

    The model takes RGB from 0 to 255, float (N, size, size, 3), and answers with one number (N, 1):
    a sigmoid or a logit, as its manifest says.
    """

    methods = ("Grad-CAM", "Occlusion", "Grad-CAM++", "SmoothGrad")

    def __init__(self, folder: str | Path, seed: int | None = None) -> None:
        self.folder = Path(folder)
        self._seed = seed
        self._lock = threading.Lock()
        self._manifest: Manifest | None = None
        self._network: tuple[Any, gradcam.Look] | None = None

    def load(self) -> None:
        """Check the model's hash, load and compile it; later calls do nothing.

        Raises:
            ModelError: manifest or model is missing, damaged, unsafe, or not what the manifest
                says.
        """
        self._ready()

    def predict(self, image: np.ndarray, face: WhichFace = "largest") -> Prediction:
        """Say how likely the face is fake; see `Detector.predict`."""
        _, look = self._ready()
        chosen, pixels = self._cut(image, face)
        logit, _ = look(pixels)
        reason = reason_not_to_tell(image, chosen) if self._known.crop == "face" else ""
        return self._known.prediction(self._known.sign * logit, chosen, reason)

    def judged_part(self, image: np.ndarray, face: Face | None) -> tuple[int, int, int, int]:
        """The only pixels that the answer hangs on: (left, top, right, bottom)."""
        return crop_window(image, face if self._known.crop == "face" else None)

    def slope(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """How the logit (above 0 toward fake) changes with each pixel of the judged part.

        Returns:
            float32 (size, size, 3), at the network's own resolution, in logits per grey level.
        """
        network, _ = self._ready()
        return self._known.sign * adversarial.slope(network, self._cut(image, face)[1])

    def explain(
        self,
        image: np.ndarray,
        face: WhichFace = "largest",
        *,
        toward: Toward = "fake",
        method: str = "Grad-CAM",
        progress: Callable[[float], None] = lambda part: None,
    ) -> np.ndarray:
        """Say where the detector looked; see `Detector.explain`.

        SmoothGrad draws the same map toward "fake" and toward "real".

        Raises:
            ValueError: the method or the direction is unknown.
            ModelError: the model can't be loaded, or gave no number.
        """
        if method not in self.methods or toward not in ("fake", "real"):
            raise ValueError(
                f"expected one of {self.methods} toward “fake” or “real”, got {method!r} toward {toward!r}"
            )
        network, look = self._ready()
        chosen, pixels = self._cut(image, face)
        if method == "Occlusion":
            return occlusion(self.predict, image, chosen, toward=toward, progress=progress)
        sign = self._known.sign if toward == "fake" else -self._known.sign
        progress(0.0)
        if method == "Grad-CAM":
            cells = sign * look(pixels)[1]
        elif method == "Grad-CAM++":
            cells = gradcam.gradcam_plus_plus(network, pixels, sign)
        else:
            cells = gradcam.smoothgrad(network, pixels, progress)
        progress(1.0)
        if not np.isfinite(cells).all():
            raise ModelError(
                f"The model “{self._known.name}” gave no map for this picture. Its file may be damaged."
            )
        hottest = cells.max()
        if hottest <= EMPTY * np.abs(cells).max():
            return np.zeros(image.shape[:2], np.float32)
        placed = place_map(np.maximum(cells, 0) / hottest, image, chosen)
        return np.clip(placed / placed.max(), 0, 1)

    def shuffled(self, seed: int) -> KerasDetector:
        """The same detector with the weights of its last layer shuffled, for a sanity check of its
        maps."""
        return KerasDetector(self.folder, seed)

    @property
    def _known(self) -> Manifest:
        if self._manifest is None:
            self._manifest = streamlit_model.manifest_of(self.folder)
        return self._manifest

    def _cut(self, image: np.ndarray, face: WhichFace) -> tuple[Face | None, np.ndarray]:
        chosen = choose_face(image, face if self._known.crop == "face" else None)
        return chosen, crop_face(image, chosen, self._known.size)[None].astype(np.float32)

    def _ready(self) -> tuple[Any, gradcam.Look]:
        with self._lock:
            if self._network is None:
                path, model = self._read()
                self._network = _prepare(
                    model, self._known, f"{self.folder.name}/{path.name}", self._seed
                )
            return self._network

    def _read(self) -> tuple[Path, keras.Model]:
        pair = streamlit_model.find_pair(self.folder)
        if any(name.endswith(".keras") for name in self._known.files) or pair is None:
            path = self._known.path(".keras")
            return path, read_keras(path)
        if (self.folder / "manifest.json").exists():
            pair = self._known.path(".json"), self._known.path(".h5")
        _import_keras()
        return pair[1], streamlit_model.read_pair(pair)


def read_keras(path: Path) -> keras.Model:
    """Load a `.keras` file in safe mode, so that no code in it runs.

    Raises:
        ModelError: Keras is not installed, or can't or won't load the file.
    """
    keras = _import_keras()
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # its parts raise whatever they like on a damaged file
        raise ModelError(
            f"{path.parent.name}/{path.name} can't be loaded: {_why(path, str(error))}"
        ) from error


def _prepare(
    model: Any, manifest: Manifest, name: str, seed: int | None
) -> tuple[Any, gradcam.Look]:
    """Flatten, check and compile a loaded model, and run it once."""
    size = manifest.size
    given = [tuple(tensor.shape)[1:] for tensor in getattr(model, "inputs", None) or ()]
    answered = [tuple(tensor.shape)[1:] for tensor in getattr(model, "outputs", None) or ()]
    if given not in ([(size, size, 3)], [(None, None, 3)]):
        raise ModelError(
            f"{name} doesn't take the pictures that its manifest speaks of: expected one input "
            f"(N, {size}, {size}, 3), got {_shapes(given)}. Set “size” in the manifest, or choose another model."
        )
    if answered != [(1,)]:
        raise ModelError(
            f"{name} doesn't answer with one number: expected one output (N, 1), got {_shapes(answered)}. "
            "Give it an end that says how fake a picture is, one sigmoid or logit."
        )
    try:
        network, ends_in = flatten.drop_sigmoid(flatten.flat_copy(model, size))
        if seed is not None:
            flatten.shuffle_head(network, seed)
        look = gradcam.compile_gradcam(network)
        look(np.zeros((1, size, size, 3), np.float32))
    except ModelError as error:
        raise ModelError(f"{name} can't be used here: {error}. Choose another model.") from error
    except Exception as error:  # whatever a layer that nobody foresaw raises
        raise ModelError(
            f"{name} can't be taken apart to see where it looks. "
            "Expected a Sequential or functional model made of Keras's own layers."
        ) from error
    if ends_in != manifest.output:
        raise ModelError(
            f"{name} answers with a {ends_in}, but its manifest says {manifest.output}. Correct “output” there."
        )
    return network, look


def _shapes(shapes: list[tuple[int | None, ...]]) -> str:
    return " and ".join(f"({', '.join(['N', *map(str, shape)])})" for shape in shapes) or "none"


def _why(path: Path, error: str) -> str:
    if not zipfile.is_zipfile(path):
        return "it is cut short or is no .keras file. Get it again, or save the model with model.save(“model.keras”)."
    unknown = re.search(r"Could not (?:locate|deserialize) (?:\w+ )?'([\w.]+)'", error)
    if unknown or "lambda" in error.lower():
        what = (
            f"needs “{unknown[1]}”, which is no part of Keras"
            if unknown
            else "holds a Lambda, code that is not run"
        )
        return f"it {what}. Put one of Keras's own layers in its place and save the model again."
    return "it is damaged, or made by a version of Keras that this one can't read. Get it again, or save it again."


def _import_keras() -> Any:
    """Import Keras on TensorFlow, and keep what TensorFlow's C++ writes at its start out of the
    notebook."""
    os.environ.setdefault(
        "TF_CPP_MIN_LOG_LEVEL", "2"
    )  # read at the first import; two lines come even before that
    try:
        with quiet_stderr():
            import keras
            import tensorflow  # noqa: F401
    except ImportError as error:
        raise ModelError(
            f"This model needs Keras on TensorFlow, and {(error.name or '').split('.')[0]} is missing. "
            "Run “pip install 'dfwidgets[keras]'”, leave KERAS_BACKEND unset, and start again."
        ) from error
    if keras.config.backend() != "tensorflow":
        raise ModelError(
            f"Keras runs on {keras.config.backend()} here, and heatmaps need TensorFlow. "
            "Leave KERAS_BACKEND unset and start again."
        )
    return keras
