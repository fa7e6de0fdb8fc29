"""How the pictures of the game are made: cut, changed, saved alike, listed with their origin."""

import tomllib

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from dfwidgets.pictures.blend import self_blend, shape_of
from dfwidgets.pictures.degrade import resize
from models.training.showing import sample_pictures, tricks

PLAN = """
[[portrait]]
name = "ada"
package = "faces@1.2.3"
file = "pictures/one.jpg"
author = "A. Person"

[[portrait]]
name = "ben"
package = "faces@1.2.3"
file = "pictures/one.jpg"
author = ""

[[fake]]
from = "ada"
trick = "grow"
settings = { part = "nose", amount = 0.4 }
how = "The nose was made larger."
level = "easy"
"""


@pytest.fixture
def packages(tmp_path, portrait):
    """Unpacked npm packages: one photograph, wide, with a face off its middle."""
    folder = tmp_path / "packages" / "faces-1.2.3" / "package" / "pictures"
    folder.mkdir(parents=True)
    wide = np.full((1100, 1700, 3), 120, np.uint8)
    wide[38:1062, 640:1664] = resize(df.open_image(portrait), 2)
    Image.fromarray(wide).save(folder / "one.jpg", quality=95)
    return tmp_path / "packages"


def test_a_portrait_is_a_square_around_the_face_in_the_pixels_of_the_photograph(packages):
    about = tomllib.loads(PLAN)["portrait"][0]
    square = sample_pictures.portrait(packages, about)
    whole = df.open_image(packages / "faces-1.2.3" / "package" / about["file"])
    face = df.find_faces(whole)[0]
    assert square.shape[0] == square.shape[1] == round(1.9 * face.size) > sample_pictures.SIDE

    found = df.find_faces(square)[0]
    middle = (found.left + found.right) / 2, (found.top + found.bottom) / 2
    assert middle == pytest.approx([square.shape[0] / 2] * 2, abs=0.08 * square.shape[0])
    left = round((face.left + face.right - square.shape[0]) / 2)
    top = round((face.top + face.bottom - square.shape[0]) / 2)
    cut = whole[top : top + 40, left : left + 40].astype(int)
    assert np.abs(square[:40, :40] - cut).mean() < 3, "to a pixel"


def test_of_a_small_face_more_is_kept_than_the_face_needs(tmp_path, portrait):
    folder = tmp_path / "faces-1.2.3" / "package" / "pictures"
    folder.mkdir(parents=True)
    (folder / "one.jpg").write_bytes(portrait)
    about = tomllib.loads(PLAN)["portrait"][0]
    face = df.find_faces(df.open_image(portrait))[0]
    assert 1.9 * face.size < 320
    assert sample_pictures.portrait(tmp_path, about).shape == (320, 320, 3)


def test_each_fake_is_the_trick_that_its_entry_names(portrait):
    image = df.open_image(portrait)
    entry = tomllib.loads(PLAN)["fake"][0]
    expected = tricks.grow(image, shape_of(image), "nose", 0.4)
    np.testing.assert_array_equal(sample_pictures.fake_of(image, entry).image, expected.image)

    blend = {"trick": "self_blend", "settings": {"warp": 0.7, "seed": 3}}
    expected = self_blend(image, warp=0.7, seed=3)
    np.testing.assert_array_equal(sample_pictures.fake_of(image, blend).image, expected.image)
    with open(sample_pictures.HERE / "samples.toml", "rb") as file:
        names = {fake["trick"] for fake in tomllib.load(file)["fake"]}
    assert names <= {*sample_pictures.TRICKS, "self_blend"}


def test_the_command_writes_pictures_masks_lists_and_origins(packages, tmp_path, monkeypatch):
    (tmp_path / "samples.toml").write_text(PLAN)
    images = tmp_path / "images"
    images.mkdir()
    (images / "README.md").write_text(f"Prose.\n{sample_pictures.TABLE}\nold\n")
    monkeypatch.setattr(sample_pictures, "HERE", tmp_path)
    monkeypatch.setattr(sample_pictures, "IMAGES", images)
    monkeypatch.setattr("sys.argv", ["sample_pictures", "--packages", str(packages)])
    sample_pictures.main()

    samples = df.load_samples(images)
    assert [sample.path.name for sample in samples.reals] == ["ada.jpg", "ben.jpg"]
    (fake,) = samples.fakes
    assert (fake.level, fake.how) == ("easy", "The nose was made larger.")
    assert fake.made_from == "Real/ada.jpg"
    headers = set()
    for sample in samples:
        with Image.open(sample.path) as picture:
            headers.add((picture.size, str(picture.quantization)))
    assert len(headers) == 1, "real and fake alike"
    assert headers.pop()[0] == (320, 320)

    mask = np.asarray(Image.open(fake.mask))
    change = np.abs(
        df.open_image(fake.path).astype(int) - df.open_image(images / "Real" / "ada.jpg")
    ).mean(axis=2)
    assert mask.shape == (320, 320)
    assert change[mask > 128].mean() > 3 * change[mask < 5].mean()

    table = (images / "README.md").read_text()
    assert table.startswith("Prose.\n" + sample_pictures.TABLE)
    assert "old" not in table
    origin = "faces@1.2.3, `pictures/one.jpg` | MIT"
    assert f"| ada.jpg | A. Person | {origin} | The nose was made larger. (easy) |" in table
    assert f"| ben.jpg | not named | {origin} |  |" in table
