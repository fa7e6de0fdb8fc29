"""Someone's own Keras model as a detector, from real files of tiny models."""

import hashlib
import json
import subprocess
import sys
import threading
import zipfile

import numpy as np
import pytest

from dfwidgets.detector import Cancelled, Detector, ModelError
from dfwidgets.detectors.keras import KerasDetector
from dfwidgets.detectors.keras_network import load_keras
from dfwidgets.pictures.degrade import blur
from dfwidgets.pictures.faces import Face, crop_face

pytestmark = pytest.mark.model

SIZE = 32
FACE = Face(20, 20, 76, 76, 0.9)


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


@pytest.fixture
def picture():
    """96 x 128 pixels, blue-green with a red patch at rows 40 to 56 and columns 44 to 60."""
    picture = np.full((96, 128, 3), (0, 90, 200), np.uint8)
    picture[40:56, 44:60] = 255, 0, 0
    return picture


def red_finder(keras, end="sigmoid", units=1, size=SIZE, weight=40.0, bias=-0.5):
    """The more red, the higher its number."""
    image = keras.Input((size, size, 3), name="image")
    red = keras.layers.Conv2D(1, 4, 4)
    head = keras.layers.Dense(units, activation=end)
    model = keras.Model(image, head(keras.layers.GlobalAveragePooling2D()(red(image))))
    kernel = np.zeros((4, 4, 3, 1))
    kernel[:, :, 0] = 1 / 16 / 255
    red.set_weights([kernel, np.zeros(1)])
    head.set_weights([np.full((1, units), weight), np.full(units, bias)])
    return model


def write_manifest(folder, **values):
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.keras")
    }
    values = {
        "name": "red finder",
        "files": files,
        "size": SIZE,
        "output": "probability",
        "speaks_for": "fake",
    } | values
    (folder / "manifest.json").write_text(json.dumps(values))


def detector_of(folder, model, **values):
    folder.mkdir(exist_ok=True)
    model.save(folder / "model.keras")
    write_manifest(folder, **values)
    return KerasDetector(folder)


def sentence(detector):
    """What a person reads when the model can't be loaded."""
    with pytest.raises(ModelError) as caught:
        detector.load()
    text = str(caught.value)
    assert "Traceback" not in text and "\n" not in text and text.endswith(".")
    return text


@pytest.fixture
def detector(keras, tmp_path):
    return detector_of(tmp_path / "red", red_finder(keras))


def test_it_is_a_detector_with_four_kinds_of_map(detector):
    assert isinstance(detector, Detector)
    assert detector.methods == ("Grad-CAM", "Occlusion", "Grad-CAM++", "SmoothGrad")


def test_the_answer_is_the_model_s_own(keras, detector, picture):
    prediction = detector.predict(picture, face=None)
    squashed = crop_face(picture, None, SIZE)
    own = keras.saving.load_model(detector.folder / "model.keras")(squashed[None].astype("float32"))
    assert prediction.p_fake == pytest.approx(float(own[0, 0]), abs=1e-6)
    assert prediction.face is None and "whole picture" in prediction.reason
    again = detector.predict(picture, face=None)
    assert (again.p_fake, again.logit, again.verdict) == (
        prediction.p_fake,
        prediction.logit,
        prediction.verdict,
    )


def test_it_judges_the_face_it_is_given(detector, picture):
    prediction = detector.predict(picture, FACE)
    assert prediction.face is FACE and prediction.p_fake > 0.7
    assert prediction.logit > detector.predict(picture, face=None).logit


def test_where_no_face_is_found_the_whole_picture_is_judged_and_it_says_so(detector, picture):
    prediction = detector.predict(picture)
    assert prediction.verdict == "can't tell" and "No face was found" in prediction.reason
    assert prediction.p_fake == detector.predict(picture, face=None).p_fake


def test_a_place_that_is_no_photographed_face_gets_the_reason(detector, picture):
    drawn = np.where(picture == 255, 255, picture // 3)
    drawn[50:60, 30:70] = 255
    for image, face, reason in (
        (picture, Face(20, 20, 40, 40, 0.9), "only 20 pixels wide"),
        (np.full_like(picture, 90), FACE, "almost blank"),
        (drawn, FACE, "drawing"),
        (blur(drawn, 9), FACE, "too blurred"),
    ):
        prediction = detector.predict(image, face)
        assert prediction.verdict == "can't tell" and reason in prediction.reason
        assert prediction.face is face


def test_a_model_of_whole_pictures_looks_for_no_face(keras, tmp_path, picture):
    detector = detector_of(tmp_path / "whole", red_finder(keras), crop="whole")
    assert detector.predict(picture).reason == ""
    assert detector.predict(picture, FACE).face is None
    assert detector.explain(picture, FACE)[picture[..., 0] == 255].min() > 0


@pytest.mark.parametrize("face", [None, FACE])
@pytest.mark.parametrize("method", ["Grad-CAM", "Grad-CAM++"])
def test_the_map_peaks_on_the_red_patch_and_is_zero_far_from_it(detector, picture, face, method):
    heat = detector.explain(picture, face, method=method)
    assert heat.dtype == np.float32 and heat.shape == picture.shape[:2]
    assert heat.max() == 1 and heat.min() == 0
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert 40 <= row < 56 and 44 <= column < 60
    far = np.ones(heat.shape, bool)
    far[20:76, 20:90] = False
    assert not heat[far].any()


def test_smoothgrad_covers_the_judged_part_and_reports_how_far_it_is(detector, picture):
    parts = []
    heat = detector.explain(picture, FACE, method="SmoothGrad", progress=parts.append)
    assert parts[0] == 0 and parts[-1] == 1 and parts == sorted(parts) and len(parts) > 4
    assert heat.max() == 1 and heat[40:56, 44:60].min() > 0 and not heat[:, 90:].any()


def test_a_map_toward_the_other_side_can_be_empty(detector, picture):
    assert not detector.explain(picture, None, toward="real").any()


def test_a_map_of_tiny_values_is_still_a_map(keras, tmp_path, picture):
    detector = detector_of(tmp_path / "faint", red_finder(keras, weight=1e-12))
    assert detector.explain(picture, None).max() == 1


def test_a_saturated_answer_has_a_map_and_an_exact_logit(keras, tmp_path, picture):
    detector = detector_of(tmp_path / "sure", red_finder(keras, weight=4000))
    prediction = detector.predict(picture, FACE)
    assert prediction.p_fake == pytest.approx(1) and 100 < prediction.logit < 4000
    assert detector.explain(picture, FACE).max() == 1


def test_turning_the_classes_turns_word_number_and_map_together(keras, tmp_path, picture):
    # Of whole pictures, because a patch on even ground is no face that may be judged.
    fake = detector_of(tmp_path / "fake", red_finder(keras, bias=1.0), crop="whole")
    real = detector_of(
        tmp_path / "real", red_finder(keras, bias=1.0), crop="whole", speaks_for="real"
    )
    a, b = fake.predict(picture, FACE), real.predict(picture, FACE)
    assert (a.verdict, b.verdict) == ("likely fake", "likely real")
    assert a.p_fake == pytest.approx(1 - b.p_fake) and a.logit == -b.logit
    for method in ("Grad-CAM", "Grad-CAM++"):
        for toward, other in (("fake", "real"), ("real", "fake")):
            ours = fake.explain(picture, FACE, toward=toward, method=method)
            theirs = real.explain(picture, FACE, toward=other, method=method)
            np.testing.assert_array_equal(ours, theirs)
            assert ours.any() == (toward == "fake")


def test_a_logit_model_answers_like_its_sigmoid_twin(keras, tmp_path, detector, picture):
    linear = detector_of(tmp_path / "linear", red_finder(keras, end=None), output="logit")
    assert linear.predict(picture, FACE).logit == detector.predict(picture, FACE).logit


def test_a_backbone_nested_in_a_sequential_works(keras, tmp_path, detector, picture):
    flat = red_finder(keras)
    backbone = keras.Model(flat.input, flat.layers[-2].output)
    nested = keras.Sequential([backbone, keras.layers.Dense(1, activation="sigmoid")])
    nested.set_weights(flat.get_weights())
    nested = detector_of(tmp_path / "nested", nested)
    assert nested.predict(picture, FACE).p_fake == detector.predict(picture, FACE).p_fake
    np.testing.assert_array_equal(nested.explain(picture, FACE), detector.explain(picture, FACE))


def test_named_inputs_and_outputs_work(keras, tmp_path, detector, picture):
    model = red_finder(keras)
    named = detector_of(
        tmp_path / "named", keras.Model({"image": model.input}, {"fake": model.output})
    )
    assert named.predict(picture, FACE).p_fake == detector.predict(picture, FACE).p_fake


def test_a_model_for_any_size_takes_the_size_of_its_manifest(keras, tmp_path, detector, picture):
    any_size = detector_of(tmp_path / "any", red_finder(keras, size=None))
    assert any_size.predict(picture, FACE).p_fake == detector.predict(picture, FACE).p_fake


@pytest.mark.parametrize("method", ["Grad-CAM", "Occlusion", "Grad-CAM++", "SmoothGrad"])
def test_a_map_can_be_cancelled(detector, picture, method):
    def cancel(part):
        raise Cancelled

    with pytest.raises(Cancelled):
        detector.explain(picture, FACE, method=method, progress=cancel)
    assert detector.explain(picture, FACE, method=method).any()


@pytest.mark.parametrize("wrong", [{"method": "ScoreCAM"}, {"toward": "left"}])
def test_an_unknown_method_or_direction_is_said(detector, picture, wrong):
    with pytest.raises(ValueError, match=r"expected one of .* got"):
        detector.explain(picture, None, **wrong)


def test_four_people_who_ask_at_once_get_one_answer(detector, picture):
    answers = []
    people = [
        threading.Thread(target=lambda: answers.append(detector.predict(picture, FACE).p_fake))
        for _ in range(4)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(answers) == 4 and len(set(answers)) == 1


def test_weights_that_are_no_numbers_give_a_sentence_and_no_verdict(keras, tmp_path, picture):
    detector = detector_of(tmp_path / "nan", red_finder(keras, weight=float("nan")))
    with pytest.raises(ModelError, match="gave no number"):
        detector.predict(picture, None)
    with pytest.raises(ModelError, match="gave no map"):
        detector.explain(picture, None)


def test_nothing_heavy_is_imported_before_the_first_question(detector):
    code = (
        "import sys; from dfwidgets.detectors.keras import KerasDetector\n"
        "KerasDetector(sys.argv[1])\n"
        "print([m for m in ('tensorflow', 'keras', 'tf_keras_vis', 'scipy') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, detector.folder], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_loading_writes_nothing_into_the_notebook(detector):
    code = (
        "import sys; from dfwidgets.detectors.keras import KerasDetector\n"
        "KerasDetector(sys.argv[1]).load()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, detector.folder], capture_output=True, text=True, check=True
    )
    assert ran.stdout + ran.stderr == ""


def test_keras_without_tensorflow_is_said(detector):
    code = (
        "import sys; from dfwidgets.detectors.keras import KerasDetector, ModelError\n"
        "sys.modules['tensorflow'] = None\n"
        "try: KerasDetector(sys.argv[1]).load()\n"
        "except ModelError as error: print(error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, detector.folder], capture_output=True, text=True, check=True
    )
    assert "needs Keras on TensorFlow, and tensorflow is missing" in ran.stdout


@pytest.mark.parametrize("shape", [None, (SIZE, SIZE, 3)], ids=["shape found", "shape given"])
def test_a_lambda_is_refused_and_never_run(keras, tmp_path, shape):
    """Without safe mode Keras loads one whose shape is written down, and runs it with the model."""
    image = keras.Input((SIZE, SIZE, 3))
    ran = tmp_path / "ran"
    # The path is part of its code: one with defaults Keras can't read back, whatever the mode.
    code = eval(f"lambda x: [x, __import__('pathlib').Path({str(ran)!r}).touch()][0]")
    touch = keras.layers.Lambda(code, output_shape=shape)
    x = touch(image)
    model = keras.Model(image, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    model(np.zeros((1, SIZE, SIZE, 3)))
    assert ran.exists()  # it runs for who made it
    ran.unlink()
    text = sentence(detector_of(tmp_path / "code", model))
    assert "code/model.keras" in text and "Lambda" in text and not ran.exists()
    with pytest.raises(ModelError, match="holds a Lambda, code that is not run"):
        load_keras(tmp_path / "code" / "model.keras")


def test_a_layer_that_keras_does_not_know_is_named(keras, tmp_path):
    class Blur(keras.layers.Layer):
        def call(self, x):
            return x

    image = keras.Input((SIZE, SIZE, 3))
    model = keras.Model(image, keras.layers.Dense(1)(keras.layers.Flatten()(Blur()(image))))
    assert "needs “Blur”" in sentence(detector_of(tmp_path / "own", model))


@pytest.mark.parametrize("part", [0, 100, 0.5, 0.95])
def test_a_file_that_is_cut_short_is_refused(detector, part):
    path = detector.folder / "model.keras"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole)) if part < 1 else part])
    assert "sha256 differs" in sentence(detector)
    write_manifest(detector.folder)  # even where the manifest vouches for what is left
    assert "cut short" in sentence(KerasDetector(detector.folder))


def test_a_zip_with_a_damaged_part_is_refused(detector):
    path = detector.folder / "model.keras"
    with zipfile.ZipFile(path) as zipped:
        parts = {name: zipped.read(name) for name in zipped.namelist()}
    for name, content in (
        ("config.json", b"{}"),
        ("config.json", b"\xff"),
        ("model.weights.h5", b"no weights"),
    ):
        with zipfile.ZipFile(path, "w") as zipped:
            for each, kept in parts.items():
                zipped.writestr(each, content if each == name else kept)
        write_manifest(detector.folder)
        assert "red/model.keras can't be loaded: it is damaged" in sentence(
            KerasDetector(detector.folder)
        )


def test_another_file_a_pointer_and_no_file_are_refused_before_loading(detector):
    path = detector.folder / "model.keras"
    path.write_bytes(path.read_bytes() + b" ")
    assert "not the file that its manifest vouches for" in sentence(detector)
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    assert "Git LFS pointer" in sentence(detector)
    path.unlink()
    assert "red/model.keras is missing" in sentence(detector)


def test_a_file_that_came_back_is_loaded_at_the_next_question(detector, picture):
    path = detector.folder / "model.keras"
    kept = path.read_bytes()
    path.unlink()
    sentence(detector)
    path.write_bytes(kept)
    assert detector.predict(picture, FACE).p_fake > 0.7


def test_a_folder_without_manifest_and_no_folder_are_said(tmp_path):
    assert "holds no manifest.json" in sentence(KerasDetector(tmp_path))
    assert "no folder" in sentence(KerasDetector(str(tmp_path / "gone")))


def test_a_model_of_another_input_or_answer_is_refused(keras, tmp_path):
    text = sentence(detector_of(tmp_path / "size", red_finder(keras, size=64)))
    assert (
        "size/model.keras" in text
        and "expected one input (N, 32, 32, 3), got (N, 64, 64, 3)" in text
    )
    text = sentence(detector_of(tmp_path / "two", red_finder(keras, units=2)))
    assert "expected one output (N, 1), got (N, 2)" in text
    one = red_finder(keras)
    text = sentence(
        detector_of(tmp_path / "map", keras.Model(one.input, [one.output, one.layers[1].output]))
    )
    assert "got (N, 1) and (N, 8, 8, 1)" in text
    text = sentence(
        detector_of(tmp_path / "in", keras.Model([one.input, keras.Input((2,))], one.output))
    )
    assert "got (N, 32, 32, 3) and (N, 2)" in text
    with pytest.warns(UserWarning, match="not yet been built"):
        unbuilt = detector_of(tmp_path / "unbuilt", keras.Sequential([keras.layers.Dense(1)]))
    assert "got none" in sentence(unbuilt)


def test_a_model_whose_end_is_not_what_the_manifest_says_is_refused(keras, tmp_path):
    text = sentence(detector_of(tmp_path / "a", red_finder(keras), output="logit"))
    assert "answers with a probability, but its manifest says logit" in text
    text = sentence(detector_of(tmp_path / "b", red_finder(keras, end=None)))
    assert "answers with a logit, but its manifest says probability" in text
    assert "ends in tanh" in sentence(detector_of(tmp_path / "c", red_finder(keras, end="tanh")))


def test_a_model_without_any_map_is_refused(keras, tmp_path):
    image = keras.Input((SIZE, SIZE, 3))
    model = keras.Model(
        image, keras.layers.Dense(1, activation="sigmoid")(keras.layers.Flatten()(image))
    )
    assert "can't say where it looked" in sentence(detector_of(tmp_path / "flat", model))
