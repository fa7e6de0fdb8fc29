"""The verdicts of the shipped detector on the sample pictures.

python -m models.training.showing.contact_sheet

Draws docs/samples.png, every sample with its score; the model card holds how many it gets right.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import dfwidgets as df
from dfwidgets.detector import CANT_TELL, LIKELY_FAKE, LIKELY_REAL
from dfwidgets.folders.samples import LEVELS
from dfwidgets.measure.measures import auc

ROOT = Path(__file__).parents[3]
MODEL = ROOT / "models" / "detector"
TILE = 150  # pixels, width and height of a picture
COLUMNS = 12
LINE = 16  # pixels, height of a line of text


def ask() -> tuple[df.Samples, list[df.Prediction]]:
    """The sample pictures and the shipped detector's answers, one each."""
    detector = df.load_detector(MODEL)
    samples = df.load_samples(ROOT / "images")
    return samples, [detector.predict(df.open_image(sample.path)) for sample in samples]


def figures(samples: df.Samples, predictions: list[df.Prediction]) -> str:
    """How many samples of each level got which verdict, as Markdown."""
    kinds = np.array([sample.level or "real" for sample in samples])
    scores = np.array([prediction.p_fake for prediction in predictions])
    verdicts = np.array([prediction.verdict for prediction in predictions])
    words = (LIKELY_REAL, CANT_TELL, LIKELY_FAKE)
    text = [
        f"| samples | pictures | {' | '.join(words)} | AUC against the photographs |",
        "|---" * 6 + "|",
    ]

    # Each level of fakes against the same photographs.
    photographs = kinds == "real"
    names = {"real": "photographs"} | {level: f"{level} fakes" for level in LEVELS}
    for kind, name in names.items():
        here = kinds == kind
        against = ""
        if kind != "real":
            pool = here | photographs
            against = f"{auc(~photographs[pool], scores[pool]):.2f}"
        counts = " | ".join(str((verdicts[here] == word).sum()) for word in words)
        text.append(f"| {name} | {here.sum()} | {counts} | {against} |")
    return "\n".join(text)


def draw(samples: df.Samples, predictions: list[df.Prediction]) -> Image.Image:
    """All samples side by side, each with its name, level, score and verdict."""
    rows = -(-len(samples) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE, rows * (TILE + 3 * LINE)), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)

    for place, (sample, prediction) in enumerate(zip(samples, predictions, strict=True)):
        x = place % COLUMNS * TILE
        y = place // COLUMNS * (TILE + 3 * LINE)
        sheet.paste(Image.fromarray(df.open_image(sample.path)).resize((TILE, TILE)), (x, y))
        # Below it name, level with score, and verdict.
        lines = (
            samples.name(sample),
            f"{sample.level} {prediction.p_fake:.2f}".strip(),
            prediction.verdict,
        )
        for number, line in enumerate(lines):
            pen.text((x + 4, y + TILE + number * LINE), line, fill="black", font=font)
    return sheet


def main() -> None:
    """The command."""
    samples, predictions = ask()
    draw(samples, predictions).save(ROOT / "docs" / "samples.png", optimize=True)
    print(figures(samples, predictions))


if __name__ == "__main__":
    main()
