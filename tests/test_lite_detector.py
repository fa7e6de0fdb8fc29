import hashlib
import json
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.detectors import lite, lite_network
from dfwidgets.detectors.lite import LiteDetector
from dfwidgets.detectors.lite_head import find_head
from dfwidgets.detectors.lite_network import Pass
from dfwidgets.pictures.degrade import blur, resize
from dfwidgets.pictures.faces import Face
from tests.helpers import ROOT, SHIPPED


@pytest.fixture
def copy(tmp_path):
    """A copy of the shipped model without model.keras, to damage."""
    for name in ("model.tflite", "manifest.json"):
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


def edit(folder, **values):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_the_cells_of_the_map_add_up_to_the_verdict(shipped, portrait):
    image = df.open_image(portrait)
    for face in ("largest", None):
        cells, bias = shipped.evidence(image, face)
        assert cells.ndim == 2
        assert cells.mean() + bias == pytest.approx(shipped.predict(image, face).logit, abs=1e-5)
    other, same = shipped.evidence(255 - image)
    assert same == pytest.approx(bias, abs=1e-4), (
        "the bias belongs to the model, not to the picture"
    )
    assert not np.allclose(other, cells)


def test_verdict_score_and_logit_say_the_same(shipped, shared_faces):
    for _, data in shared_faces:
        prediction = shipped.predict(df.open_image(data))
        low, high = prediction.band
        assert (prediction.p_fake > 0.5) == (prediction.logit > 0)
        assert prediction.verdict == (
            "likely fake"
            if prediction.p_fake >= high
            else "likely real"
            if prediction.p_fake <= low
            else "can't tell"
        )
        assert prediction.frequency.startswith("A score this")


def test_it_tells_most_stylegan2_fakes_from_photographs(shipped, shared_faces):
    scores = [(shipped.predict(df.open_image(data)).logit, label) for label, data in shared_faces]
    assert [label for _, label in sorted(scores)[:2]] == ["real"] * 2
    assert [label for _, label in sorted(scores)[-2:]] == ["fake"] * 2


def test_the_map_covers_the_judged_part_alone(shipped, portrait):
    image = df.open_image(portrait)
    face = shipped.predict(image).face
    maps = [shipped.explain(image, toward=toward) for toward in ("fake", "real")]
    for heatmap in maps:
        assert heatmap.shape == image.shape[:2]
        assert heatmap.dtype == np.float32
        assert heatmap.min() >= 0
        assert heatmap.max() in (0, 1)
        assert not heatmap[:, : int(face.left) - 20].any()
    assert any(heatmap.any() for heatmap in maps)
    assert not np.logical_and(*(heatmap > 0.5 for heatmap in maps)).any()


def test_the_map_toward_fake_is_bright_where_the_evidence_is_and_the_other_where_it_speaks_against(
    shipped, portrait
):
    image = df.open_image(portrait)
    cells, _ = shipped.evidence(image, None)
    assert cells.min() < 0 < cells.max()
    for toward, cell in (("fake", cells.argmax()), ("real", cells.argmin())):
        heatmap = shipped.explain(image, None, toward=toward)
        hottest = np.unravel_index(heatmap.argmax(), heatmap.shape)
        down, across = np.array(hottest) * cells.shape // heatmap.shape
        assert (down, across) == np.unravel_index(cell, cells.shape)


def test_a_twin_does_not_answer_for_the_one_before(shipped, portrait):
    image = df.open_image(portrait)
    own = shipped.evidence(image, None)[0]
    twin = shipped.shuffled(1)
    mixed = twin.evidence(image, None)[0]
    assert not np.allclose(own, mixed), "asked right after, about the same picture"
    np.testing.assert_array_equal(twin.evidence(image, None)[0], mixed)
    np.testing.assert_array_equal(shipped.evidence(image, None)[0], own)
    assert shipped.on_one_thread().predict(image, None).p_fake == pytest.approx(
        shipped.predict(image, None).p_fake, abs=1e-4
    )


def test_a_twin_with_shuffled_weights_answers_as_a_file_with_these_weights(shipped, copy, portrait):
    """The plain way: the same weights, shuffled in the bytes of the file."""
    from ai_edge_litert.interpreter import Interpreter

    path = copy / "model.tflite"
    network = Interpreter(str(path))
    (head,) = (
        part["index"]
        for part in network.get_tensor_details()
        if tuple(part["shape"])[:3] == (1, 1, 1) and tuple(part["shape"])[3:] > (1,)
    )
    weights = network.get_tensor(head)
    mixed = np.random.default_rng(3).permutation(weights, axis=3)
    content = path.read_bytes()
    assert content.count(weights.tobytes()) == 1
    path.write_bytes(content.replace(weights.tobytes(), mixed.tobytes()))
    edit(copy, files={path.name: hashlib.sha256(path.read_bytes()).hexdigest()})

    image = df.open_image(portrait)
    plain = df.load_detector(copy)
    twin = shipped.shuffled(3)
    for ours, theirs in zip(twin.evidence(image), plain.evidence(image), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert twin.predict(image).logit == pytest.approx(plain.predict(image).logit, abs=1e-4)


def test_a_network_without_a_last_layer_to_shuffle_judges_and_says_so(monkeypatch, portrait):
    monkeypatch.setattr(lite_network, "find_head", lambda interpreter: None)
    image = df.open_image(portrait)
    detector = LiteDetector(SHIPPED)
    assert 0 < detector.predict(image).p_fake < 1
    with pytest.raises(df.ModelError, match="has no last layer whose weights"):
        detector.shuffled(1).predict(image)


@pytest.mark.parametrize(
    "shapes", [[(1, 3, 3, 8)], [(1, 1, 1, 8)], [(1, 1, 1, 8), (1, 1, 1, 9), (1, 7, 7, 8)]]
)
def test_a_last_layer_that_is_not_plain_is_none(shapes):
    class Network:
        def get_tensor_details(self):
            return [{"index": index, "shape": shape} for index, shape in enumerate(shapes)]

        def get_output_details(self):
            return [{"shape": (1, 1)}, {"shape": (1, 7, 7, 1)}]

        def get_tensor(self, index):
            return np.zeros(shapes[index], np.float32)

    assert find_head(Network()) is None


class Slow:
    """A network that takes its time, and notices whoever comes in meanwhile."""

    def __init__(self):
        self.loaded = 0
        self.inside = threading.Lock()
        self.met = threading.Event()

    def load(self, path, size, **how):
        self.loaded += 1
        self.met.wait(0.1)
        return self

    def __call__(self, crop):
        if not self.inside.acquire(blocking=False):
            self.met.set()
            return Pass(0.0, np.zeros((7, 7), np.float32), None)
        self.met.wait(0.2)
        self.inside.release()
        return Pass(float(crop.mean()), np.full((7, 7), crop.mean(), np.float32), None)


def test_several_people_ask_one_network_by_turns_and_it_is_loaded_once(monkeypatch):
    network = Slow()
    monkeypatch.setattr(lite, "open_network", network.load)
    detector = LiteDetector(SHIPPED)
    greys = [np.full((224, 224, 3), level, np.uint8) for level in (10, 20, 30)]
    with ThreadPoolExecutor(3) as people:
        answers = [people.submit(detector.evidence, grey, None) for grey in greys]
    assert network.loaded == 1
    assert not network.met.is_set(), "two in the network at once"
    assert [float(answer.result()[0][0, 0]) for answer in answers] == [10, 20, 30]


def test_a_face_given_by_hand_and_the_whole_picture_are_judged(shipped, portrait):
    image = df.open_image(portrait)
    found = shipped.predict(image)
    box = Face(found.face.left, found.face.top, found.face.right, found.face.bottom, 1.0)
    assert shipped.predict(image, box).logit == pytest.approx(found.logit)
    assert shipped.predict(image, None).face is None
    assert found.reason == shipped.predict(image, box).reason == ""
    assert shipped.predict(image, None).verdict == "can't tell", "it only knows faces"
    assert "whole picture" in shipped.predict(image, None).reason


def test_a_picture_without_a_face_gets_a_reason(shipped):
    prediction = shipped.predict(np.full((64, 64, 3), 90, np.uint8))
    assert prediction.verdict == "can't tell"
    assert "No face" in prediction.reason


@pytest.mark.parametrize(
    ("change", "part", "reason"),
    [
        (lambda image: resize(image, 0.2), 0.2, "too small"),
        (lambda image: blur(image, 12), 1, "too blurred"),
        (lambda image: image // 128 * 128, 1, "drawing"),
        (lambda image: image // 64, 1, "almost blank"),
    ],
)
def test_a_face_far_from_what_it_knows_gets_the_reason_and_keeps_its_score(
    shipped, portrait, change, part, reason
):
    image = df.open_image(portrait)
    found = shipped.predict(image).face
    box = Face(found.left * part, found.top * part, found.right * part, found.bottom * part, 1.0)
    answer = shipped.predict(change(image), box)
    assert answer.verdict == "can't tell"
    assert reason in answer.reason
    assert 0 < answer.p_fake < 1


def test_a_model_of_whole_pictures_is_asked_without_looking_at_the_face(copy):
    edit(copy, crop="whole")
    assert df.load_detector(copy).predict(np.full((20, 20, 3), 90, np.uint8)).reason == ""


def test_the_last_answer_is_not_mistaken_for_another_pictures(shipped, portrait):
    image = df.open_image(portrait)
    first = shipped.predict(image).logit
    image[60:180, 170:290] = 255 - image[60:180, 170:290]
    assert shipped.predict(image, None).logit != pytest.approx(first)


def test_turning_the_class_round_turns_word_score_and_map_round(copy, portrait):
    image = df.open_image(portrait)
    before = df.load_detector(copy)
    as_is, maps = before.predict(image), [before.explain(image, toward=t) for t in ("fake", "real")]
    low, high = as_is.band
    edit(copy, speaks_for="real", band=[1 - high, 1 - low])
    after = df.load_detector(copy)
    turned = after.predict(image)
    opposite = {
        "likely fake": "likely real",
        "likely real": "likely fake",
        "can't tell": "can't tell",
    }
    assert turned.p_fake == pytest.approx(1 - as_is.p_fake)
    assert turned.logit == pytest.approx(-as_is.logit)
    assert turned.verdict == opposite[as_is.verdict]
    for toward, expected in (("real", maps[0]), ("fake", maps[1])):
        np.testing.assert_allclose(after.explain(image, toward=toward), expected, atol=1e-5)


def _cut(path):
    path.write_bytes(path.read_bytes()[:1000])


def _pointer(path):
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")


def _no_model(path):
    path.write_bytes(b"no model at all")
    edit(path.parent, files={path.name: hashlib.sha256(path.read_bytes()).hexdigest()})


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda path: path.unlink(), "model.tflite is missing"),
        (_cut, "is not the file that its manifest vouches for"),
        (_pointer, "Git LFS pointer"),
        (_no_model, "no model that LiteRT can read"),
        (lambda path: (path.parent / "manifest.json").unlink(), "manifest.json"),
    ],
)
def test_a_model_that_is_wrong_is_named_with_the_reason(copy, portrait, damage, sentence):
    damage(copy / "model.tflite")
    detector = df.load_detector(copy)
    for ask in (detector.load, lambda: detector.predict(df.open_image(portrait))):
        with pytest.raises(df.ModelError, match=sentence):
            ask()


def test_an_unknown_method_is_refused(copy, portrait):
    detector = df.load_detector(copy)
    assert detector.methods == ("Grad-CAM", "Occlusion"), (
        "without model.keras there are no slow maps"
    )
    with pytest.raises(ValueError, match="SmoothGrad"):
        detector.explain(df.open_image(portrait), method="SmoothGrad")


def test_neither_import_nor_verdict_nor_map_loads_tensorflow():
    story = f"""
import sys
import dfwidgets as df
slow = {{"tensorflow", "keras", "tf_keras_vis", "matplotlib", "cv2"}}
assert not set(sys.modules) & (slow | {{"ai_edge_litert"}})
session = df.Session(df.load_detector({str(SHIPPED)!r}))
upload, heatmap = df.UploadPanel(session), df.HeatmapPanel(session)
session.open({str(ROOT / "images" / "Real" / "eileen-collins.jpg")!r})
assert "that it is fake" in upload.verdict.value
assert session.heatmap is not None
assert not set(sys.modules) & slow
"""
    ran = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
