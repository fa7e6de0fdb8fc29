"""What a detector says of the sample pictures: python -m models.training.contact_sheet.

Writes docs/samples.png, every sample with its score, and prints how many of them it gets right.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import dfwidgets as df
from models.training.metrics import auc

ROOT = Path(__file__).parents[2]
TILE, COLUMNS = 150, 12
LINE = 16


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "detector")
    detector = df.load_detector(parser.parse_args().model)
    samples = df.load_samples(ROOT / "images")
    sheet = Image.new("RGB", (COLUMNS * TILE, -(-len(samples) // COLUMNS) * (TILE + 3 * LINE)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    kinds, scores = [], []
    for place, sample in enumerate(samples):
        image = df.open_image(sample.path)
        prediction = detector.predict(image)
        kinds.append(sample.level or "real")
        scores.append(prediction.p_fake)
        x, y = place % COLUMNS * TILE, place // COLUMNS * (TILE + 3 * LINE)
        sheet.paste(Image.fromarray(image).resize((TILE, TILE)), (x, y))
        lines = samples.name(sample), f"{sample.level} {prediction.p_fake:.2f}".strip(), prediction.verdict
        for number, line in enumerate(lines):
            draw.text((x + 4, y + TILE + number * LINE), line, fill="black", font=font)
    sheet.save(ROOT / "docs" / "samples.png", optimize=True)
    kind, score = np.array(kinds), np.array(scores)
    low, high = prediction.band
    for name in ("real", "easy", "medium", "hard"):
        said = score[kind == name]
        words = {"likely real": said <= low, "can't tell": (said > low) & (said < high), "likely fake": said >= high}
        counts = ", ".join(f"{word} {int(chosen.sum())}" for word, chosen in words.items())
        pair = (kind == "real") | (kind == name)
        against = "" if name == "real" else f"  AUC against the reals {auc(kind[pair] != 'real', score[pair]):.2f}"
        print(f"{name:7} {len(said):3} pictures: {counts}{against}")


if __name__ == "__main__":
    main()
