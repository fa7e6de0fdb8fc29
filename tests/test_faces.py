"""A face is found wherever it is in a picture, and is cut out of it in the same way everywhere."""

import csv
import hashlib
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dfwidgets.pictures import Face, crop_face, crop_window, find_faces, open_image, place_map
from dfwidgets.pictures import faces as finder
from dfwidgets.pictures.face import surest_of_each
from dfwidgets.pictures.faces import MARGIN

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
WEIGHTS = Path(finder.__file__).parents[1] / "weights"


@pytest.fixture(scope="module")
def portraits():
    """Six labelled faces that may not be kept in the repository, each about half of its picture."""
    if not (DATA / "manifest.csv").is_file():
        pytest.skip(f"no labelled faces at {DATA.parent.name}/{DATA.name}: see models/README.md")
    with (DATA / "manifest.csv").open(newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["set"] == "stylegan1" and row["split"] == "val"
        ][:6]
    with zipfile.ZipFile(DATA / rows[0]["archive"]) as archive:
        return [open_image(archive.read(row["path"])) for row in rows]


def canvas(width, height, *pasted):
    """A grey picture with square pictures pasted in: (picture, left, top, side)."""
    picture = Image.new("RGB", (width, height), (128, 128, 128))
    for image, left, top, side in pasted:
        picture.paste(
            Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS), (left, top)
        )
    return np.asarray(picture)


def assert_inside(face, image):
    height, width = image.shape[:2]
    assert 0 <= face.left < face.right <= width
    assert 0 <= face.top < face.bottom <= height


# --- finding


def test_in_each_portrait_one_face_is_found_in_the_middle(portraits):
    for image in portraits:
        (face,) = find_faces(image)
        assert_inside(face, image)
        assert 0.5 <= face.score <= 1
        assert 0.35 < face.size / image.shape[1] < 0.8
        assert abs((face.left + face.right) / 2 / image.shape[1] - 0.5) < 0.1


def test_the_landmarks_are_where_a_face_has_them(portraits):
    for image in portraits:
        (face,) = find_faces(image)
        left_eye, right_eye, nose, mouth, *ears = face.landmarks
        assert len(ears) == 2
        assert left_eye[0] < nose[0] < right_eye[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < mouth[1]
        for x, y in face.landmarks:
            assert face.left - face.size / 4 < x < face.right + face.size / 4
            assert face.top - face.size / 4 < y < face.bottom + face.size / 4


def test_a_face_that_fills_its_picture_is_found(portraits):
    for image in portraits:
        (face,) = find_faces(image)
        tight = image[round(face.top) : round(face.bottom), round(face.left) : round(face.right)]
        found = find_faces(tight)
        assert found
        assert_inside(found[0], tight)
        assert found[0].size > 0.6 * min(tight.shape[:2])


@pytest.mark.parametrize(("left", "top"), [(30, 40), (455, 455), (860, 880)])
def test_a_face_a_twentieth_of_the_picture_wide_is_found_wherever_it_is(portraits, left, top):
    hits = 0
    for image in portraits:
        (face,) = find_faces(image)
        side = round(50 / face.size * image.shape[1])  # so that the face itself is 50 pixels wide
        for small in find_faces(canvas(1000, 1000, (image, left, top, side))):
            x, y = (small.left + small.right) / 2 - left, (small.top + small.bottom) / 2 - top
            hits += 0 < x < side and 0 < y < side and 25 < small.size < 80
    assert hits >= 0.75 * len(portraits)


def test_two_faces_are_both_found_the_larger_first(portraits):
    image = canvas(1000, 700, (portraits[0], 50, 300, 300), (portraits[1], 420, 100, 540))
    large, small = find_faces(image)
    assert large.left > 420 > small.right
    assert large.size > 1.3 * small.size
    for face in (large, small):
        assert_inside(face, image)


def test_a_small_face_beside_a_large_one_is_not_overlooked(portraits):
    hits = 0
    for image in portraits:
        found = find_faces(canvas(1000, 1000, (image, 480, 480, 500), (image, 120, 90, 110)))
        hits += len(found) == 2 and found[1].right < 240 and found[1].bottom < 210
    assert hits >= 0.75 * len(portraits)


def test_nor_is_one_beside_a_portrait_that_fills_a_small_picture(portraits):
    hits = 0
    for image in portraits:
        (face,) = find_faces(image)
        # So that the small face is 60 pixels wide, and the large one 200.
        small = 60 / face.size * image.shape[1]
        large = round(small * 3.3)
        found = find_faces(
            canvas(400, 400, (image, 400 - large, 40, large), (image, 0, 0, round(small)))
        )
        hits += len(found) == 2 and found[0].size > 400 / 3 and found[1].right < small
    assert hits >= 0.75 * len(portraits)


def test_a_small_face_beside_a_middling_one_is_not_overlooked(portraits):
    hits = 0
    for image in portraits:
        found = find_faces(canvas(600, 600, (image, 20, 60, 240), (image, 400, 400, 80)))
        hits += len(found) == 2 and found[0].right < 280 and found[1].left > 380
    assert hits >= 0.75 * len(portraits)


def test_a_face_in_a_tiny_picture_is_found_down_to_a_few_pixels(portraits):
    found = [find_faces(canvas(24, 24, (image, 0, 0, 24))) for image in portraits]
    sizes = [face.size for faces in found for face in faces]
    assert len(sizes) >= 0.75 * len(portraits)
    assert min(sizes) >= 8 and max(sizes) < 20


def test_several_threads_find_the_same_faces(portraits):
    with ThreadPoolExecutor(4) as pool:
        assert (
            list(pool.map(find_faces, portraits * 3))
            == [find_faces(image) for image in portraits] * 3
        )


def test_the_size_of_the_picture_does_not_move_the_box(portraits):
    for image in portraits:
        (face,) = find_faces(image)
        for side in (500, 1400):
            (scaled,) = find_faces(canvas(side, side, (image, 0, 0, side)))
            scale = side / image.shape[1]
            for name in ("left", "top", "right", "bottom"):
                assert abs(getattr(scaled, name) / scale - getattr(face, name)) < 0.06 * face.size
            moved = np.abs(np.array(scaled.landmarks) / scale - face.landmarks)
            assert moved.max() < 0.08 * face.size


def test_a_face_cut_by_the_edge_has_a_box_inside_the_picture(portraits):
    image = portraits[0]
    (face,) = find_faces(image)
    middle = round((face.left + face.right) / 2)
    for part in (image[:, : middle + 30], image[:, middle - 30 :]):
        for found in find_faces(part):
            assert_inside(found, part)


def test_the_same_picture_has_the_same_faces(portraits):
    assert find_faces(portraits[0]) == find_faces(portraits[0].copy())


@pytest.mark.parametrize("shift", [0, 20, 40, 59])
def test_of_two_boxes_that_share_much_the_surer_one_is_kept(shift):
    sure = Face(shift, 0, 100 + shift, 100, 0.9)
    other = Face(0, 0, 100, 100, 0.7)
    assert surest_of_each([other, sure]) == [sure]
    assert surest_of_each([sure, other]) == [sure]


@pytest.mark.parametrize("shift", [61, 80, 100, 250])
def test_two_boxes_that_share_little_are_two_faces(shift):
    faces = [Face(shift, 0, 100 + shift, 100, 0.9), Face(0, 0, 100, 100, 0.7)]
    assert surest_of_each(faces) == faces
    above = [Face(0, shift, 100, 100 + shift, 0.9), Face(0, 0, 100, 100, 0.7)]
    assert surest_of_each(above) == above


def test_a_box_within_a_larger_one_is_the_same_face():
    large, small = Face(0, 0, 300, 300, 0.8), Face(100, 100, 150, 150, 0.9)
    assert surest_of_each([large, small]) == [small]


def test_heads_that_touch_are_two_faces(portraits):
    left, right = portraits[:2]
    (face,) = find_faces(left)
    side = 300
    wide = round(face.size / left.shape[1] * side * 0.9)  # so far apart that their boxes overlap
    picture = canvas(wide + side, side, (left, 0, 0, side), (right, wide, 0, side))
    assert len(find_faces(picture)) == 2


def nothing():
    random = np.random.default_rng(0)
    yield "noise", random.integers(0, 256, (300, 300, 3), np.uint8)
    yield "large noise", random.integers(0, 256, (800, 700, 3), np.uint8)
    for level in (0, 128, 255):
        yield f"flat {level}", np.full((300, 200, 3), level, np.uint8)
    for height, width in ((8, 8), (1, 1), (1, 3000), (3000, 1), (2, 639)):
        yield f"{height} x {width}", random.integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("image", [pytest.param(image, id=name) for name, image in nothing()])
def test_where_there_is_no_face_none_is_found(image):
    assert find_faces(image) == ()


# --- cutting out

sizes = st.integers(1, 5000)
places = st.floats(-6000, 12000)


def blank(width, height):
    return np.broadcast_to(np.uint8(0), (height, width, 3))


@given(width=sizes, height=sizes, x=places, y=places, w=st.floats(0, 6000), h=st.floats(0, 6000))
@settings(max_examples=300)
def test_what_is_judged_is_a_square_inside_the_picture(width, height, x, y, w, h):
    face = Face(x, y, x + w, y + h, 0.9)
    left, top, right, bottom = crop_window(blank(width, height), face)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert right - left == bottom - top


def test_the_square_has_the_face_in_its_middle_and_the_margin_around_it():
    assert MARGIN == 1.15  # what the shipped model was trained with
    assert crop_window(blank(1000, 800), Face(400, 300, 500, 380, 0.9)) == (392, 282, 507, 397)


def test_at_the_edge_the_square_is_moved_and_keeps_its_size():
    assert crop_window(blank(1000, 800), Face(0, 0, 100, 100, 0.9)) == (0, 0, 115, 115)
    assert crop_window(blank(1000, 800), Face(900, 700, 1000, 800, 0.9)) == (885, 685, 1000, 800)


def test_a_face_larger_than_the_picture_allows_gives_the_largest_square():
    assert crop_window(blank(300, 200), Face(50, 0, 250, 200, 0.9)) == (50, 0, 250, 200)


def test_without_a_face_the_whole_picture_is_judged():
    assert crop_window(blank(300, 200), None) == (0, 0, 300, 200)


@pytest.mark.parametrize("face", [None, Face(30, 20, 60, 50, 0.9), Face(0, 0, 1, 1, 0.9)])
@pytest.mark.parametrize("size", [1, 16, 224])
def test_what_is_cut_out_has_the_size_the_model_wants(face, size):
    image = np.random.default_rng(0).integers(0, 256, (80, 120, 3), np.uint8)
    cut = crop_face(image, face, size)
    assert cut.dtype == np.uint8
    assert cut.shape == (size, size, 3)


def test_what_is_cut_out_is_the_judged_part_and_nothing_around_it():
    image = np.zeros((100, 100, 3), np.uint8)
    face = Face(40, 40, 60, 60, 0.9)
    left, top, right, bottom = crop_window(image, face)
    image[top:bottom, left:right] = 200
    assert (crop_face(image, face, 32) == 200).all()


def test_a_map_is_laid_over_the_judged_part_only():
    image = np.zeros((80, 120, 3), np.uint8)
    face = Face(40, 30, 60, 50, 0.9)
    left, top, right, bottom = crop_window(image, face)
    placed = place_map(np.full((7, 7), 0.5), image, face)
    assert placed.shape == (80, 120)
    assert placed.dtype == np.float32
    assert np.allclose(placed[top:bottom, left:right], 0.5)
    placed[top:bottom, left:right] = 0
    assert not placed.any()


# --- the weights


def test_the_weights_are_the_ones_the_readme_names():
    named = dict(
        re.findall(r"`(\w+\.tflite)`.*`([0-9a-f]{64})`", (WEIGHTS / "README.md").read_text())
    )
    assert named == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in WEIGHTS.glob("*.tflite")
    }
