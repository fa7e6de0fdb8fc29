"""Fakes made of photographs by a generator's decoder.

python -m models.training.making.reconstruct --data FOLDER --weights FOLDER

Each photograph of the train and val splits, cut to its face, goes once through TAEF2 and back:
nobody's identity changes, but the decoder leaves its trace. Writes a PNG each into --out and a line
each into reconstructions.csv there, which holds the seed and all that follows from it; started
again it goes on, and what is there already can be used meanwhile.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from dfwidgets.pictures.blend import blended, face_mask, shape_of
from dfwidgets.pictures.faces import Face
from models.training.lines import add_line, read_lines
from models.training.making.augment import scaled_face, wide_cut
from models.training.making.dataset import Row, find_all_faces, read_image, read_rows

STORE = "reconstructions.csv"
STEP = 16  # sizes are multiples of it; the network needs multiples of 8
MIN_SIZE = 176
MAX_SIZE = 512
MAX_ENLARGED = 1.6  # times the pixels that the face has in its file
MAX_NOISE = 0.4
INNER = 0.3  # fraction of which only the inner face is drawn anew
FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)

RoundTrip = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Reconstruction:
    """How one fake was made: all of it follows from the photograph and the seed."""

    path: str
    photograph: str
    split: str
    seed: int
    size: int  # pixels, width and height
    resample: int  # the filter that brought the photograph to this size, by Pillow's number
    noise: float  # added in the latent space, whose spread is about 0.9
    inner: int  # 1: only the inner face was drawn anew


def plan(row: Row, side: int) -> Reconstruction:
    """Choose size, filter, noise and mask for a photograph whose cut has `side` pixels."""
    seed = zlib.crc32(row.path.encode())
    rng = np.random.default_rng(seed)
    # A face blown up much farther than its file goes would give itself away by that alone.
    largest = min(MAX_SIZE, max(MIN_SIZE, side * MAX_ENLARGED))
    size = np.exp(rng.uniform(np.log(MIN_SIZE), np.log(largest)))
    return Reconstruction(
        path=f"{seed:08x}.png",
        photograph=row.path,
        split=row.split,
        seed=seed,
        size=max(MIN_SIZE, int(size // STEP) * STEP),
        resample=int(rng.choice(FILTERS)),
        noise=round(float(rng.uniform(0, MAX_NOISE)), 3),
        inner=int(rng.random() < INNER),
    )


def before(cut: np.ndarray, how: Reconstruction) -> np.ndarray:
    """The photograph as it goes into the network: uint8 (size, size, 3).

    This is what a reconstruction lies beside in a batch, and not the file's own pixels: the filter
    that brought it to its size must say nothing.
    """
    picture = Image.fromarray(cut)
    return np.asarray(picture.resize((how.size, how.size), Image.Resampling(how.resample)))


def redraw(photo: np.ndarray, face: Face, how: Reconstruction, trip: RoundTrip) -> np.ndarray:
    """The fake of a photograph, by a round trip; uint8 (size, size, 3) both."""
    # Another stream than the plan's: what is drawn there later changes nothing here.
    rng = np.random.default_rng([how.seed, 1])
    drawn = trip(photo, how.noise, rng)
    if not how.inner:
        return drawn
    mask = face_mask(photo, shape_of(photo, face), rng.uniform(0, 1), rng)
    return blended(photo, drawn, mask).image


def through_taef2(weights: Path) -> RoundTrip:
    """Load TAEF2: a function of a picture, how much noise, and where that noise comes from."""
    from models.training.making import taef2

    encoder, decoder = taef2.load(weights)

    def trip(picture: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
        latents = encoder.predict_on_batch(picture[None].astype(np.float32) / 255)
        grain = rng.standard_normal(latents.shape, dtype=np.float32)
        drawn = decoder.predict_on_batch(latents + np.float32(noise) * grain)[0]
        return (np.clip(drawn, 0, 1) * 255).round().astype(np.uint8)

    return trip


def in_turn(rows: Iterable[Row]) -> list[Row]:
    """Order photographs so that every set has its turn: the first thousand serve already."""
    # The first of each set, then the second of each, as long as a set has one.
    places: dict[str, int] = {}
    keyed = []
    for row in sorted(rows, key=lambda row: zlib.crc32(row.path.encode())):
        places[row.set] = places.get(row.set, 0) + 1
        keyed.append((places[row.set], row.set, row))
    return [row for *_, row in sorted(keyed, key=lambda entry: entry[:2])]


def make(
    folder: Path,
    rows: Iterable[Row],
    faces: Mapping[str, Face | None],
    out: Path,
    trip: RoundTrip,
) -> Iterator[Reconstruction]:
    """Make those that are not there yet; each is kept before it is handed out."""
    done = {how.photograph for how in read(out)}
    out.mkdir(parents=True, exist_ok=True)
    for row in rows:
        face = faces[row.path]
        if face is None or row.path in done:
            continue

        cut, place = wide_cut(read_image(folder, row), face)
        how = plan(row, cut.shape[0])
        fake = redraw(before(cut, how), scaled_face(place, how.size / cut.shape[0]), how, trip)

        # The line comes last: what has a line has a picture.
        Image.fromarray(fake).save(out / how.path, compress_level=1)
        add_line(out / STORE, asdict(how))
        yield how


def read(folder: Path) -> list[Reconstruction]:
    """Read reconstructions.csv; none where there is none yet."""
    kinds = {"seed": int, "size": int, "resample": int, "noise": float, "inner": int}
    return [
        Reconstruction(**{name: kinds.get(name, str)(value) for name, value in line.items()})
        for line in read_lines(folder / STORE)
    ]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled pictures")
    parser.add_argument("--weights", type=Path, required=True, help="holds taef2_*.pth")
    parser.add_argument("--out", type=Path, default=Path("build/reconstructions"))
    parser.add_argument("--faces", type=Path, default=Path("build/faces.csv"))
    parser.add_argument("--count", type=int, help="so many more; otherwise one of every photograph")
    options = parser.parse_args()

    rows = [row for row in read_rows(options.data) if row.label == "real" and row.split != "test"]
    faces = find_all_faces(options.data, rows, options.faces)
    trip = through_taef2(options.weights)

    made = make(options.data, in_turn(rows), faces, options.out, trip)
    for count, _ in enumerate(made, 1):
        if count % 100 == 0:
            print(f"made {count}", flush=True)
        if count == options.count:
            break


if __name__ == "__main__":
    main()
