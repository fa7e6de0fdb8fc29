"""The shipped detector on LiteRT: verdict and evidence map from one pass, without TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Protocol

import numpy as np

from dfwidgets.detector import Detector, ModelError, Prediction, Toward, check_map
from dfwidgets.detectors.lite_ahead import load_ahead, open_network
from dfwidgets.detectors.lite_network import Network, Pass
from dfwidgets.detectors.manifest import Manifest, read_manifest
from dfwidgets.detectors.sending import FromFolder
from dfwidgets.explain.occlusion import EMPTY, occlusion
from dfwidgets.pictures import (
    Face,
    WhichFace,
    choose_face,
    crop_face,
    crop_window,
    place_map,
    reason_not_to_tell,
)
from dfwidgets.robustness import NO_GRADIENT


class GradientDetector(Detector, Protocol):
    """The same model where gradients can be had, as `KerasDetector` has them."""

    def slope(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """How the logit changes with each pixel."""
        ...


_FAST = ("Grad-CAM", "Occlusion")  # maps that need no gradient, and so no TensorFlow
_SLOW = ("Grad-CAM++", "SmoothGrad")


class LiteDetector(FromFolder):
    """Judges a face with `model.tflite`; nothing is loaded before the first question.

    The network answers with a logit and an evidence map E whose mean plus a bias is that logit
    (class activation map, Zhou et al., CVPR 2016). Cut off at zero it is, up to scale, the Grad-CAM
    of the logit (Selvaraju et al., ICCV 2017), so that this map needs no gradient. Occlusion asks
    the network again and again. The other methods run tf-keras-vis on the `model.keras` beside it
    and load TensorFlow when asked for.
    """

    quick = ("Grad-CAM",)
    """The maps whose sanity check takes only a moment."""

    on_tensorflow = (*_SLOW, "slope")

    def __init__(
        self,
        folder: str | Path,
        gradients: Callable[[Path, int | None], GradientDetector] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._gradients = gradients
        self._seed: int | None = None  # with one, the weights of the last layer are shuffled
        self._original: LiteDetector | None = None  # where they are: the one that is asked
        self._threads = 2
        self._begin()

    def _begin(self) -> None:
        # Several threads may ask: the interpreter runs one pass at a time, and what follows is made
        # once.
        self._lock = threading.Lock()
        self._manifest: Manifest | None = None
        self._network: Network | None = None
        self._last: tuple[np.ndarray, Pass] | None = None
        self._keras: GradientDetector | None = None

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the maps that `explain` can draw."""
        if self._has_gradients:
            return (*_FAST, *_SLOW)
        return _FAST

    def load(self) -> None:
        """Check the model's hash and load it; later calls do nothing.

        Raises:
            ModelError: manifest or model is missing, damaged, or not what the manifest vouches for.
        """
        with self._asked._lock:
            self._asked._ready()

    def load_ahead(self) -> None:
        """Have the model ready in the forks of this process; raises what `load` does."""
        load_ahead(self._known.path(".tflite"), self._known.size)

    def predict(self, image: np.ndarray, face: WhichFace = "largest") -> Prediction:
        """Say how likely the face is fake; see `Detector.predict`."""
        chosen = choose_face(image, self._known.judged(face))
        logit, _ = self._look(image, chosen)
        reason = ""
        # A model of whole pictures knows no face that could be too small or too blurred.
        if self._known.crop == "face":
            reason = reason_not_to_tell(image, chosen)
        return self._known.prediction(logit, chosen, reason)

    def judged_part(self, image: np.ndarray, face: Face | None) -> tuple[int, int, int, int]:
        """The only pixels that the answer hangs on: (left, top, right, bottom)."""
        return crop_window(image, choose_face(image, self._known.judged(face)))

    def logit(self, part: np.ndarray) -> float:
        """The network's answer, above 0 toward fake, about a part that is judged as it is.

        Args:
            part: uint8 (height, width, 3), what `judged_part` names, changed in any way.
        """
        crop = crop_face(part, None, self._known.size)
        with self._asked._lock:
            return self._read(self._pass(crop, keep=False))[0]

    def slope(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """How the logit changes with each pixel; see `KerasDetector.slope`. Loads TensorFlow.

        Raises:
            ModelError: there is no `model.keras` beside the model.
        """
        if not self._has_gradients:
            raise ModelError(NO_GRADIENT)
        return self._with_gradients().slope(image, face)

    def evidence(self, image: np.ndarray, face: WhichFace = "largest") -> tuple[np.ndarray, float]:
        """What each cell adds to the verdict.

        Returns:
            the evidence map, float32 (rows, columns), in logits, above 0 toward fake; and the bias.
            The map's mean plus the bias is `predict(...).logit`.
        """
        logit, cells = self._look(image, choose_face(image, self._known.judged(face)))
        return cells, logit - float(cells.mean(dtype=np.float64))

    def explain(
        self,
        image: np.ndarray,
        face: WhichFace = "largest",
        *,
        toward: Toward = "fake",
        method: str = "Grad-CAM",
        progress: Callable[[float], None] = lambda fraction: None,
    ) -> np.ndarray:
        """Say where the detector looked; see `Detector.explain`."""
        check_map(self.methods, method, toward)
        if method not in _FAST:
            slow = self._with_gradients()
            return slow.explain(image, face, toward=toward, method=method, progress=progress)

        chosen = choose_face(image, self._known.judged(face))
        if method == "Occlusion":
            return occlusion(self.predict, image, chosen, toward=toward, progress=progress)
        _, cells = self._look(image, chosen)
        if toward == "real":
            cells = -cells
        pull = np.maximum(cells, 0)
        if pull.max() < EMPTY:
            return np.zeros(image.shape[:2], np.float32)
        # Scaled to the picture, a map's brightest place is no longer quite 1.
        placed = np.maximum(place_map(pull, image, chosen), 0)
        return placed / placed.max()

    def shuffled(self, seed: int) -> LiteDetector:
        """The same detector with the weights of its last layer shuffled, for a sanity check.

        Raises:
            ModelError: as in `load`, or the file doesn't end as the shipped one does; at its first
                question.
        """
        twin = copy(self)
        twin._seed = seed
        twin._original = self._asked
        twin._manifest = self._manifest
        return twin

    def on_one_thread(self) -> LiteDetector:
        """The same detector with a network of its own that runs on one core.

        Several side by side judge more pictures in a second than one on several cores.
        """
        twin = copy(self)
        twin._threads = 1
        return twin

    @property
    def _known(self) -> Manifest:
        if self._manifest is None:
            self._manifest = read_manifest(self.folder)
        return self._manifest

    @property
    def _asked(self) -> LiteDetector:
        """Whose network is asked, and by whose lock."""
        return self._original or self

    def _ready(self) -> Network:
        """The network, loaded; the lock is held by whoever calls."""
        if self._network is None:
            path = self._known.path(".tflite")
            self._network = open_network(path, self._known.size, threads=self._threads)
        return self._network

    def _look(self, image: np.ndarray, face: Face | None) -> tuple[float, np.ndarray]:
        """One pass: the logit and the evidence map, both above 0 toward fake."""
        crop = crop_face(image, face, self._known.size)
        with self._asked._lock:
            return self._read(self._pass(crop, keep=True))

    def _pass(self, crop: np.ndarray, *, keep: bool) -> Pass:
        """What the network gives for a crop; the lock is held.

        One pass serves verdict and map of a picture; its changed copies between are not kept.
        """
        asked = self._asked
        if asked._last is not None and np.array_equal(asked._last[0], crop):
            return asked._last[1]
        found = asked._ready()(crop)
        if keep:
            asked._last = crop, found
        return found

    def _read(self, found: Pass) -> tuple[float, np.ndarray]:
        """The logit and the evidence map of a pass, both above 0 toward fake; the lock is held."""
        logit = self._known.logit(found.number)
        cells = self._known.sign * found.cells
        if self._seed is None:
            return logit, cells

        # The logit is the mean of the map plus a bias, which stays.
        change = self._known.sign * self._asked._ready().shuffling(found.features, self._seed)
        return logit + float(change.mean(dtype=np.float64)), cells + change

    @property
    def _has_gradients(self) -> bool:
        return self._gradients is not None and (self.folder / "model.keras").exists()

    def _with_gradients(self) -> GradientDetector:
        with self._lock:
            if self._keras is None:
                assert self._gradients is not None, "methods names none that needs gradients"
                self._keras = self._gradients(self.folder, self._seed)
            return self._keras
