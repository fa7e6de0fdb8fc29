"""The ancestor's pair, NAME.json and NAME.h5, answers as it did where it came from."""

import json
import shutil

import numpy as np
import pytest

import dfwidgets as df
from tests.helpers import ANCESTOR

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def expected():
    if not (ANCESTOR / "expected.npz").exists():
        pytest.skip("the ancestor's files (shared/ancestor) are not beside this checkout")
    with np.load(ANCESTOR / "expected.npz") as known:
        return known["images"], known["p_real"]


@pytest.fixture
def pair(tmp_path, expected):
    for name in ("dffnetv2B0.json", "dffnetv2B0.h5"):
        shutil.copy(ANCESTOR / name, tmp_path / name)
    return tmp_path


def edit(folder, change):
    path = folder / "dffnetv2B0.json"
    model = json.loads(path.read_text())
    change(model["config"]["layers"], model["config"]["layers"][-2]["config"]["layers"])
    path.write_text(json.dumps(model))


def test_it_answers_as_tf_keras_did_and_says_what_it_assumes(expected):
    detector = df.load_detector(ANCESTOR)
    for image, p_real in zip(*expected, strict=True):
        prediction = detector.predict(image)
        # In float64 the second picture's answer lies 2.1e-5 from the one expected, and processors
        # round on another 4e-5: max pooling behind random weights blows the last bits of float32
        # up.
        assert 1 - prediction.p_fake == pytest.approx(p_real, abs=1e-4)
        assert "high number meaning real" in prediction.frequency
    maps = [detector.explain(expected[0][0], toward=toward) for toward in ("fake", "real")]
    assert {heatmap.shape for heatmap in maps} == {(256, 256)}
    assert max(heatmap.max() for heatmap in maps) == 1, "these weights pull all one way"


def _average(outer, inner):
    inner[-1]["class_name"] = "GlobalAveragePooling2D"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda outer, inner: outer[-1]["config"].update(units=2),
            "got InputLayer, Functional, Dense",
        ),
        (lambda outer, inner: outer[-1]["config"].update(activation="softmax"), "one sigmoid"),
        (lambda outer, inner: outer.insert(2, outer[-1]), "no Keras architecture"),
        (
            lambda outer, inner: inner[3]["config"].update(filters=48),
            "stem_conv has filters 48, not 32",
        ),
        (lambda outer, inner: inner[1]["config"].update(scale=1.0), "has scale 1.0"),
        (lambda outer, inner: inner[5].update(class_name="ReLU"), "is a ReLU, not a Activation"),
        (lambda outer, inner: inner[5]["config"].update(activation="relu"), "has activation relu"),
        (
            lambda outer, inner: inner[5]["inbound_nodes"][0][0].__setitem__(0, "stem_conv"),
            "follows stem_conv",
        ),
        (lambda outer, inner: inner.pop(7), "it has 255 layers"),
        (lambda outer, inner: inner[-1].update(class_name="Flatten"), "max or average pooling"),
        (lambda outer, inner: inner[4].pop("inbound_nodes"), "not described as Keras 2 does"),
        (
            lambda outer, inner: inner[4].update(class_name=["Dropout"]),
            "is a \\['Dropout'\\], not a",
        ),
        (lambda outer, inner: inner[3].update(config=7), "not described as Keras 2 does"),
        (
            lambda outer, inner: inner[0]["config"].update(batch_input_shape=[None, 16, 16, 3]),
            "of 32 pixels or more",
        ),
    ],
)
def test_another_network_gets_a_sentence_and_never_a_wrong_verdict(pair, change, sentence):
    edit(pair, change)
    with pytest.raises(df.ModelError, match=sentence):
        df.load_detector(pair).predict(np.zeros((8, 8, 3), np.uint8))


def test_the_pooling_is_read_from_the_json(pair, expected):
    edit(pair, _average)
    images, p_real = expected
    assert abs(1 - df.load_detector(pair).predict(images[0]).p_fake - p_real[0]) > 1e-3


@pytest.mark.parametrize(
    "damage", [lambda data: data[:5000], lambda data: b"", lambda data: b"no weights" * 100]
)
def test_damaged_weights_get_a_sentence(pair, damage):
    path = pair / "dffnetv2B0.h5"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(df.ModelError, match=r"dffnetv2B0\.h5 holds no weights that fit"):
        df.load_detector(pair).predict(np.zeros((8, 8, 3), np.uint8))


def test_a_json_that_is_none_gets_a_sentence(pair):
    (pair / "dffnetv2B0.json").write_text("[]")
    with pytest.raises(df.ModelError, match="is no Keras architecture"):
        df.load_detector(pair).load()


def test_a_manifest_beside_the_pair_says_what_it_means(pair, expected):
    import hashlib

    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in pair.iterdir()}
    values = {
        "name": "turned round",
        "files": files,
        "size": 256,
        "crop": "whole",
        "output": "probability",
    }
    (pair / "manifest.json").write_text(json.dumps(values | {"speaks_for": "fake"}))
    images, p_real = expected
    assert df.load_detector(pair).predict(images[0]).p_fake == pytest.approx(p_real[0], abs=1e-4)
    (pair / "dffnetv2B0.h5").write_bytes(b"another")
    with pytest.raises(df.ModelError, match="vouches for"):
        df.load_detector(pair).predict(images[0])
