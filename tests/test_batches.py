"""What a batch holds: pairs that belong together, kinds alike, one chain for both classes."""

import io
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from dfwidgets.pictures.faces import Face, crop_window
from models.training import lines
from models.training.making import augment, reconstruct
from models.training.making.batches import Batches, Mix, ahead
from models.training.making.dataset import Row, find_all_faces, read_rows

FACE = Face(30, 30, 90, 90, 1.0, ((48, 50), (72, 50), (60, 65), (60, 78), (32, 55), (88, 55)))


def mix(**changed):
    """What batches are made of, where a test says nothing else: pairs of the folder's own."""
    plain = {
        "families": {},
        "photographs": {},
        "reals_for": {},
        "fakes": {"own": 1.0},
        "soft_reals": 0.0,
        "twins": 0,
        "twin_sets": [],
        "degradations": False,
        "size": 32,
        "batch": 16,
        "seed": 4,
    }
    return Mix(**plain | changed)


def save(folder, label, name, picture, kind="one"):
    """Write a picture, uint8 or a grey level, and give its row."""
    if np.isscalar(picture):
        picture = np.full((120, 120, 3), picture, np.uint8)
    path = f"{kind}-{label}-{name}.png"
    Image.fromarray(picture).save(folder / path)
    return Row(path, "", label, kind, kind, "train", str(name))


def no_faces(rows):
    return dict.fromkeys((row.path for row in rows), None)


def plain_square():
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "grey").save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path, portrait):
    """Portraits that are real, and grey squares that are called fake."""
    for label, picture in (("Real", portrait), ("Fake", plain_square())):
        (tmp_path / label).mkdir()
        for number in range(12):
            (tmp_path / label / f"{number}.jpg").write_bytes(picture)
    return tmp_path


def test_batches_are_balanced_and_the_same_each_time(tmp_path):
    for label in ("Real", "Fake"):
        (tmp_path / label).mkdir()
        for number in range(30):
            square = np.full((20, 20, 3), number * 5, np.uint8)
            Image.fromarray(square).save(tmp_path / label / f"{number}.png")
    rows = read_rows(tmp_path)
    learn = [row for row in rows if row.split == "train"]
    one_kind = {"all": {tmp_path.name: 1.0}}
    wanted = mix(families=one_kind, degradations=True, size=16, batch=6)

    first = Batches(tmp_path, learn, no_faces(rows), wanted)
    second = Batches(tmp_path, learn, no_faces(rows), wanted)
    for number in range(3):
        x, y = first[number]
        again, _ = second[number]
        assert x.shape == (6, 16, 16, 3)
        assert x.dtype == np.float32
        assert y.mean() == 0.5
        np.testing.assert_array_equal(x, again)
    assert not np.array_equal(first[0][0], first[1][0])


def test_a_fake_stands_beside_the_photograph_it_was_made_from(tmp_path):
    rows = []
    for number in range(12):
        rows.append(save(tmp_path, "real", number, 20 * number))
        rows.append(save(tmp_path, "fake", number, 20 * number + 7))
    batches = Batches(tmp_path, rows, no_faces(rows), mix(families={"all": {"one": 1.0}}))
    for index in range(4):
        x, y = batches[index]
        levels = x.mean(axis=(1, 2, 3)).round()
        np.testing.assert_array_equal(y[:, 0], [0, 1] * 8)
        np.testing.assert_array_equal(levels[1::2] - levels[::2], 7)
    assert len(set(levels.tolist())) > 8, "not one pair all the time"


@pytest.mark.parametrize("degradations", [False, True])
def test_both_of_a_pair_go_through_the_very_same_chain(tmp_path, portrait, degradations):
    image = df.open_image(portrait)
    rows = [save(tmp_path, label, 0, image) for label in ("real", "fake")]
    face = df.find_faces(image)[0]
    wanted = mix(families={"all": {"one": 1.0}}, degradations=degradations)
    x, _ = Batches(tmp_path, rows, {row.path: face for row in rows}, wanted)[0]
    np.testing.assert_array_equal(x[::2], x[1::2])
    assert not np.array_equal(x[0], x[2]), "but no two pairs alike"


def test_beside_a_fake_without_a_photograph_of_its_own_stands_one_of_the_sets_that_lend(tmp_path):
    rows = [save(tmp_path, "fake", 0, 250, "alone")]
    rows += [save(tmp_path, "real", number, 100, "lender") for number in range(3)]
    rows += [save(tmp_path, "real", number, 30, "other") for number in range(3)]
    wanted = mix(families={"all": {"alone": 1.0}}, reals_for={"alone": ["lender"]})
    x, y = Batches(tmp_path, rows, no_faces(rows), wanted)[0]
    assert set(x[y[:, 0] == 0].ravel().tolist()) == {100}
    assert set(x[y[:, 0] == 1].ravel().tolist()) == {250}


def test_of_two_strangers_neither_has_more_pixels(tmp_path):
    random = np.random.default_rng(0)
    fine = random.integers(0, 256, (256, 256, 3)).astype(np.uint8)
    coarse = random.integers(0, 256, (24, 24, 3)).astype(np.uint8)
    rows = [save(tmp_path, "fake", 0, fine, "large"), save(tmp_path, "real", 0, coarse, "small")]
    wanted = mix(families={"all": {"large": 1.0}}, reals_for={"large": ["small"]}, size=64)
    x, y = Batches(tmp_path, rows, no_faces(rows), wanted)[0]
    fakes = x[y[:, 0] == 1]
    # Made smaller than 24 pixels and larger again, neighbours are alike; at 64 of 256 they are not.
    steps = np.abs(np.diff(fakes, axis=2)).mean() / fakes.std()
    assert steps < 0.6


def test_families_come_alike_and_kinds_by_their_numbers(tmp_path):
    levels = {"a": 40, "b": 120, "c": 200}
    rows = [save(tmp_path, "real", 0, 0, "photos")]
    for kind, level in levels.items():
        rows += [save(tmp_path, "fake", number, level, kind) for number in range(2)]
    wanted = mix(
        families={"first": {"a": 3.0, "b": 1.0}, "second": {"c": 1.0}, "gone": {"d": 1.0}},
        reals_for={kind: ["photos"] for kind in levels},
        batch=100,
        size=8,
    )
    batches = Batches(tmp_path, rows, no_faces(rows), wanted)
    seen = np.concatenate([batches[number][0][1::2].mean(axis=(1, 2, 3)) for number in range(8)])
    shares = [float((seen.round() == level).mean()) for level in levels.values()]
    assert shares == pytest.approx([3 / 8, 1 / 8, 1 / 2], abs=0.08)


def test_fakes_made_of_the_real_beside_it_replace_those_of_the_folder(folder):
    rows = read_rows(folder)
    faces = find_all_faces(folder, rows, folder / "faces.csv")
    again = find_all_faces(folder, rows, folder / "faces.csv")
    np.testing.assert_allclose(
        again["Real/0.jpg"].landmarks, faces["Real/0.jpg"].landmarks, atol=0.1
    )

    def spread_of_fakes(share):
        wanted = mix(
            families={"all": {folder.name: 1.0}},
            photographs={folder.name: 1.0},
            fakes={"own": 1 - share, "blends": share},
            degradations=True,
        )
        x, y = Batches(folder, rows, faces, wanted)[0]
        return x[y[:, 0] == 1].std(axis=(1, 2, 3))

    assert spread_of_fakes(0.0).max() < 15, "grey squares"
    assert spread_of_fakes(1.0).min() > 15, "faces"


def test_where_the_fakes_of_a_set_are_left_out_its_photographs_are_blended(folder, portrait):
    rows = [row for row in read_rows(folder) if row.label == "real"]
    face = df.find_faces(df.open_image(portrait))[0]
    wanted = mix(families={"all": {folder.name: 1.0}}, photographs={folder.name: 1.0})
    x, y = Batches(folder, rows, {row.path: face for row in rows}, wanted)[0]
    assert y.mean() == 0.5
    assert x[y[:, 0] == 1].std(axis=(1, 2, 3)).min() > 15, "faces, though no fake was given"
    changed = np.abs(x[::2] - x[1::2]).mean(axis=(1, 2, 3))
    assert np.median(changed) < 30, "each of the photograph beside it"
    assert changed.max() > 0.5


def test_a_reconstruction_lies_on_its_own_photograph(tmp_path, portrait):
    image = df.open_image(portrait)
    face = df.find_faces(image)[0]
    pictures = (image, image[:, ::-1].copy())
    rows = [save(tmp_path, "real", number, picture) for number, picture in enumerate(pictures)]
    faces = {rows[0].path: face, rows[1].path: df.find_faces(pictures[1])[0]}

    def lighter(picture, noise, rng):
        return np.minimum(picture, 245) + np.uint8(10)

    made = list(reconstruct.make(tmp_path, rows, faces, tmp_path / "made", lighter))
    assert len(made) == 2
    for how in made:  # all of the face, so that every pixel can be compared
        Image.fromarray(
            lighter(reconstruct.before(cut_of(tmp_path, how, faces), how), 0, None)
        ).save(tmp_path / "made" / how.path)

    wanted = mix(fakes={"reconstructions": 1.0})
    batches = Batches(tmp_path, rows, faces, wanted, tmp_path / "made")
    x, y = batches[0]
    np.testing.assert_array_equal(y[:, 0], [0, 1] * 8)
    change = x[1::2] - x[::2]
    assert np.median(change) == 10
    assert np.abs(change - 10).mean() < 1


def cut_of(folder, how, faces):
    image = df.open_image(folder / how.photograph)
    return augment.wide_cut(image, faces[how.photograph])[0]


def test_reconstructions_of_photographs_that_must_not_be_seen_stay_out(tmp_path, portrait):
    rows = [save(tmp_path, "real", 0, 50), save(tmp_path, "fake", 0, 200)]
    how = reconstruct.plan(Row("elsewhere.png", "", "real", "x", "x", "val", "0"), 120)
    (tmp_path / "made").mkdir()
    lines.add_line(tmp_path / "made" / reconstruct.STORE, asdict(how))
    wanted = mix(families={"all": {"one": 1.0}}, fakes={"own": 1.0, "reconstructions": 1.0})
    x, y = Batches(tmp_path, rows, no_faces(rows), wanted, tmp_path / "made")[0]
    assert set(x[y[:, 0] == 1].ravel().tolist()) == {200}


def test_beside_blends_some_photographs_are_soft_and_real_all_the_same(folder, portrait):
    rows = read_rows(folder)
    face = df.find_faces(df.open_image(portrait))[0]
    faces = {row.path: face if row.label == "real" else None for row in rows}

    def sharpness(share):
        wanted = mix(
            photographs={folder.name: 1.0}, fakes={"blends": 1.0}, soft_reals=share, size=128
        )
        x, y = Batches(folder, rows, faces, wanted)[0]
        steps = np.abs(np.diff(x, axis=2)).mean(axis=(1, 2, 3))
        return steps[y[:, 0] == 0].mean()

    assert sharpness(1.0) < 0.9 * sharpness(0.0)


def test_twins_show_one_face_clean_and_with_grain(tmp_path, portrait):
    image = df.open_image(portrait)
    face = df.find_faces(image)[0]
    rows = [save(tmp_path, "real", 0, image), save(tmp_path, "fake", 1, 255 - image)]
    wanted = mix(
        families={"all": {"one": 1.0}}, twins=4, twin_sets=["one"], size=128, degradations=True
    )
    x, y = Batches(tmp_path, rows, {row.path: face for row in rows}, wanted)[0]
    assert x.shape[0] == 16
    np.testing.assert_array_equal(y[8:, 0], [0, 0, 1, 1, 0, 0, 1, 1])
    for clean, grained in zip(x[8::2], x[9::2], strict=True):
        assert np.corrcoef(clean.ravel(), grained.ravel())[0, 1] > 0.95
        assert not np.array_equal(clean, grained)
        assert np.abs(np.diff(grained, axis=1)).mean() < 1.1 * np.abs(np.diff(clean, axis=1)).mean()
    assert np.corrcoef(x[8].ravel(), x[10].ravel())[0, 1] < 0, "the fake one is a negative"


def test_batches_that_are_prepared_ahead_come_in_order(tmp_path):
    rows = [save(tmp_path, label, 0, 100) for label in ("real", "fake")]
    wanted = mix(families={"all": {"one": 1.0}}, degradations=True, size=8, batch=4)
    batches = Batches(tmp_path, rows, no_faces(rows), wanted)
    for first, last in ((0, 12), (3, 5), (4, 4)):
        got = list(ahead(batches, first, last))
        assert len(got) == last - first
        for (x, _), number in zip(got, range(first, last), strict=True):
            np.testing.assert_array_equal(x, batches[number][0])


def test_a_wide_cut_holds_all_that_a_crop_could(portrait):
    image = df.open_image(portrait)
    face = df.find_faces(image)[0]
    wide, place = augment.wide_cut(image, face)
    left, top, right, bottom = crop_window(image, face)
    side = right - left
    assert wide.shape[0] == wide.shape[1] == pytest.approx(1.25 * side, abs=1)

    # The same pixels are judged in the cut as in the picture.
    l2, t2, r2, b2 = crop_window(wide, place)
    judged = image[top:bottom, left:right].astype(int)
    there = wide[t2:b2, l2:r2].astype(int)
    assert there.shape == judged.shape
    assert np.abs(judged - there).mean() < 6, "to a pixel"

    everything, nowhere = augment.wide_cut(image, None)
    assert everything is image
    assert nowhere is None


def test_at_the_edge_of_a_picture_a_cut_stays_inside():
    image = np.arange(120 * 120 * 3).reshape(120, 120, 3).astype(np.uint8)
    corner = Face(0, 0, 80, 80, 1.0, ((20, 30),))
    wide, place = augment.wide_cut(image, corner)
    assert wide.shape[:2] == (115, 115)
    np.testing.assert_array_equal(wide, image[:115, :115])
    assert (place.left, place.top, place.landmarks) == (0, 0, ((20, 30),))

    corner = Face(60, 50, 120, 120, 1.0, ((80, 90),))
    wide, place = augment.wide_cut(image, corner)
    np.testing.assert_array_equal(wide, image[-wide.shape[0] :, -wide.shape[1] :])
    assert wide.shape[0] == wide.shape[1] == 100
    assert (place.right, place.bottom, place.landmarks) == (100, 100, ((60, 70),))


def test_a_face_moves_and_grows_with_its_picture():
    assert augment.moved_face(FACE, 5, -10).landmarks[0] == (53, 40)
    twice = augment.scaled_face(FACE, 2)
    assert (twice.left, twice.bottom, twice.size) == (60, 180, 120)
    image, face = augment.brought_to(
        np.zeros((120, 120, 3), np.uint8), FACE, 60, Image.Resampling.BILINEAR
    )
    assert image.shape == (60, 60, 3)
    assert face.right == 45


def test_degradations_are_random_and_keep_the_picture_recognisable(portrait):
    image = df.open_image(portrait)[100:300, 150:350]
    small = np.asarray(Image.fromarray(image).convert("L").resize((16, 16)), float).ravel()
    shapes = set()
    for seed in range(40):
        x = augment.degraded(image, np.random.default_rng(seed))
        again = augment.degraded(image, np.random.default_rng(seed))
        np.testing.assert_array_equal(x, again)
        assert x.dtype == np.uint8
        assert x.shape[2] == 3
        assert max(x.shape[:2]) <= 1.25 * augment.MAX_SIDE
        shapes.add(x.shape)
        seen = np.asarray(Image.fromarray(x).convert("L").resize((16, 16)), float).ravel()
        assert np.corrcoef(small, seen)[0, 1] > 0.9
    assert len(shapes) > 10
