"""Where a Keras model looked, with models whose answer is known."""

import warnings

import numpy as np
import pytest

from dfwidgets.detector import Cancelled, ModelError
from dfwidgets.explain import flatten, gradcam

pytestmark = pytest.mark.model

SIZE = 32
PATCH = slice(8, 16), slice(20, 28)


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


def layers(keras):
    """A small network with pooling and a dense head that ends in a sigmoid; its last map is no
    convolution's."""
    keras.utils.set_random_seed(3)
    return [
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(12, 3),
        keras.layers.BatchNormalization(),
        keras.layers.Activation("relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(6, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]


@pytest.fixture
def network(keras):
    """The same as a flat functional model, the only kind that tf-keras-vis takes."""
    x = image = keras.Input((SIZE, SIZE, 3))
    for layer in layers(keras):
        x = layer(x)
    return keras.Model(image, x)


@pytest.fixture
def picture():
    return np.random.default_rng(1).uniform(0, 255, (1, SIZE, SIZE, 3)).astype(np.float32)


def red_patch():
    picture = np.full((1, SIZE, SIZE, 3), (0, 90, 200), np.float32)
    picture[0, *PATCH] = 255, 0, 0
    return picture


def red_finder(keras, weight=1.0, bias=0.0):
    """Its one filter is the mean of red in each 4 x 4 cell."""
    image = keras.Input((SIZE, SIZE, 3))
    red = keras.layers.Conv2D(1, 4, 4, name="red")
    head = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Model(image, head(keras.layers.GlobalAveragePooling2D()(red(image))))
    kernel = np.zeros((4, 4, 3, 1))
    kernel[:, :, 0] = 1 / 16 / 255
    red.set_weights([kernel, np.zeros(1)])
    head.set_weights([np.array([[weight]]), np.array([bias])])
    return model


def explainable(model):
    return flatten.drop_sigmoid(flatten.flat_copy(model, SIZE))[0]


def reference(name, model, pixels, sign=1):
    """The map of tf-keras-vis, as its handbook says to use it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from tf_keras_vis import gradcam as vis
        from tf_keras_vis.utils.model_modifiers import ReplaceToLinear
    draw = getattr(vis, name)(model, model_modifier=ReplaceToLinear(), clone=True)
    last = [layer.name for layer in draw.model.layers if len(layer.output.shape) == 4][-1]
    cells = draw(
        lambda outputs: sign * outputs[:, 0],
        pixels,
        penultimate_layer=last,
        seek_penultimate_conv_layer=False,
        expand_cam=False,
        normalize_cam=False,
    )
    return np.asarray(cells)[0]


def assert_same_up_to_scale(ours, theirs):
    assert ours.max() > 0 and theirs.max() > 0
    np.testing.assert_allclose(ours / ours.max(), theirs / theirs.max(), atol=1e-5)


def test_the_map_of_a_model_that_looks_for_red_lies_on_the_red_patch(keras):
    logit, cells = gradcam.compile_gradcam(explainable(red_finder(keras)))(red_patch())
    expected = np.zeros((8, 8))
    expected[2:4, 5:7] = 1 / 64
    np.testing.assert_allclose(cells, expected, atol=1e-7)
    assert logit == pytest.approx(4 / 64)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_compiled_map_equals_that_of_tf_keras_vis(network, picture, sign):
    _, cells = gradcam.compile_gradcam(explainable(network))(picture)
    theirs = reference("Gradcam", network, picture, sign)
    np.testing.assert_allclose(
        np.maximum(sign * cells, 0), theirs, atol=1e-5 * max(theirs.max(), 1e-30)
    )


def test_the_compiled_answer_is_the_logit_of_the_model(network, picture):
    logit, _ = gradcam.compile_gradcam(explainable(network))(picture)
    assert 1 / (1 + np.exp(-logit)) == pytest.approx(float(network(picture)[0, 0]), abs=1e-6)


def test_a_saturated_sigmoid_has_a_map(keras):
    model = red_finder(keras, weight=6400, bias=100)
    assert float(model(red_patch())[0, 0]) == 1
    logit, cells = gradcam.compile_gradcam(explainable(model))(red_patch())
    assert logit == pytest.approx(500, rel=1e-5)
    assert cells.max() == pytest.approx(100, rel=1e-5)
    for sign in (1, -1):
        model = red_finder(keras, weight=sign * 6400, bias=sign * 100)
        cells = gradcam.gradcam_plus_plus(explainable(model), red_patch(), sign)
        assert cells.max() > 0 and cells[0, 0] == 0


def test_a_nested_backbone_and_head_give_the_map_of_the_flat_model(keras, network, picture):
    parts = layers(keras)
    backbone = keras.Sequential([keras.Input((SIZE, SIZE, 3)), *parts[:6]])
    image = keras.Input((SIZE, SIZE, 3))
    middle = keras.Model(image, parts[6](backbone(image, training=False)))
    nested = keras.Sequential([keras.Input((SIZE, SIZE, 3)), middle, keras.Sequential(parts[7:])])
    nested.set_weights(network.get_weights())
    flat, deep = (
        gradcam.compile_gradcam(explainable(model))(picture) for model in (network, nested)
    )
    assert flat[0] == pytest.approx(deep[0], abs=1e-6)
    np.testing.assert_allclose(flat[1], deep[1], atol=1e-7)
    assert not any(isinstance(layer, keras.Model) for layer in explainable(nested).layers)


def test_layers_that_are_shared_stay_shared_and_equal_names_do_not_clash(keras, picture):
    keras.utils.set_random_seed(5)
    image = keras.Input((SIZE, SIZE, 3))
    conv, relu = keras.layers.Conv2D(3, 3, padding="same", name="image"), keras.layers.ReLU()
    inner = keras.Sequential(
        [keras.Input((SIZE, SIZE, 3)), keras.layers.Conv2D(4, 5, name="image")]
    )
    x = inner(keras.layers.Add()([relu(conv(relu(conv(image)))), image]))
    model = keras.Model(
        image, keras.layers.Dense(1)(keras.layers.GlobalMaxPooling2D()(relu(x) / 2))
    )
    logit, cells = gradcam.compile_gradcam(explainable(model))(picture)
    assert logit == pytest.approx(float(model(picture)[0, 0]), rel=1e-5)
    assert cells.shape == (28, 28) and cells.any()
    assert explainable(model).count_params() == model.count_params()


def test_a_normalization_that_was_adapted_is_copied_with_what_it_learned(keras, picture):
    scale = keras.layers.Normalization()
    scale.adapt(picture)
    model = keras.Sequential(
        [
            scale,
            keras.layers.Conv2D(2, 3),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1),
        ]
    )
    expected = float(model(picture)[0, 0])
    assert gradcam.compile_gradcam(explainable(model))(picture)[0] == pytest.approx(
        expected, abs=1e-5
    )


def test_a_model_in_half_precision_has_a_map(keras):
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(4, 3, dtype="mixed_float16")(image)
    x = keras.layers.GlobalAveragePooling2D(dtype="mixed_float16")(x)
    model = keras.Model(image, keras.layers.Dense(1, "sigmoid", dtype="float32")(x))
    logit, cells = gradcam.compile_gradcam(explainable(model))(red_patch())
    assert np.isfinite(logit) and cells.dtype == np.float32 and cells.any()


def test_the_model_given_stays_as_it_is(keras, network, picture):
    before = network.get_config(), network.get_weights(), float(network(picture)[0, 0])
    copy = explainable(network)
    gradcam.compile_gradcam(copy)(picture)
    gradcam.gradcam_plus_plus(copy, picture, 1)
    copy.set_weights([w + 1 for w in copy.get_weights()])
    assert network.get_config() == before[0]
    assert all(np.array_equal(a, b) for a, b in zip(network.get_weights(), before[1], strict=True))
    assert float(network(picture)[0, 0]) == before[2]
    assert network.layers[-1].activation is keras.activations.sigmoid
    assert all(
        len(layer._inbound_nodes) == 1 for layer in network.layers
    )  # no other model runs through them


@pytest.mark.parametrize("end", ["layer", "activation", "function"])
def test_a_sigmoid_is_dropped_wherever_it_stands(keras, picture, end):
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 3)(image))
    if end == "layer":
        x = keras.layers.Dense(1, activation="sigmoid")(x)
    else:
        x = keras.layers.Dense(1)(x)
        x = keras.layers.Activation("sigmoid")(x) if end == "activation" else keras.ops.sigmoid(x)
    model = keras.Model(image, x)
    linear, ends_in = flatten.drop_sigmoid(flatten.flat_copy(model, SIZE))
    assert ends_in == "probability"
    p = float(model(picture / 255)[0, 0])
    assert float(linear([picture / 255])[0, 0]) == pytest.approx(np.log(p / (1 - p)), abs=1e-5)


def test_an_end_that_is_no_logit_and_a_model_without_maps_are_refused(keras):
    ends = keras.Sequential(
        [keras.Input((SIZE, SIZE, 3)), keras.layers.Flatten(), keras.layers.Dense(1, "tanh")]
    )
    with pytest.raises(ModelError, match="ends in tanh"):
        explainable(ends)
    flat = keras.Sequential(
        [keras.Input((SIZE, SIZE, 3)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    with pytest.raises(ModelError, match="gives a map"):
        gradcam.compile_gradcam(explainable(flat))


def test_a_pooled_map_of_one_cell_is_no_feature_map(keras):
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.GlobalAveragePooling2D(keepdims=True)(
        keras.layers.Conv2D(2, 3, name="last")(image)
    )
    model = keras.Model(image, keras.layers.Flatten()(keras.layers.Conv2D(1, 1)(x)))
    assert gradcam.feature_layer(explainable(model)).name == "last"


@pytest.mark.parametrize("sign", [1, -1])
def test_grad_cam_plus_plus_equals_that_of_tf_keras_vis_up_to_scale(network, picture, sign):
    ours = gradcam.gradcam_plus_plus(explainable(network), picture, sign)
    assert_same_up_to_scale(ours, reference("GradcamPlusPlus", network, picture, sign))


def test_smoothgrad_shows_the_patch_and_is_the_same_again(keras, network, picture):
    flat = explainable(network)
    first, again = (gradcam.smoothgrad(flat, picture, lambda part: None) for _ in range(2))
    assert first.shape == (SIZE, SIZE) and first.min() >= 0
    np.testing.assert_array_equal(first, again)
    # A linear model has the same slope everywhere, whatever the noise.
    even = gradcam.smoothgrad(explainable(red_finder(keras)), red_patch(), lambda part: None)
    np.testing.assert_allclose(even, 1 / 16 / 255 / 64, rtol=1e-5)


def test_smoothgrad_says_how_far_it_is_and_can_be_cancelled(network, picture):
    parts = []

    def cancel(part):
        parts.append(part)
        if len(parts) == 2:
            raise Cancelled

    flat = explainable(network)
    with pytest.raises(Cancelled):
        gradcam.smoothgrad(flat, picture, cancel)
    assert parts == pytest.approx([0.1, 0.2])
