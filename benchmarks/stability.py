"""What the strip of twelve copies costs beside one batched pass of the network.

python benchmarks/stability.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import dfwidgets as df
from dfwidgets.pictures.faces import crop_face, find_faces
from dfwidgets.robustness.stability import send_again
from dfwidgets.robustness.variants import VARIANTS, change

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "detector"
RUNS = 30


def main() -> None:
    """Print the table: the calls take turns, so that what else the machine does hits each alike."""
    from ai_edge_litert.interpreter import Interpreter

    image = df.open_image(ROOT / "images" / "Real" / "eileen-collins.jpg")
    face = find_faces(image)[0]
    detector = df.load_detector(MODEL)
    copies = [change(image, face, variant, detector.judged_part) for variant in VARIANTS]
    crops = np.stack([crop_face(picture, carried, 224) for picture, carried in copies]).astype(
        np.float32
    )

    def network(size: int) -> Callable[[np.ndarray], None]:
        interpreter = Interpreter(str(MODEL / "model.tflite"), num_threads=2)
        at = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(at, [size, *crops.shape[1:]])
        interpreter.allocate_tensors()

        def run(pixels: np.ndarray) -> None:
            interpreter.set_tensor(at, pixels)
            interpreter.invoke()
            for output in interpreter.get_output_details():
                interpreter.get_tensor(output["index"])

        return run

    batched = network(len(crops))
    single = network(1)
    calls: dict[str, Callable[[], object]] = {
        "one batched pass of 12": lambda: batched(crops),
        "12 single passes": lambda: [single(crop[None]) for crop in crops],
        "changing the picture 12 times": lambda: [
            change(image, face, variant, detector.judged_part) for variant in VARIANTS
        ],
        "the strip, the face given": lambda: send_again(detector, image, face),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for turn in range(RUNS + 3):
        for name, call in calls.items():
            clock = time.perf_counter()
            cpu = time.process_time()
            call()
            took = time.perf_counter() - clock, time.process_time() - cpu
            if turn >= 3:  # the first three turns only warm up
                times[name].append(took)

    # The time of the cores beside that of the clock: where others use the machine, only the first
    # can be compared.
    bare = np.median(times["one batched pass of 12"], axis=0)
    print(f"{'a picture of 512 pixels':32} {'ms':>8} {'ratio':>7} {'CPU ms':>8} {'ratio':>7}")
    for name, pairs in times.items():
        clock, cpu = np.median(pairs, axis=0)
        by_clock = f"{clock * 1000:8.1f} {clock / bare[0]:7.2f}"
        print(f"{name:32} {by_clock} {cpu * 1000:8.1f} {cpu / bare[1]:7.2f}")
    print("The strip is to take at most 1.5 of the first.")


if __name__ == "__main__":
    main()
