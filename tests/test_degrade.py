"""Each thing that happens to a picture on its way does what its name says, the same each time."""

import numpy as np
import pytest

from dfwidgets.pictures import degrade
from dfwidgets.pictures.degrade import DEGRADATIONS


def photo(height=48, width=64):
    """Smooth colours with an edge and some grain."""
    y, x = np.mgrid[:height, :width]
    picture = np.stack([x * 3, y * 4, 200 - x - y], axis=2) + np.random.default_rng(0).normal(
        0, 6, (height, width, 3)
    )
    picture[height // 3 : height // 2, width // 4 : width // 2] = 240
    return np.clip(picture, 0, 255).astype(np.uint8)


def distance(a, b):
    return np.abs(a.astype(float) - b).mean()


@pytest.mark.parametrize("name", DEGRADATIONS)
@pytest.mark.parametrize("size", [(48, 64), (64, 48), (8, 8), (1, 1), (1, 30), (30, 1)])
def test_every_one_turns_a_picture_of_any_size_into_a_picture_and_leaves_the_given_one_alone(
    name, size
):
    image = photo(*size)
    before = image.copy()
    first = DEGRADATIONS[name](image)
    assert first.dtype == np.uint8
    assert first.ndim == 3
    assert first.shape[2] == 3
    assert min(first.shape) >= 1
    assert np.array_equal(image, before)
    assert np.array_equal(DEGRADATIONS[name](image), first)


@pytest.mark.parametrize("name", [name for name in DEGRADATIONS if name != "none"])
def test_every_one_but_none_changes_the_picture(name):
    image = photo()
    changed = DEGRADATIONS[name](image)
    assert changed.shape != image.shape or not np.array_equal(changed, image)


def test_none_is_the_picture_itself():
    image = photo()
    assert np.array_equal(DEGRADATIONS["none"](image), image)


def test_the_list_can_not_be_changed_by_accident():
    with pytest.raises(TypeError):
        DEGRADATIONS["worse"] = DEGRADATIONS["none"]


def test_the_lower_the_jpeg_quality_the_further_from_the_picture():
    image = photo()
    steps = [
        distance(image, DEGRADATIONS[name](image))
        for name in ("none", "JPEG 75", "JPEG 50", "JPEG 30")
    ]
    assert steps == sorted(steps)
    assert len(set(steps)) == 4


def test_half_and_third_size_are_that_size():
    assert DEGRADATIONS["half size"](photo(48, 60)).shape == (24, 30, 3)
    assert DEGRADATIONS["third size"](photo(48, 60)).shape == (16, 20, 3)


def test_blur_takes_detail_away_and_keeps_the_brightness():
    image = photo()
    blurred = degrade.blur(image, 1.5)
    assert (
        np.abs(np.diff(blurred.astype(float), axis=1)).mean()
        < 0.5 * np.abs(np.diff(image.astype(float), axis=1)).mean()
    )
    assert abs(blurred.mean() - image.mean()) < 1


def test_noise_has_the_strength_it_is_given_and_no_cast():
    grey = np.full((200, 200, 3), 128, np.uint8)
    grain = degrade.noise(grey, 8).astype(float) - 128
    assert abs(grain.std() - 8) < 0.2
    assert abs(grain.mean()) < 0.2


def test_noise_does_not_wrap_round_at_black_and_white():
    for level in (0, 255):
        noisy = degrade.noise(np.full((50, 50, 3), level, np.uint8), 8)
        assert np.abs(noisy.astype(int) - level).max() < 60


def test_another_seed_is_another_noise():
    image = photo()
    assert not np.array_equal(degrade.noise(image, 8, seed=1), degrade.noise(image, 8, seed=2))


def test_grey_has_no_colour_and_greens_weigh_most():
    three = degrade.grey(np.array([[[200, 0, 0], [0, 200, 0], [0, 0, 200]]], np.uint8))
    assert np.array_equal(three[..., 0], three[..., 1])
    assert np.array_equal(three[..., 0], three[..., 2])
    red, green, blue = three[0, :, 0].astype(int)
    assert green > red > blue > 0


@pytest.mark.parametrize(("level", "shown"), [(0, 0), (64, 73), (128, 136), (192, 197), (255, 255)])
def test_a_screenshot_is_larger_and_its_midtones_are_lighter(level, shown):
    screen = degrade.screenshot(np.full((40, 60, 3), level, np.uint8))
    assert screen.shape == (50, 75, 3)
    assert np.abs(screen.astype(int) - shown).max() <= 1


def test_crop_keeps_the_middle():
    image = np.zeros((100, 200, 3), np.uint8)
    image[10:90, 20:180] = 255
    cropped = degrade.crop(image, 0.8)
    assert cropped.shape == (80, 160, 3)
    assert cropped.min() == 255


def test_a_picture_flipped_twice_is_the_picture():
    image = photo()
    assert np.array_equal(degrade.flip(image)[:, 0], image[:, -1])
    assert np.array_equal(degrade.flip(degrade.flip(image)), image)


def test_a_changed_crop_or_flip_does_not_change_the_picture_it_came_from():
    image = photo()
    before = image.copy()
    degrade.crop(image, 0.85)[:] = 0
    degrade.flip(image)[:] = 0
    assert np.array_equal(image, before)
