"""The network that learns: what counts, what stays as it is, and how far it is from the truth."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from models.training.making.dataset import Row
from tests.helpers import small_run

pytestmark = pytest.mark.model

MIDDLE = ["block5_expand_relu", "block11_expand_relu"]


@pytest.fixture(scope="module")
def network():
    from models.training.making import network

    return network


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3)).astype(np.float32)


@pytest.mark.parametrize(("top", "count"), [(True, 1280 + 240 + 672), (False, 240 + 672)])
def test_where_middle_layers_count_the_map_still_adds_up_to_the_logit(
    network, pictures, top, count
):
    from models.training.making import export

    model = network.build(64, 0.1, MIDDLE, top)
    head = model.get_layer("logit")
    random = np.random.default_rng(1)
    weights = [random.normal(0, 0.1, values.shape) for values in head.get_weights()]
    head.set_weights(weights)
    assert head.get_weights()[0].shape == (count, 1)
    assert ("top_conv" in [layer.name for layer in model.layers]) == top

    logits, cells = export.with_evidence(model).predict_on_batch(pictures)
    assert cells.shape == (3, 2, 2, 1)
    np.testing.assert_allclose(logits, model.predict_on_batch(pictures), atol=1e-4)
    np.testing.assert_allclose(cells.mean(axis=(1, 2)) + weights[1], logits, atol=1e-4)


def test_of_two_networks_the_second_is_heard_where_it_is_alarmed_and_the_map_adds_up(
    network, pictures, tmp_path
):
    import keras

    from models.training.making import export

    keras.utils.set_random_seed(1)
    first = network.build(64, 0.1)
    second = network.build(64, 0.1, MIDDLE, top=False)
    logits = first.predict_on_batch(pictures)[:, 0]
    alarms = second.predict_on_batch(pictures)[:, 0]
    threshold = float(np.median(alarms))
    joined = network.join(first, second, threshold, share=2.0)

    expected = logits + 2 * np.maximum(alarms - threshold, 0)
    assert (alarms > threshold).any() and (alarms <= threshold).any()
    np.testing.assert_allclose(joined.predict_on_batch(pictures)[:, 0], expected, atol=1e-4)
    found, cells = export.with_evidence(joined).predict_on_batch(pictures)
    bias = joined.get_layer("logit").get_weights()[1]
    np.testing.assert_allclose(cells.mean(axis=(1, 2)) + bias, found, atol=1e-4)

    # No layer of it needs code of ours.
    joined.save(tmp_path / "joined.keras")
    again = keras.saving.load_model(tmp_path / "joined.keras", safe_mode=True)
    np.testing.assert_allclose(again.predict_on_batch(pictures)[:, 0], expected, atol=1e-4)


def test_the_alarm_of_a_specialist_begins_above_most_val_photographs(network, tmp_path, portrait):
    import keras

    from models.training.making import join

    rows = []
    for number in range(8):
        # Two of the six val photographs are brighter by far; fakes and other splits do not count.
        split, label = [("val", "real"), ("val", "fake"), ("train", "real")][max(0, number - 5)]
        image = df.open_image(portrait) // (1 if number in (2, 4) else 2)
        Image.fromarray(image).save(tmp_path / f"{number}.png")
        rows.append(Row(f"{number}.png", "", label, "one", "any", split, str(number)))
    brightness = keras.Sequential(
        [keras.Input((64, 64, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)]
    )
    brightness.layers[-1].set_weights([np.ones((3, 1)), np.zeros(1)])
    store = tmp_path / "faces.csv"
    dark = join.threshold(brightness, tmp_path, rows, store, quiet=0.6)
    assert join.threshold(brightness, tmp_path, rows, store, quiet=0.9) > 1.8 * dark > 0


def test_a_trained_model_is_taken_over_as_it_was(network, pictures):
    before = network.build(64, 0.1)
    model = network.build(64, 0.1, MIDDLE)
    assert not np.allclose(before.predict_on_batch(pictures), model.predict_on_batch(pictures))
    network.take_over(model, before)
    np.testing.assert_allclose(
        before.predict_on_batch(pictures), model.predict_on_batch(pictures), atol=1e-5
    )


def test_what_lies_before_a_block_stays_as_it_is(network):
    model = network.build(64, 0.1, MIDDLE)
    learning = {}
    for block in (None, 3, 0):
        network.freeze(model, block)
        learning[block] = {layer.name for layer in model.layers if layer.trainable}
    assert "logit" in learning[None]
    assert not any(name.startswith("block") for name in learning[None])
    assert "block3_depth_conv" in learning[3]
    assert "block2_depth_conv" not in learning[3]
    assert "block0_depth_conv" in learning[0]
    assert "stem_conv" not in learning[0]


def test_twins_cost_the_square_of_what_tells_them_apart(network):
    y = np.array([[0], [1], [0], [0], [1], [1]], np.float32)
    z = np.array([[-1], [2], [0.5], [-1.5], [3], [3]], np.float32)
    plain = np.mean(np.log1p(np.exp(np.where(y == 1, -z, z))))
    assert float(network.TwinLoss()(y, z)) == pytest.approx(plain, rel=1e-4)
    apart = (2.0**2 + 0) / 2
    loss = network.TwinLoss(twins=2, weight=0.3)
    assert float(loss(y, z)) == pytest.approx(plain + 0.3 * apart, rel=1e-4)
    again = network.TwinLoss.from_config(loss.get_config())
    assert float(again(y, z)) == pytest.approx(float(loss(y, z)))


def test_the_rate_rises_stays_and_falls():
    from models.training.making import train

    settings = {"rate": 2.0, "warmup": 4, "steps": 20, "cooldown": 5}
    rates = [train.rate(step, settings) for step in range(20)]
    assert rates[:5] == [0.5, 1.0, 1.5, 2.0, 2.0]
    assert rates[5:15] == [2.0] * 10
    np.testing.assert_allclose(rates[15:], [2.0, 1.6, 1.2, 0.8, 0.4])


def test_the_average_follows_the_weights_and_at_first_faster():
    from models.training.making import learner, train

    mean = learner.moved([np.zeros(2)], [np.ones(2)], 0.75)
    np.testing.assert_array_equal(mean[0], [0.25, 0.25])
    assert train.kept(0, {"average": 0.99}) == pytest.approx(0.1)
    assert train.kept(10**6, {"average": 0.99}) == 0.99
    assert train.kept(5, {"average": 0.0}) == 0


@pytest.fixture
def squares(tmp_path):
    """A folder in which bright squares are fakes."""
    random = np.random.default_rng(0)
    for label, level in (("Real", 60), ("Fake", 190)):
        (tmp_path / label).mkdir()
        for number in range(40):
            noise = random.integers(level - 40, level + 40, (40, 40, 3)).astype(np.uint8)
            Image.fromarray(noise).save(tmp_path / label / f"{label}{number}.png")
    return tmp_path


def test_a_run_goes_on_where_it_stopped_and_only_with_what_it_began_with(squares, capsys):
    from models.training.making import train

    settings = small_run(families={"own": {squares.name: 1.0}}, head_steps=0)
    settings |= {"photographs": {squares.name: 1.0}, "average": 0.5}
    settings |= {"twins": 1, "twin_sets": [squares.name], "twin_weight": 0.1}
    out = squares / "out" / "run"
    half = train.train(squares, out, settings).get_weights()
    more = train.train(squares, out, settings | {"steps": 4})
    assert "going on after 2 batches" in capsys.readouterr().out
    with (out / "log.csv").open(newline="") as file:
        assert [line["batches"] for line in csv.DictReader(file)] == ["2", "4"]
    assert any(not np.array_equal(a, b) for a, b in zip(half, more.get_weights(), strict=True))

    with pytest.raises(SystemExit, match="other settings or other pictures"):
        train.train(squares, out, settings | {"rate": 0.5})
    (squares / "Real" / "Real3.png").unlink()
    with pytest.raises(SystemExit, match="other settings or other pictures"):
        train.train(squares, out, settings)


def test_the_log_holds_what_one_counts_by_hand(tmp_path):
    from models.training.making import watch

    def row(set, label):
        return Row("", "", label, set, "", "val", "")

    rows = [row("one", "real"), row("one", "real"), row("one", "fake"), row("lone", "fake")]
    rows.append(row("photos", "real"))
    logits = np.array([[-1.0], [2.0], [1.0], [0.0], [-3.0]])
    model = SimpleNamespace(predict=lambda crops, **how: logits)
    watcher = watch.Watch(tmp_path, rows, np.zeros((5, 8, 8, 3)), {"lone": ["one"]})
    watcher.look(10, 0.51234, model)
    with (tmp_path / "log.csv").open(newline="") as file:
        line = next(csv.DictReader(file))
    assert line == {
        "batches": "10",
        "loss": "0.5123",
        "auc lone": "0.5",
        "auc one": "0.5",
        "photos one": "0.5",
        "photos photos": "-3.0",
    }
    assert len(watch.some_of_each(rows * 300)) == 4 * 200
