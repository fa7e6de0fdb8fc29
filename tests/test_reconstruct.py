"""Photographs drawn anew by a generator's decoder, and its weights read without running code."""

import os
import pickle
import sys
import types
import zipfile

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from models.training.making import augment, reconstruct, torch_files
from models.training.making.dataset import Row
from tests.helpers import SHARED

WEIGHTS = SHARED.parent / "weights" / "taef2"


def row(path, name="one", split="train"):
    return Row(path, "", "real", name, "camera", split, path)


@pytest.fixture
def photographs(tmp_path, portrait):
    """Three photographs in a folder, and the face of each."""
    rows = [row(f"{number}.png") for number in range(3)]
    for number, one in enumerate(rows):
        picture = np.roll(df.open_image(portrait), 4 * number, axis=1)
        Image.fromarray(picture).save(tmp_path / one.path)
    faces = {one.path: df.find_faces(df.open_image(tmp_path / one.path))[0] for one in rows}
    return tmp_path, rows, faces


def inverted(picture, noise, rng):
    """A generator whose hand everyone can see."""
    return 255 - picture


def test_how_a_photograph_is_drawn_follows_from_its_name_alone():
    plans = [reconstruct.plan(row(f"{number}.jpg"), 240) for number in range(400)]
    assert plans[5] == reconstruct.plan(row("5.jpg"), 240)
    assert len({how.seed for how in plans}) == len({how.path for how in plans}) == 400

    sizes = np.array([how.size for how in plans])
    assert (sizes % 16 == 0).all()
    assert (sizes.min(), sizes.max()) == (176, 368), "at most 1.6 times the pixels that were there"
    assert reconstruct.plan(row("a.jpg"), 40).size == 176
    assert max(reconstruct.plan(row(f"{n}.jpg"), 2000).size for n in range(200)) == 496

    noise = np.array([how.noise for how in plans])
    assert 0 <= noise.min() < 0.02 < 0.38 < noise.max() <= 0.4
    assert np.mean([how.inner for how in plans]) == pytest.approx(0.3, abs=0.06)


def test_every_set_has_its_turn_among_the_first():
    rows = [row(f"large/{n}.jpg", "large") for n in range(50)]
    rows += [row(f"small/{n}.jpg", "small") for n in range(3)]
    ordered = reconstruct.in_turn(rows)
    assert sorted(one.set for one in ordered[:6]) == ["large"] * 3 + ["small"] * 3
    assert set(ordered) == set(rows)
    assert ordered == reconstruct.in_turn(rows[::-1])


def test_what_was_made_stays_and_the_rest_is_made_next_time(photographs):
    folder, rows, faces = photographs
    out = folder / "made"
    assert reconstruct.read(out) == []
    first = next(reconstruct.make(folder, rows, faces, out, inverted))
    assert reconstruct.read(out) == [first]
    written = (out / first.path).stat().st_mtime_ns

    rest = list(reconstruct.make(folder, rows, faces | {rows[2].path: None}, out, inverted))
    assert [how.photograph for how in rest] == [rows[1].path], "the third shows no face"
    assert reconstruct.read(out) == [first, *rest]
    assert (out / first.path).stat().st_mtime_ns == written


def test_all_of_a_face_is_drawn_anew_or_only_its_inside(photographs):
    folder, rows, faces = photographs
    made = list(reconstruct.make(folder, rows, faces, folder / "made", inverted))
    cut, place = augment.wide_cut(df.open_image(folder / rows[0].path), faces[rows[0].path])
    for inner in (0, 1):
        how = reconstruct.Reconstruction(**(vars(made[0]) | {"inner": inner}))
        photo = reconstruct.before(cut, how)
        face = augment.scaled_face(place, how.size / cut.shape[0])
        fake = reconstruct.redraw(photo, face, how, inverted)
        assert fake.shape == photo.shape == (how.size, how.size, 3)
        changed = (fake != photo).any(axis=2)
        x, y = np.round(face.landmarks[2]).astype(int)
        assert changed[y - 3 : y + 3, x - 3 : x + 3].all(), "the nose"
        if inner:
            fifth = how.size // 5
            corners = changed[:fifth, :fifth], changed[:fifth, -fifth:]
            assert not np.any(corners), "not what surrounds it"
            assert 0.05 < changed.mean() < 0.6
        else:
            np.testing.assert_array_equal(fake, 255 - photo)


def torch_names(monkeypatch):
    """What PyTorch's files name, as far as it takes to write one."""
    torch = types.ModuleType("torch")
    utils = types.ModuleType("torch._utils")

    def rebuild(*args):
        raise NotImplementedError

    rebuild.__module__ = "torch._utils"
    rebuild.__qualname__ = rebuild.__name__ = "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = rebuild
    for name in ("HalfStorage", "FloatStorage"):
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return torch, rebuild


def write_torch(path, tensors, torch, rebuild):
    """Write a file of weights in the zip layout, as PyTorch does."""

    class Tensor:
        def __init__(self, key, values):
            self.key, self.values = key, values

        def __reduce__(self):
            strides = tuple(step // self.values.itemsize for step in self.values.strides)
            place = Storage(self.key, self.values)
            return rebuild, (place, 0, self.values.shape, strides, False, None)

    class Storage:
        def __init__(self, key, values):
            kinds = {"float16": torch.HalfStorage, "float32": torch.FloatStorage}
            self.place = ("storage", kinds[str(values.dtype)], key, "cpu", values.size)

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj):
            return obj.place if isinstance(obj, Storage) else None

    listed = {name: Tensor(str(key), v) for key, (name, v) in enumerate(tensors.items())}
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open("weights/data.pkl", "w") as file:
            Pickler(file, protocol=2).dump(listed)
        for key, values in enumerate(tensors.values()):
            # Memory order: a transposed array lies there as it lay before.
            archive.writestr(f"weights/data/{key}", values.ravel(order="K").tobytes())


def test_tensors_come_out_of_a_zip_as_they_went_in(tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    tensors = {
        "half": random.normal(size=(4, 3, 2, 2)).astype(np.float16),
        "whole": random.normal(size=(5,)).astype(np.float32),
        "turned": random.normal(size=(3, 6)).astype(np.float32).T,
    }
    write_torch(tmp_path / "small.pth", tensors, *torch_names(monkeypatch))
    found = torch_files.read_torch(tmp_path / "small.pth")
    assert list(found) == list(tensors)
    for name, values in tensors.items():
        assert found[name].dtype == values.dtype
        np.testing.assert_array_equal(found[name], values)


def test_code_in_a_zip_of_weights_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'ran'}",)

    with zipfile.ZipFile(tmp_path / "evil.pth", "w") as archive:
        archive.writestr("weights/data.pkl", pickle.dumps({"a": Evil()}, protocol=2))
    with pytest.raises(pickle.UnpicklingError, match="system, which no weights need"):
        torch_files.read_torch(tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()


@pytest.mark.model
def test_each_tensor_finds_its_layer_and_none_may_be_left_over():
    import keras

    from models.training.making import taef2

    random = np.random.default_rng(0)
    picture = keras.Input((None, None, 3))
    model = keras.Model(picture, taef2._conv(picture, 2, "1.conv.0"), name="tiny")
    tensors = {
        "1.conv.0.weight": random.normal(size=(2, 3, 3, 3)).astype(np.float16),
        "1.conv.0.bias": np.array([0.5, -0.5], np.float16),
    }
    taef2.fill(model, tensors)
    x = random.random((1, 5, 5, 3), dtype=np.float32)
    weights = tensors["1.conv.0.weight"].astype(np.float32)
    expected = np.einsum("oihw,hwi->o", weights, x[0, 1:4, 1:4]) + np.array([0.5, -0.5])
    np.testing.assert_allclose(model.predict_on_batch(x)[0, 2, 2], expected, rtol=1e-4)

    with pytest.raises(ValueError, match=r"tiny, got besides: 2\.weight"):
        taef2.fill(model, tensors | {"2.weight": np.zeros(3)})
    with pytest.raises(KeyError, match="bias"):
        taef2.fill(model, {"1.conv.0.weight": tensors["1.conv.0.weight"]})


@pytest.mark.model
@pytest.mark.skipif(
    not WEIGHTS.exists(),
    reason="the weights of TAEF2 (shared/weights) are not beside this checkout",
)
def test_a_round_trip_shows_the_same_person_and_not_the_same_picture(portrait):
    image = df.open_image(portrait)
    cut, _ = augment.wide_cut(image, df.find_faces(image)[0])
    photo = np.asarray(Image.fromarray(cut).resize((256, 256), Image.Resampling.LANCZOS))
    trip = reconstruct.through_taef2(WEIGHTS)

    def decibels(fake):
        error = np.mean((photo.astype(float) - fake) ** 2)
        return 10 * np.log10(255**2 / error)

    clean = trip(photo, 0.0, np.random.default_rng(0))
    assert clean.dtype == np.uint8
    assert 28 < decibels(clean) < 40
    np.testing.assert_array_equal(clean, trip(photo, 0.0, np.random.default_rng(1)))
    assert 22 < decibels(trip(photo, 0.4, np.random.default_rng(0))) < decibels(clean) - 0.3
