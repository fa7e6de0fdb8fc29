"""Someone's own Keras model as a detector: loaded on first use, in safe mode, compiled once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfwidgets.detector import ModelError, Prediction, Toward, check_map
from dfwidgets.detectors import streamlit_model
from dfwidgets.detectors.keras_import import import_keras
from dfwidgets.detectors.keras_network import load_keras, prepare
from dfwidgets.detectors.manifest import Manifest
from dfwidgets.detectors.sending import FromFolder
from dfwidgets.explain import gradcam
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
from dfwidgets.robustness import adversarial

if TYPE_CHECKING:
    import keras

EMPTY = 1e-6
"""A Grad-CAM whose pull is under this fraction of the pull the other way is rounding, no map."""


class KerasDetector(FromFolder):
    """Judges a face with the `.keras` file, or the ancestor's `.json` and `.h5`, of a model folder.

    TensorFlow comes with the first question. With a `seed` the weights of its last layer are
    shuffled, as a sanity check needs it.

    The model takes RGB from 0 to 255, float (N, size, size, 3), and answers with one number (N, 1):
    a sigmoid or a logit, as its manifest says.
    """

    methods = ("Grad-CAM", "Occlusion", "Grad-CAM++", "SmoothGrad")

    on_tensorflow = (*methods, "load", "predict", "slope")
    """What TensorFlow answers: all of it."""

    def __init__(self, folder: str | Path, seed: int | None = None) -> None:
        self.folder = Path(folder)
        self._seed = seed
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._manifest: Manifest | None = None
        self._network: tuple[keras.Model, gradcam.Look] | None = None

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
        reason = ""
        # A model of whole pictures knows no face that could be too small or too blurred.
        if self._known.crop == "face":
            reason = reason_not_to_tell(image, chosen)
        return self._known.prediction(self._known.sign * logit, chosen, reason)

    def judged_part(self, image: np.ndarray, face: Face | None) -> tuple[int, int, int, int]:
        """The only pixels that the answer hangs on: (left, top, right, bottom)."""
        return crop_window(image, choose_face(image, self._known.judged(face)))

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
        progress: Callable[[float], None] = lambda fraction: None,
    ) -> np.ndarray:
        """Say where the detector looked; see `Detector.explain`.

        SmoothGrad draws the same map toward "fake" and toward "real".

        Raises:
            ValueError: the method or the direction is unknown.
            ModelError: the model can't be loaded, or gave no number.
        """
        check_map(self.methods, method, toward)
        network, look = self._ready()
        chosen, pixels = self._cut(image, face)
        if method == "Occlusion":
            return occlusion(self.predict, image, chosen, toward=toward, progress=progress)

        # The network's number may speak for real; its maps turn with it.
        sign = self._known.sign
        if toward == "real":
            sign = -sign
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
                f"The model “{self._known.name}” gave no map for this picture. "
                "Its file may be damaged."
            )
        hottest = cells.max()
        if hottest <= EMPTY * np.abs(cells).max():
            return np.zeros(image.shape[:2], np.float32)
        # Scaled to the picture, a map's brightest place is no longer quite 1.
        placed = place_map(np.maximum(cells, 0) / hottest, image, chosen)
        return np.clip(placed / placed.max(), 0, 1)

    def shuffled(self, seed: int) -> KerasDetector:
        """The same detector with the weights of its last layer shuffled, for a sanity check."""
        return KerasDetector(self.folder, seed)

    @property
    def _known(self) -> Manifest:
        if self._manifest is None:
            self._manifest = streamlit_model.manifest_of(self.folder)
        return self._manifest

    def _cut(self, image: np.ndarray, face: WhichFace) -> tuple[Face | None, np.ndarray]:
        """The judged face and the network's input, float32 (1, size, size, 3)."""
        chosen = choose_face(image, self._known.judged(face))
        return chosen, crop_face(image, chosen, self._known.size)[None].astype(np.float32)

    def _ready(self) -> tuple[keras.Model, gradcam.Look]:
        """The flat network and its compiled Grad-CAM."""
        # A dashboard loads it in the background; whoever asks meanwhile waits for the same one.
        with self._lock:
            if self._network is None:
                path, model = self._read()
                name = f"{self.folder.name}/{path.name}"
                self._network = prepare(model, self._known, name, self._seed)
            return self._network

    def _read(self) -> tuple[Path, keras.Model]:
        pair = streamlit_model.find_pair(self.folder)
        if pair is None or any(name.endswith(".keras") for name in self._known.files):
            path = self._known.path(".keras")
            return path, load_keras(path)

        # With a manifest the pair has to be the one that it vouches for.
        if (self.folder / "manifest.json").exists():
            pair = self._known.path(".json"), self._known.path(".h5")
        import_keras()
        return pair[1], streamlit_model.read_pair(pair)
