"""The shipped detector on LiteRT: verdict and evidence map from one pass, without TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dfwidgets.detector import ModelError, Prediction, Toward
from dfwidgets.detectors.manifest import Manifest, read_manifest
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
from dfwidgets.quiet import quiet_stderr
from dfwidgets.robustness import NO_GRADIENT


class GradientDetector(Protocol):
    """The same model where gradients can be had, as `KerasDetector` has them."""

    def explain(
        self,
        image: np.ndarray,
        face: WhichFace = "largest",
        *,
        toward: Toward = "fake",
        method: str = "Grad-CAM",
        progress: Callable[[float], None] = lambda part: None,
    ) -> np.ndarray:
        """See `Detector.explain`."""
        ...

    def slope(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """How the logit changes with each pixel."""
        ...


class LiteDetector:
    """Judges a face with `model.tflite`; nothing is loaded before the first question.

    The network answers with a logit and an evidence map E whose mean plus a bias is that logit
    (class activation map, Zhou et al., CVPR 2016). Cut off at zero it is, up to scale, the Grad-CAM
    of the logit (Selvaraju et al., ICCV 2017), so that this map needs no gradient. Occlusion asks
    the network again and again. The other methods run tf-keras-vis on the `model.keras` beside it
    and load TensorFlow when asked for.
    """

    quick = ("Grad-CAM",)
    """The maps whose sanity check takes only a moment."""

    def __init__(
        self,
        folder: str | Path,
        gradients: Callable[[Path, int | None], GradientDetector] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._gradients = gradients
        self._seed: int | None = None  # with one, the weights of the last layer are shuffled
        self._threads = 2
        self._lock = threading.Lock()
        self._manifest: Manifest | None = None
        self._network: Callable[[np.ndarray], tuple[float, np.ndarray]] | None = None
        self._last: tuple[np.ndarray, float, np.ndarray] | None = None
        self._keras: GradientDetector | None = None

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the maps that `explain` can draw."""
        quick = ("Grad-CAM", "Occlusion")
        return (*quick, "Grad-CAM++", "SmoothGrad") if self._has_gradients else quick

    def load(self) -> None:
        """Check the model's hash and load it; later calls do nothing.

        Raises:
            ModelError: manifest or model is missing, damaged, or not what the manifest vouches for.
        """
        with self._lock:
            self._load()

    def predict(self, image: np.ndarray, face: WhichFace = "largest") -> Prediction:
        """Say how likely the face is fake; see `Detector.predict`."""
        chosen = self._choose(image, face)
        logit, _ = self._look(image, chosen)
        reason = reason_not_to_tell(image, chosen) if self._known.crop == "face" else ""
        return self._known.prediction(logit, chosen, reason)

    def judged_part(self, image: np.ndarray, face: Face | None) -> tuple[int, int, int, int]:
        """The only pixels that the answer hangs on: (left, top, right, bottom)."""
        return crop_window(image, face if self._known.crop == "face" else None)

    def slope(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """How the logit changes with each pixel; see `KerasDetector.slope`. Loads TensorFlow.

        Raises:
            ModelError: there is no `model.keras` beside the model.
        """
        if not self._has_gradients:
            raise ModelError(NO_GRADIENT)
        return self._slow().slope(image, face)

    def evidence(self, image: np.ndarray, face: WhichFace = "largest") -> tuple[np.ndarray, float]:
        """What each cell adds to the verdict.

        Returns:
            the evidence map, float32 (rows, columns), in logits, above 0 toward fake; and the bias.
            The map's mean plus the bias is `predict(...).logit`.
        """
        logit, cells = self._look(image, self._choose(image, face))
        return cells, logit - float(cells.mean(dtype=np.float64))

    def explain(
        self,
        image: np.ndarray,
        face: WhichFace = "largest",
        *,
        toward: Toward = "fake",
        method: str = "Grad-CAM",
        progress: Callable[[float], None] = lambda part: None,
    ) -> np.ndarray:
        """Say where the detector looked; see `Detector.explain`."""
        if method not in self.methods or toward not in ("fake", "real"):
            raise ValueError(
                f"expected one of {self.methods} toward “fake” or “real”, got {method!r} toward {toward!r}"
            )
        if method not in ("Grad-CAM", "Occlusion"):
            return self._slow().explain(
                image, face, toward=toward, method=method, progress=progress
            )
        chosen = self._choose(image, face)
        if method == "Occlusion":
            return occlusion(self.predict, image, chosen, toward=toward, progress=progress)
        _, cells = self._look(image, chosen)
        pull = np.maximum(cells if toward == "fake" else -cells, 0)
        if pull.max() < EMPTY:
            return np.zeros(image.shape[:2], np.float32)
        placed = np.maximum(place_map(pull, image, chosen), 0)
        return placed / placed.max()

    def shuffled(self, seed: int) -> LiteDetector:
        """The same detector with the weights of its last layer shuffled, for a sanity check of its maps.

        Raises:
            ModelError: as in `load`, or the file doesn't end as the shipped one does.
        """
        twin = self._twin()
        twin._seed = seed
        return twin

    def on_one_thread(self) -> LiteDetector:
        """The same detector with a network of its own that runs on one core: several side by side judge more pictures
        in a second than one on several cores."""
        twin = self._twin()
        twin._threads = 1
        return twin

    def _twin(self) -> LiteDetector:
        # A copy, so that the twin of somebody's subclass answers as that one does.
        twin = copy(self)
        twin._lock = threading.Lock()
        twin._network = twin._last = twin._keras = None
        return twin

    @property
    def _known(self) -> Manifest:
        if self._manifest is None:
            self._manifest = read_manifest(self.folder)
        return self._manifest

    def _choose(self, image: np.ndarray, face: WhichFace) -> Face | None:
        return choose_face(image, face if self._known.crop == "face" else None)

    def _load(self) -> None:
        if self._network is not None:
            return
        from ai_edge_litert.interpreter import Interpreter

        path = self._known.path(".tflite")
        try:
            with quiet_stderr():
                interpreter = Interpreter(
                    model_content=path.read_bytes(), num_threads=self._threads
                )
                if self._seed is not None:
                    content = shuffle_head(interpreter, path, self._seed)
                    interpreter = Interpreter(model_content=content, num_threads=self._threads)
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"{self.folder.name}/{path.name} is no model that LiteRT can read."
            ) from error
        size = self._known.size
        given = interpreter.get_input_details()
        answered = sorted(interpreter.get_output_details(), key=lambda part: len(part["shape"]))
        shapes = [tuple(part["shape"]) for part in given], [len(part["shape"]) for part in answered]
        if shapes != ([(1, size, size, 3)], [2, 4]):
            raise ModelError(
                f"{self.folder.name}/{path.name} is another network than its manifest says: expected an input "
                f"(1, {size}, {size}, 3), a logit and an evidence map. models/README.md says how one is made."
            )
        pixels, logit, cells = (part["index"] for part in (*given, *answered))

        def run(crop: np.ndarray) -> tuple[float, np.ndarray]:
            interpreter.set_tensor(pixels, crop[None].astype(np.float32))
            interpreter.invoke()
            return interpreter.get_tensor(logit).item(), interpreter.get_tensor(cells)[0, ..., 0]

        self._network = run

    def _look(self, image: np.ndarray, face: Face | None) -> tuple[float, np.ndarray]:
        """One pass: the logit and the evidence map, both above 0 toward fake."""
        crop = crop_face(image, face, self._known.size)
        with self._lock:
            # Verdict and map of the same picture are asked for one after the other: one pass serves
            # both.
            if self._last is not None and np.array_equal(self._last[0], crop):
                return self._last[1:]
            self._load()
            assert self._network is not None
            value, cells = self._network(crop)
            self._last = crop, self._known.logit(value), self._known.sign * cells
            return self._last[1:]

    @property
    def _has_gradients(self) -> bool:
        return self._gradients is not None and (self.folder / "model.keras").exists()

    def _slow(self) -> GradientDetector:
        with self._lock:
            if self._keras is None:
                assert self._gradients is not None, "methods names none that needs gradients"
                self._keras = self._gradients(self.folder, self._seed)
            return self._keras


def shuffle_head(interpreter: Any, path: Path, seed: int) -> bytes:
    """The bytes of a `.tflite` file whose evidence map is made with shuffled weights.

    Raises:
        ModelError: there is not exactly one layer that can be the one that makes the map.
    """
    shapes = {part["index"]: tuple(part["shape"]) for part in interpreter.get_tensor_details()}
    heads = [
        index
        for index, shape in shapes.items()
        if len(shape) == 4 and shape[:3] == (1, 1, 1) and shape[3] > 1
    ]
    content = path.read_bytes()
    if len(heads) == 1:
        weights = interpreter.get_tensor(heads[0])
        if content.count(weights.tobytes()) == 1:
            mixed = np.random.default_rng(seed).permutation(weights, axis=3)
            return content.replace(weights.tobytes(), mixed.tobytes())
    raise ModelError(
        f"{path.parent.name}/{path.name} has no last layer whose weights could be shuffled."
    )
