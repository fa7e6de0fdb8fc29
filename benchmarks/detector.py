"""How long one face takes, each as a ratio to the bare LiteRT pass of the same run.

python benchmarks/detector.py
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import dfwidgets as df
from dfwidgets.pictures.faces import crop_face, find_faces

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "detector"


def median_ms(call: Callable[[], object], runs: int = 40) -> float:
    """Median time of a call in milliseconds, after three to warm up."""
    for _ in range(3):
        call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times) * 1000)


def main() -> None:
    """Print the table."""
    from ai_edge_litert.interpreter import Interpreter

    data = (ROOT / "images" / "Real" / "eileen-collins.jpg").read_bytes()
    image = df.open_image(data)
    large = df.open_image(data).repeat(2, axis=0).repeat(2, axis=1)[:1000, :1000]
    face = find_faces(image)[0]
    size = 224
    crops = [crop_face(image, face, size)[None].astype(np.float32) + shift for shift in (0, 1)]

    network = Interpreter(str(MODEL / "model.tflite"), num_threads=2)
    network.allocate_tensors()
    inputs = network.get_input_details()[0]["index"]
    outputs = network.get_output_details()

    def raw() -> list[np.ndarray]:
        network.set_tensor(inputs, crops[0])
        network.invoke()
        return [network.get_tensor(output["index"]) for output in outputs]

    detector = df.load_detector(MODEL)
    # Two pictures by turns: the detector remembers its last pass, which would make it look faster
    # than it is.
    pictures = itertools.cycle([image, 255 - image])

    def following() -> np.ndarray:
        return next(pictures)

    def both() -> None:
        picture = following()
        detector.predict(picture, face)
        detector.explain(picture, face)

    rows = {
        "LiteRT, the bare pass": median_ms(raw),
        "predict, the face given": median_ms(lambda: detector.predict(following(), face)),
        "explain, the face given": median_ms(lambda: detector.explain(following(), face)),
        "verdict and map together": median_ms(both),
        "decode a 512-pixel JPEG": median_ms(lambda: df.open_image(data)),
        "find the face, 512 pixels": median_ms(lambda: find_faces(image)),
        "find the face, 1000 pixels": median_ms(lambda: find_faces(large)),
    }

    # TensorFlow comes only now: its threads would take their share of what was measured so far.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf
    from tf_keras_vis.gradcam import Gradcam

    model = keras.saving.load_model(MODEL / "model.keras", compile=False)
    compiled = tf.function(lambda x: model(x, training=False))
    fixed = tf.constant(crops[0])
    gradcam = Gradcam(model)
    rows |= {
        "TensorFlow, compiled": median_ms(lambda: compiled(fixed)),
        "TensorFlow, model.predict": median_ms(lambda: model.predict(crops[0], verbose=0), 10),
        "tf-keras-vis, Grad-CAM": median_ms(
            lambda: gradcam(lambda out: out[:, 0], crops[0], penultimate_layer="top_relu"), 3
        ),
    }
    bare = rows["LiteRT, the bare pass"]
    print(f"{'one picture':30} {'ms':>8} {'ratio':>7}")
    for name, ms in rows.items():
        print(f"{name:30} {ms:8.1f} {ms / bare:7.2f}")
    allowed = 1.3 * bare + 2
    together = rows["verdict and map together"]
    print(
        f"verdict and map: {together:.1f} ms, at most 1.3 bare passes plus 2 ms = {allowed:.1f} ms"
    )

    # In processes of its own, for here everything is imported already.
    story = (
        "import time; start = time.process_time(); "
        "import dfwidgets; print(time.process_time() - start)"
    )
    cpu = [float(subprocess.check_output([sys.executable, "-c", story])) for _ in range(5)]
    print(f"import dfwidgets: {np.median(cpu):.2f} s of CPU (at most 0.5)")


if __name__ == "__main__":
    main()
