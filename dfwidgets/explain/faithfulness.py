"""How far a heatmap can be trusted: does the answer hang on its brightest places, and it on what
was learned?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from PIL import Image

from dfwidgets.detector import Predict, Toward
from dfwidgets.explain.occlusion import blurred
from dfwidgets.pictures import WhichFace, crop_window

AREAS = (0.1, 0.2, 0.3)
"""The parts of the judged picture that are blurred."""
DRAWS = 20
"""Random maps that a map is compared with."""
SHUFFLES = 5
"""Heads with shuffled weights that a map is compared with."""

_LONGEST = 112  # pixels of a map that is moved or ranked; maps are smooth


class Deletion(NamedTuple):
    """How far the answer moves when the brightest places of a map are blurred, and of random maps.

    Attributes:
        moved: mean over `AREAS`, in logits, above 0 away from where the map says the places pulled.
        random: the same of random maps, float (maps,).
    """

    moved: float
    random: np.ndarray

    @property
    def beats(self) -> int:
        """How many random maps move the answer less."""
        return int((self.random < self.moved).sum())

    @property
    def verdict(self) -> Literal["more", "unsure", "nothing"]:
        """ "more" where at least 19 of 20 random maps move the answer less, "nothing" where no more than half do.

        Between them "unsure". A map that is no better than a random one gets "more" in 2 of 21
        cases.
        """
        part = self.beats / len(self.random)
        if self.moved <= 0 or part <= 0.5:
            return "nothing"
        return "more" if part >= 0.95 else "unsure"


def deletion(
    predict: Predict,
    image: np.ndarray,
    heatmap: np.ndarray,
    face: WhichFace = "largest",
    *,
    toward: Toward | Literal["either"] = "fake",
    draws: int = DRAWS,
    seed: int = 0,
    progress: Callable[[float], None] = lambda part: None,
) -> Deletion:
    """Blur the brightest places of a map and see whether the answer moves more than for random maps.

    The deletion metric (Petsiuk et al., "RISE", BMVC 2018) against chance. A random map is the map
    itself, mirrored and moved at random within the judged part (what leaves on one side comes back
    on the other), so that it has the same area and the same kind of blobs.

    Args:
        predict: a detector's method of that name.
        image: the whole picture, uint8 (height, width, 3).
        heatmap: float (height, width), not all 0.
        face: as in `Detector.predict`.
        toward: where the map says its places pulled; "either" for maps without a sign.
        draws: how many random maps.
        seed: the same seed moves the same way.
        progress: called with the part done, 0 to 1; what it raises ends the computation.

    Raises:
        ValueError: the map is empty, or has another size than the picture.
    """
    if heatmap.shape != image.shape[:2] or not heatmap.any():
        raise ValueError(
            f"expected a map of shape {image.shape[:2]} that is not empty, got {heatmap.shape}"
        )
    said = predict(image, face)
    which = said.face if face == "largest" else face
    left, top, right, bottom = crop_window(image, said.face)
    blur = blurred(image[top:bottom, left:right])
    masks = np.stack([brightest(_small(heatmap[top:bottom, left:right]), area) for area in AREAS])

    def moved(masks: np.ndarray) -> float:
        logits = []
        for mask in masks:
            large = np.asarray(
                Image.fromarray(mask).resize((right - left, bottom - top), Image.Resampling.NEAREST)
            )
            changed = image.copy()
            changed[top:bottom, left:right][large] = blur[large]
            logits.append(said.logit - predict(changed, which).logit)
        if toward == "either":
            return float(np.abs(logits).mean())
        return float(np.mean(logits)) * (1 if toward == "fake" else -1)

    rng = np.random.default_rng(seed)
    own, random = moved(masks), []
    for draw in range(draws):
        progress((draw + 1) / (draws + 1))
        random.append(moved(_elsewhere(masks, rng)))
    return Deletion(own, np.array(random))


def sanity_check(
    detector: Any,
    image: np.ndarray,
    face: WhichFace = "largest",
    *,
    toward: Toward = "fake",
    method: str = "Grad-CAM",
    shuffles: int = SHUFFLES,
    progress: Callable[[float], None] = lambda part: None,
) -> float:
    """Say how much a map stays the same when the weights of the model's last layer are shuffled.

    A map that does not change shows the picture rather than what the model learned (Adebayo et al.,
    "Sanity Checks for Saliency Maps", NeurIPS 2018).

    Args:
        detector: one with `shuffled(seed)`, which gives the same detector with its last weights
            shuffled.
        image, face, toward, method: as in `Detector.explain`.
        shuffles: how often they are shuffled.
        progress: called with the part done, 0 to 1; what it raises ends the computation.

    Returns:
        Spearman's rank correlation of the map with those of the shuffled models, their mean: 1 for
        the same map, about 0 for another. An empty map counts as another.
    """
    face = detector.predict(image, face).face if face == "largest" else face
    left, top, right, bottom = crop_window(image, face)

    def ranked(asked: Any) -> np.ndarray:
        heatmap = asked.explain(image, face, toward=toward, method=method)
        return _ranks(_small(heatmap[top:bottom, left:right]))

    own, values = ranked(detector), []
    for seed in range(shuffles):
        progress(seed / shuffles)
        other = ranked(detector.shuffled(seed))
        values.append(_correlation(own, other))
    return float(np.mean(values))


def brightest(heatmap: np.ndarray, area: float) -> np.ndarray:
    """The brightest part `area` (0 to 1) of a map, bool of its shape; less where more of it is 0."""
    edge = np.quantile(heatmap, 1 - area, method="higher")
    return (heatmap >= edge) & (heatmap > 0)


def _small(heatmap: np.ndarray) -> np.ndarray:
    step = -(-max(heatmap.shape) // _LONGEST)
    return heatmap[step // 2 :: step, step // 2 :: step]


def _elsewhere(masks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Masks, bool (n, rows, columns), all mirrored and moved the same random way."""
    if rng.random() < 0.5:
        masks = masks[:, ::-1]
    if rng.random() < 0.5:
        masks = masks[:, :, ::-1]
    return np.roll(masks, rng.integers(masks.shape[1:]), axis=(1, 2))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks around 0, float (values.size,); what is as large shares the middle of its ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts + 1) / 2)[place.ravel()]
    return np.asarray(ranks - ranks.mean())


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    length = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / length if length else 0.0
