"""Whether a heatmap means anything: does the answer hang on it, and it on what was learned?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from PIL import Image

from dfwidgets.detector import Predict, Toward
from dfwidgets.explain.occlusion import blurred
from dfwidgets.pictures import WhichFace, crop_window

AREAS = (0.1, 0.2, 0.3)
"""The fractions of the judged picture that are blurred, one after the other."""
DRAWS = 20
"""Random maps that a map is compared with."""
SHUFFLES = 5
"""Heads with shuffled weights that a map is compared with."""

_LONGEST = 112  # pixels of a map that is moved or ranked; maps are smooth


class Deletion(NamedTuple):
    """How far the answer moves when the brightest places of a map are blurred, and of random maps.

    Attributes:
        moved: mean over `AREAS`, in logits, above 0 away from where the map says the places pulled.
        random: the same of random maps, float (maps,); NaN where that was not asked for any more,
            because the verdict stood already.
    """

    moved: float
    random: np.ndarray

    @property
    def beats(self) -> int:
        """How many random maps move the answer less."""
        return int((self.random < self.moved).sum())

    @property
    def verdict(self) -> Literal["more", "unsure", "nothing"]:
        """ "more", "unsure" or "nothing": does it beat random maps?

        "more" where at least 19 of 20 random maps move the answer less, "nothing" where no more
        than half do. A map that is no better than a random one gets "more" in 2 of 21 cases.
        """
        fraction = self.beats / len(self.random)
        if self.moved <= 0 or fraction <= 0.5:
            return "nothing"
        return "more" if fraction >= 0.95 else "unsure"


def deletion(
    predict: Predict,
    image: np.ndarray,
    heatmap: np.ndarray,
    face: WhichFace = "largest",
    *,
    toward: Toward | Literal["either"] = "fake",
    draws: int = DRAWS,
    seed: int = 0,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Deletion:
    """Blur a map's brightest places and see whether the answer moves more than for random maps.

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
        progress: called with the fraction done, 0 to 1; what it raises ends the computation.

    Raises:
        ValueError: the map is empty, or has another size than the picture.
    """
    if heatmap.shape != image.shape[:2] or not heatmap.any():
        raise ValueError(
            f"expected a map of shape {image.shape[:2]} that is not empty, got {heatmap.shape}"
        )
    original = predict(image, face)
    # The finder may be drawn to another face once this one is blurred.
    chosen = original.face if face == "largest" else face
    left, top, right, bottom = crop_window(image, original.face)
    judged = slice(top, bottom), slice(left, right)
    blur = blurred(image[judged])
    masks = np.stack([brightest(small(heatmap[judged]), area) for area in AREAS])

    def moved(masks: np.ndarray) -> float:
        """How far the answer moves, on average over the areas."""
        moves = []
        for mask in masks:
            changed = image.copy()
            large = enlarged(mask, blur.shape)
            changed[judged][large] = blur[large]
            moves.append(away(original.logit - predict(changed, chosen).logit, toward))
        return float(np.mean(moves))

    rng = np.random.default_rng(seed)
    own = moved(masks)
    random = []
    for draw in range(draws):
        progress((draw + 1) / (draws + 1))
        random.append(moved(elsewhere(masks, rng)))
    return Deletion(own, np.array(random))


def sanity_check(
    detector: Any,
    image: np.ndarray,
    face: WhichFace = "largest",
    *,
    toward: Toward = "fake",
    method: str = "Grad-CAM",
    shuffles: int = SHUFFLES,
    progress: Callable[[float], None] = lambda fraction: None,
) -> float:
    """Say how much a map stays the same when the model's last weights are shuffled.

    A map that does not change shows the picture rather than what the model learned (Adebayo et al.,
    "Sanity Checks for Saliency Maps", NeurIPS 2018).

    Args:
        detector: one with `shuffled(seed)`, which gives the same detector with its last weights
            shuffled.
        image, face, toward, method: as in `Detector.explain`.
        shuffles: how often they are shuffled.
        progress: called with the fraction done, 0 to 1; what it raises ends the computation.

    Returns:
        Spearman's rank correlation of the map with those of the shuffled models, their mean: 1 for
        the same map, about 0 for another. An empty map counts as another.
    """
    chosen = detector.predict(image, face).face if face == "largest" else face
    # Ranked is the judged part alone: around it every map is 0, which would make them alike.
    left, top, right, bottom = crop_window(image, chosen)

    def ranks(model: Any) -> np.ndarray:
        heatmap = model.explain(image, chosen, toward=toward, method=method)
        return _ranks(small(heatmap[top:bottom, left:right]))

    own = ranks(detector)
    correlations = []
    for seed in range(shuffles):
        progress(seed / shuffles)
        correlations.append(_correlation(own, ranks(detector.shuffled(seed))))
    return float(np.mean(correlations))


def away(fallen: float, toward: Toward | Literal["either"]) -> float:
    """How far an answer that fell by so much moved away from `toward`, in logits."""
    if toward == "either":
        return abs(fallen)
    return -fallen if toward == "real" else fallen


def brightest(heatmap: np.ndarray, area: float) -> np.ndarray:
    """The brightest fraction `area` of a map, bool of its shape; less where more of it is 0."""
    edge = np.quantile(heatmap, 1 - area, method="higher")
    return (heatmap >= edge) & (heatmap > 0)


def small(heatmap: np.ndarray) -> np.ndarray:
    """Every so many pixels of a map, so that it is at most `_LONGEST` long."""
    step = math.ceil(max(heatmap.shape) / _LONGEST)
    # From the middle of each square, not from its corner, or the map would move.
    return heatmap[step // 2 :: step, step // 2 :: step]


def enlarged(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A mask at the size of the picture that it belongs to, bool."""
    height, width = shape[:2]
    return np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST))


def elsewhere(masks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Masks, bool (n, rows, columns), all mirrored and moved the same random way."""
    # What leaves on one side comes back on the other: the area stays, and so do the blobs.
    if rng.random() < 0.5:
        masks = masks[:, ::-1]
    if rng.random() < 0.5:
        masks = masks[:, :, ::-1]
    return np.roll(masks, rng.integers(masks.shape[1:]), axis=(1, 2))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks around 0, float (values.size,); equal values share the middle of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle_ranks = np.cumsum(counts) - (counts + 1) / 2
    ranks = middle_ranks[places.ravel()]
    return np.asarray(ranks - ranks.mean())


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    # Not by `a @ b`: on so few numbers NumPy's library wakes threads that wait for each other.
    length = math.sqrt((a * a).sum() * (b * b).sum())
    if not length:  # an empty map has no ranks to compare
        return 0.0
    return float((a * b).sum()) / length
