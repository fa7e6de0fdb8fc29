"""Self-blended faces, and the tricks of the sample pictures: only the masked place changes, and by
as much as asked."""

from __future__ import annotations

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.pictures.blend import Shape, grid, self_blend, shape_of, warped
from models.training.showing import tricks

SOME_SHAPE = Shape(*(np.array(point, float) for point in ((40, 50), (80, 50), (60, 70), (60, 90))))


@pytest.fixture(scope="module")
def face(portrait: bytes) -> np.ndarray:
    """A photograph with one face, 256 x 256."""
    return df.open_image(portrait)[:256, 100:356]


def difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(int) - b).max(axis=2)


def test_without_any_strength_the_picture_stays_as_it_is(face: np.ndarray) -> None:
    image, mask = self_blend(face, warp=0, colour=0, detail=0)
    assert difference(image, face).max() <= 1
    assert mask.max() > 0.9


def test_the_same_seed_gives_the_same_picture_and_another_seed_another(face: np.ndarray) -> None:
    first, again, other = (self_blend(face, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.image, again.image)
    assert not np.array_equal(first.image, other.image)


def test_nothing_changes_outside_the_mask(face: np.ndarray) -> None:
    image, mask = self_blend(face, warp=1, colour=1, detail=1, mask=0.3)
    assert np.array_equal(image[mask == 0], face[mask == 0])
    assert difference(image, face)[mask > 0.9].mean() > 5
    assert 0.05 < (mask > 0.5).mean() < 0.6


@pytest.mark.parametrize("what", ["warp", "colour", "detail"])
def test_more_strength_changes_more(face: np.ndarray, what: str) -> None:
    none = {"warp": 0.0, "colour": 0.0, "detail": 0.0}
    changes = [
        difference(self_blend(face, **none | {what: s}).image, face).mean() for s in (0.1, 0.4, 0.9)
    ]
    assert changes[0] < changes[1] < changes[2]


def test_a_larger_mask_covers_more_of_the_face(face: np.ndarray) -> None:
    areas = [self_blend(face, mask=size).mask.mean() for size in (0.0, 0.5, 1.0)]
    assert areas[0] < areas[1] < areas[2]


def test_the_mask_lies_on_the_chosen_face_of_two(two_faces: np.ndarray) -> None:
    large, small = df.find_faces(two_faces)
    for chosen, other in ((large, small), (small, large)):
        mask = self_blend(two_faces, chosen).mask
        assert (
            mask[int(chosen.top + chosen.bottom) // 2, int(chosen.left + chosen.right) // 2] > 0.9
        )
        assert mask[int(other.top + other.bottom) // 2, int(other.left + other.right) // 2] == 0


def test_a_face_that_has_only_a_box_is_found_again(two_faces: np.ndarray) -> None:
    small = df.find_faces(two_faces)[1]
    bare = df.Face(small.left, small.top, small.right, small.bottom, small.score)
    assert np.array_equal(shape_of(two_faces, bare).nose, small.landmarks[2])


def test_no_face_and_a_wrong_strength_are_said() -> None:
    with pytest.raises(ValueError, match=r"No face was found.*Choose one"):
        self_blend(np.full((64, 64, 3), 128, np.uint8))
    with pytest.raises(ValueError, match=r"expected colour from 0 to 1, got 1\.5"):
        self_blend(np.zeros((8, 8, 3), np.uint8), colour=1.5)


def test_a_warp_moves_what_was_beside(face: np.ndarray) -> None:
    xs, ys = grid(face)
    right = np.zeros((len(ys), len(xs), 2))
    right[..., 0] = 10
    assert difference(warped(face, right)[:, :-20], face[:, 10:-10]).mean() < 1


@pytest.mark.parametrize(
    "play",
    [
        lambda image, shape: tricks.grow(image, shape, "left eye", 0.3),
        lambda image, shape: tricks.lift(image, shape, "mouth", 0.2),
        lambda image, shape: tricks.narrow(image, shape, "nose", 0.4),
        lambda image, shape: tricks.rescale(image, shape, "eyes", 4),
        lambda image, shape: tricks.resynthesise(image, shape, 0.2, 2.0, 0),
        lambda image, shape: tricks.mirror_eye(image, shape, "right"),
    ],
    ids=["grow", "lift", "narrow", "rescale", "resynthesise", "mirror_eye"],
)
def test_a_trick_changes_its_place_and_no_other(face: np.ndarray, play) -> None:
    image, mask = play(face, shape_of(face))
    changed = difference(image, face)
    assert changed[mask > 0.5].mean() > 3
    assert changed[mask < 0.01].mean() < 0.1
    assert 0.001 < (mask > 0.5).mean() < 0.5


def test_growing_an_eye_makes_it_larger() -> None:
    dot = np.full((128, 128, 3), 255, np.uint8)
    dot[46:55, 36:45] = 0
    grown = tricks.grow(dot, SOME_SHAPE, "left eye", 0.3).image
    shrunk = tricks.grow(dot, SOME_SHAPE, "left eye", -0.3).image
    assert (grown < 128).sum() > (dot < 128).sum() > (shrunk < 128).sum() > 0


def test_the_mirrored_eye_is_the_other_one_turned_round() -> None:
    image = np.full((128, 128, 3), 200, np.uint8)
    image[48:53, 82:90] = 0  # right of the right eye's middle, so left of the left one's
    mirrored = tricks.mirror_eye(image, SOME_SHAPE, "left").image
    assert mirrored[50, 33].max() < 60
    assert mirrored[50, 47].min() > 180
