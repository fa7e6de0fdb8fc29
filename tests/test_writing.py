"""A folder with somebody's model gets its manifest, from what its file says and what only a person
knows."""

import json
import re
import shutil
import struct
import zipfile

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.detectors.keras import KerasDetector
from dfwidgets.detectors.lite import LiteDetector
from dfwidgets.detectors.manifest import read_manifest
from dfwidgets.detectors.model_file import sha256_of
from dfwidgets.pictures.faces import crop_face
from tests.helpers import ANCESTOR, ROOT, SHIPPED, dense_layer, keras_file, needs_ancestor

CONV = {
    "module": "keras.layers",
    "class_name": "Conv2D",
    "config": {"name": "eyes", "activation": "relu"},
}


def sentence(folder, **how):
    """What a person reads when no manifest can be written; nothing is left behind then."""
    with pytest.raises(df.ModelError) as caught:
        df.write_manifest(folder, **({"speaks_for": "fake"} | how))
    assert not (folder / "manifest.json").exists()
    text = str(caught.value)
    assert "\n" not in text and "Error" not in text
    return text


@pytest.fixture
def mine(tmp_path):
    return keras_file(tmp_path / "mine", CONV, dense_layer("sigmoid"))


def test_a_manifest_is_written_from_what_the_file_says_and_what_only_a_person_knows(mine):
    path = df.write_manifest(mine, speaks_for="real")
    assert path == mine / "manifest.json"
    manifest = read_manifest(mine)
    assert (manifest.name, manifest.size, manifest.speaks_for) == ("mine", 32, "real")
    assert (manifest.crop, manifest.output, manifest.temperature, manifest.band) == (
        "face",
        "probability",
        1,
        (0.3, 0.7),
    )
    assert manifest.path(".keras") == mine / "model.keras", "the hash is the file's"
    assert isinstance(df.load_detector(mine), KerasDetector)


def test_all_that_a_manifest_can_say_can_be_said(mine):
    measured = {
        "on": "my test faces",
        "threshold": [0, 1],
        "reals": {"a": [1, 0]},
        "fakes": {"a": [1, 0]},
    }
    df.write_manifest(
        mine,
        speaks_for="fake",
        crop="whole",
        name="Größe",
        temperature=2,
        band=(0.4, 0.6),
        measured=measured,
        note="No.",
    )
    manifest = read_manifest(mine)
    assert (manifest.crop, manifest.name, manifest.temperature, manifest.band) == (
        "whole",
        "Größe",
        2,
        (0.4, 0.6),
    )
    assert manifest.about == (
        "How often this model is wrong was counted on my test faces, "
        "and on no other kinds of faces. No."
    )


def test_what_a_high_number_means_has_no_default(mine):
    with pytest.raises(TypeError, match="speaks_for"):
        df.write_manifest(mine)
    assert "expected “fake” or “real” for “speaks_for”, got 'cat'" in sentence(
        mine, speaks_for="cat"
    )
    for nothing in ("", None):
        assert f"expected “fake” or “real” for “speaks_for”, got {nothing!r}" in sentence(
            mine, speaks_for=nothing
        )


def test_the_numbers_of_numpy_are_numbers(mine):
    half = np.float32(0.5)
    measured = {
        "threshold": np.array([0, 1]),
        "reals": {"a": [1, half]},
        "fakes": {"a": np.ones(2)},
    }
    df.write_manifest(
        mine,
        speaks_for="fake",
        size=np.int64(32),
        temperature=half,
        band=np.array([0.25, half]),
        measured=measured,
    )
    manifest = read_manifest(mine)
    assert (manifest.size, manifest.temperature, manifest.band) == (32, 0.5, (0.25, 0.5))
    assert manifest.measured == {
        "threshold": [0, 1],
        "reals": {"a": [1, 0.5]},
        "fakes": {"a": [1, 1]},
    }


def test_a_manifest_that_is_there_is_kept_unless_asked_otherwise(mine):
    df.write_manifest(mine, speaks_for="real")
    with pytest.raises(
        FileExistsError, match=r"mine/manifest\.json is there already. Say overwrite=True"
    ):
        df.write_manifest(mine, speaks_for="fake")
    assert read_manifest(mine).speaks_for == "real"
    df.write_manifest(mine, speaks_for="fake", overwrite=True)
    assert read_manifest(mine).speaks_for == "fake"


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"size": 64}, "mine/model.keras takes pictures of 32 x 32 pixels, not of 64"),
        ({"size": 0}, "32 x 32 pixels, not of 0"),
        ({"output": "logit"}, "answers with a probability, not with a logit"),
        ({"crop": "mouth"}, "for “crop”, got 'mouth'"),
        ({"band": (0.7, 0.3)}, "for “band”"),
        ({"band": np.array([0.7, 0.3])}, "for “band”, got [0.7, 0.3]"),
        ({"band": None}, "for “band”, got None"),
        ({"band": {0.3, 0.7}}, "for “band”, got '{"),
        ({"name": ""}, "for “name”, got ''"),
        ({"note": 7}, "for “note”"),
        ({"temperature": 0}, "for “temperature”"),
        ({"measured": {"on": "nothing"}}, "for “measured”"),
    ],
    ids=str,
)
def test_what_contradicts_the_file_or_can_not_be_is_said(mine, how, expected):
    assert expected in sentence(mine, **how)


def test_a_model_without_a_sigmoid_has_to_be_called_a_logit(tmp_path):
    folder = keras_file(tmp_path / "plain", dense_layer("linear"))
    assert (
        'answers with a logit, not with a probability. If that is right, say output="logit".'
        in sentence(folder)
    )
    df.write_manifest(folder, speaks_for="fake", output="logit")
    assert read_manifest(folder).output == "logit"
    assert "ends in softmax; expected a sigmoid" in sentence(
        keras_file(tmp_path / "two", dense_layer("softmax"))
    )
    assert "ends in an activation of its own" in sentence(
        keras_file(tmp_path / "own", dense_layer({"value": ["4wEAAAA"]}))
    )


def test_a_model_for_any_size_needs_one_said(tmp_path):
    folder = keras_file(tmp_path / "any", dense_layer("sigmoid"), shape=(None, None, None, 3))
    assert (
        "any/model.keras takes pictures of any size. Say on which it was trained, like size=224."
        in sentence(folder)
    )
    df.write_manifest(folder, speaks_for="fake", size=224)
    assert read_manifest(folder).size == 224


@pytest.mark.parametrize("shape", [(None, 10), (None, 32, 64, 3), (None, 32, 32, 1)])
def test_a_model_of_something_else_than_square_pictures_is_refused(tmp_path, shape):
    assert "takes no square pictures" in sentence(
        keras_file(tmp_path / "other", dense_layer("sigmoid"), shape=shape)
    )


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (
            {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "x"}},
            "holds a Lambda, code",
        ),
        (
            {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"name": "x"}},
            "holds a TFSMLayer, code",
        ),
        (
            {"module": None, "class_name": "Blur", "config": {"name": "x"}},
            "needs “Blur”, which is no part of Keras",
        ),
        ({"module": "os", "class_name": "system", "config": {"name": "x"}}, "needs “system”"),
        ({"module": "keras_tricks", "class_name": "Blur", "config": {"name": "x"}}, "needs “Blur”"),
        (
            dense_layer({"class_name": "__lambda__", "config": {"code": "4wEAAAA"}}),
            "holds a Lambda, code that is not run",
        ),
    ],
)
def test_code_in_a_model_is_refused_and_never_run(tmp_path, layer, expected):
    deep = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "inner", "layers": [layer]},
    }
    for place in (layer, deep):
        assert f"code/model.keras {expected}" in sentence(
            keras_file(tmp_path / "code", place, dense_layer("sigmoid"))
        )
    assert "needs “Mine”" in sentence(keras_file(tmp_path / "code", class_name="Mine", module=None))


@pytest.mark.parametrize("damage", [b"", b"no zip", b"PK\x03\x04 cut", None])
def test_a_damaged_file_is_refused(mine, damage):
    path = mine / "model.keras"
    path.write_bytes(path.read_bytes()[:-30] if damage is None else damage)
    assert "mine/model.keras is cut short or is no .keras file" in sentence(mine)


@pytest.mark.parametrize(
    "config",
    [b"{}", b"[]", b"\xff", b'{"class_name": "Sequential", "module": "keras", "config": 7}'],
)
def test_a_zip_without_a_model_in_it_is_refused(mine, config):
    with zipfile.ZipFile(mine / "model.keras", "w") as zipped:
        zipped.writestr("config.json", config)
    assert "is no .keras file" in sentence(mine)


@pytest.mark.parametrize("shape", [7, None, []])
def test_an_input_that_is_not_described_is_refused(tmp_path, shape):
    assert "odd/model.keras" in sentence(
        keras_file(tmp_path / "odd", dense_layer("sigmoid"), shape=shape)
    )


def test_a_pointer_of_git_lfs_is_not_vouched_for(mine):
    (mine / "model.keras").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    )
    assert "Git LFS pointer" in sentence(mine)


@pytest.mark.parametrize("name", ["model.keras", "model.tflite", "model.h5"])
def test_a_folder_in_the_place_of_the_file_is_no_model(tmp_path, name):
    (tmp_path / "odd" / name).mkdir(parents=True)
    (tmp_path / "odd" / "model.json").write_text("{}")
    assert f"odd/{name} can't be read: Is a directory. Put the model's own file there." in sentence(
        tmp_path / "odd"
    )


def test_one_folder_holds_one_model(mine, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "expected one model in “empty”" in sentence(
        tmp_path / "empty"
    ) and "got none" in sentence(tmp_path / "empty")
    assert "There is no folder" in sentence(tmp_path / "gone")
    shutil.copy(mine / "model.keras", mine / "._model.keras")  # as a Mac does
    df.write_manifest(mine, speaks_for="fake")
    (mine / "manifest.json").unlink()
    shutil.copy(mine / "model.keras", mine / "older.keras")
    assert "got model.keras, older.keras" in sentence(mine)
    (tmp_path / "empty" / "weights.h5").write_bytes(b"")
    assert "NAME.json with NAME.h5; got weights.h5" in sentence(tmp_path / "empty")


def test_a_tflite_file_of_the_shipped_shape_gets_its_manifest(tmp_path, portrait):
    shutil.copy(SHIPPED / "model.tflite", tmp_path)
    df.write_manifest(tmp_path, speaks_for="fake")
    detector = df.load_detector(tmp_path)
    assert isinstance(detector, LiteDetector)
    image = df.open_image(portrait)
    prediction, shipped = detector.predict(image), df.load_detector(SHIPPED).predict(image)
    assert prediction.logit == shipped.logit
    assert prediction.p_fake != shipped.p_fake, "nobody calibrated this one"
    (tmp_path / "manifest.json").unlink()
    assert "answers with a logit, not with a probability" in sentence(
        tmp_path, output="probability"
    )
    assert "takes pictures of 224 x 224 pixels" in sentence(tmp_path, size=256)
    (tmp_path / "model.tflite").write_bytes(b"no model")
    assert "is no model that LiteRT can read" in sentence(tmp_path)


@pytest.mark.parametrize("dimensions", [0, 1, 2])
def test_a_tflite_file_that_takes_no_pictures_is_refused(tmp_path, dimensions):
    shipped = (SHIPPED / "model.tflite").read_bytes()
    shape = 1, 224, 224, 3
    cut = shipped.replace(struct.pack("<5i", 4, *shape), struct.pack("<5i", dimensions, *shape))
    (tmp_path / "model.tflite").write_bytes(cut)
    text = sentence(tmp_path)
    assert "takes no square pictures: expected one input (1, size, size, 3)" in text
    assert f"got [{shape[:dimensions]}]" in text


def test_the_shipped_model_s_two_files_get_one_manifest(tmp_path):
    for name in ("model.keras", "model.tflite"):
        shutil.copy(SHIPPED / name, tmp_path)
    df.write_manifest(tmp_path, speaks_for="fake")
    assert read_manifest(tmp_path).files == read_manifest(SHIPPED).files


@needs_ancestor
def test_the_ancestor_s_pair_gets_the_meaning_that_is_assumed_without_a_manifest(tmp_path):
    for ending in ("json", "h5"):
        shutil.copy(ANCESTOR / f"dffnetv2B0.{ending}", tmp_path)
    df.write_manifest(tmp_path, speaks_for="real")
    manifest = read_manifest(tmp_path)
    assert set(manifest.files) == {"dffnetv2B0.json", "dffnetv2B0.h5"}
    assert (manifest.size, manifest.crop, manifest.output) == (256, "whole", "probability")
    (tmp_path / "manifest.json").unlink()
    assert "answers with a probability, not with a logit" in sentence(tmp_path, output="logit")


def test_the_two_lines_of_the_readme_work_as_they_stand(tmp_path, monkeypatch):
    (tmp_path / "models" / "mine").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(SHIPPED / "model.tflite", tmp_path / "models" / "mine")
    monkeypatch.chdir(tmp_path / "notebooks")
    readme = (ROOT / "models" / "README.md").read_text()
    exec(re.search(r"```python\n(.*?)```", readme, re.DOTALL)[1], {})
    for key in json.loads((tmp_path / "models" / "mine" / "manifest.json").read_text()):
        assert f"| `{key}` |" in readme


# And with Keras: what was read without it is what Keras says.


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


def kept(keras, folder, *layers, size=32):
    """A real model of Keras in a folder."""
    folder.mkdir(exist_ok=True)
    model = keras.Sequential([keras.Input((size, size, 3)), keras.layers.Conv2D(2, 3), *layers])
    model.save(folder / "model.keras")
    return model


@pytest.mark.model
def test_what_is_written_works_and_a_wrong_class_turns_word_and_map_round(
    keras, tmp_path, portrait
):
    layers = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1, activation="sigmoid")
    model = kept(keras, tmp_path / "fake", *layers)
    shutil.copytree(tmp_path / "fake", tmp_path / "real")
    for speaks_for in ("fake", "real"):
        df.write_manifest(tmp_path / speaks_for, speaks_for=speaks_for, crop="whole")
    image = df.open_image(portrait)
    as_fake, as_real = (df.load_detector(tmp_path / one) for one in ("fake", "real"))
    prediction = as_fake.predict(image)
    own = model(crop_face(image, None, 32)[None].astype("float32"))
    assert prediction.p_fake == pytest.approx(float(own[0, 0]), abs=1e-5)
    assert as_real.predict(image).p_fake == pytest.approx(1 - prediction.p_fake)
    np.testing.assert_array_equal(
        as_fake.explain(image, toward="fake"), as_real.explain(image, toward="real")
    )


@pytest.mark.model
def test_what_is_read_without_keras_is_what_keras_finds(keras, tmp_path):
    image = keras.Input((48, 48, 3))
    backbone = keras.Model(
        image, keras.layers.GlobalMaxPooling2D()(keras.layers.Conv2D(2, 3)(image))
    )
    any_size = keras.Input((None, None, 3), name="image")
    pooled = keras.layers.GlobalMaxPooling2D()(keras.layers.Conv2D(2, 3)(any_size))
    models = {
        "nested": (
            keras.Sequential([backbone, keras.layers.Dense(1, activation="sigmoid")]),
            "probability",
        ),
        "apart": (
            keras.Sequential([backbone, keras.layers.Dense(1), keras.layers.Activation("sigmoid")]),
            "probability",
        ),
        "op": (
            keras.Model(image, keras.ops.sigmoid(keras.layers.Dense(1)(backbone(image)))),
            "probability",
        ),
        "named": (
            keras.Model({"image": any_size}, {"fake": keras.layers.Dense(1)(pooled)}),
            "logit",
        ),
        "deep": (
            keras.Sequential([image, keras.Sequential([backbone, keras.layers.Dense(1)])]),
            "logit",
        ),
    }
    for name, (model, output) in models.items():
        (tmp_path / name).mkdir()
        model.save(tmp_path / name / "model.keras")
        df.write_manifest(tmp_path / name, speaks_for="fake", output=output, size=48)
        df.load_detector(tmp_path / name).load()


@pytest.mark.model
def test_code_is_refused_with_the_same_words_when_a_manifest_is_written_and_when_a_model_is_loaded(
    keras, tmp_path
):
    class Blur(keras.layers.Layer):
        def call(self, x):
            return x

    for name, layer in (("lambda", keras.layers.Lambda(lambda x: x)), ("blur", Blur())):
        kept(
            keras,
            tmp_path / name,
            layer,
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        )
        at_first = sentence(tmp_path / name)
        files = {"model.keras": sha256_of(tmp_path / name / "model.keras")}
        values = {"name": name, "files": files, "size": 32, "speaks_for": "fake"}
        (tmp_path / name / "manifest.json").write_text(json.dumps(values))
        with pytest.raises(df.ModelError) as caught:
            df.load_detector(tmp_path / name).load()
        assert str(caught.value) == at_first.replace(
            "model.keras ", "model.keras can't be loaded: it ", 1
        )
