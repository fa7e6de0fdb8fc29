"""Score a detector on test pictures and print what its model card says.

python -m models.training.judging.evaluate --data FOLDER   scores anew into predictions.csv
python -m models.training.judging.evaluate                 the figures again from there

--model is a model's folder (predictions.csv lies there), or MODULE:NAME, a detector of one's own or
its class (then --out says where its predictions go). --against names another model's folder for a
paired test.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets import Detector, load_detector, load_scorecard, measure
from dfwidgets.measure.predictions import COLUMNS
from dfwidgets.measure.scorecard import Scorecard
from dfwidgets.measure.tables import check_counts, figures
from dfwidgets.pictures.degrade import DEGRADATIONS
from models.training.making import SETTINGS
from models.training.making.dataset import labelled, progress, read_rows


def score(folder: Path, detector: Detector, degradations: Sequence[str], out: Path) -> None:
    """Ask a detector about the test pictures.

    Writes predictions.csv, and the error rates into the manifest where there is one.
    """
    rows = [row for row in read_rows(folder) if row.split == "test"]
    pictures = labelled(folder, rows)
    card = measure(detector, pictures, degradations=degradations, progress=progress(len(rows)))
    write_predictions(card, out / "predictions.csv")

    manifest = out / "manifest.json"
    if manifest.exists():
        content = json.loads(manifest.read_text())
        content["measured"] = error_rates(replace(card.degraded(), **_known_of(card)))
        manifest.write_text(to_json(content))


def error_rates(card: Scorecard) -> dict[str, Any]:
    """For the manifest: of each set, the fraction of faces at or above each threshold."""
    thresholds = np.linspace(0, 1, 101)

    def fractions(fake: bool) -> dict[str, list[float]]:
        names = sorted(set(card.sets[card.labels == fake].tolist()))
        scores = {name: card.p_fake[(card.sets == name) & (card.labels == fake)] for name in names}
        return {
            name: [round(float((p >= threshold).mean()), 4) for threshold in thresholds]
            for name, p in scores.items()
        }

    rates = {
        "on": f"test pictures of {', '.join(sorted(set(card.sets.tolist())))}",
        "threshold": [round(float(threshold), 2) for threshold in thresholds],
        "reals": fractions(False),
        "fakes": fractions(True),
    }
    known = {"reals_for": dict(card.reals_for), "about": dict(card.about)}
    return rates | {key: value for key, value in known.items() if value}


def write_predictions(card: Scorecard, path: Path) -> None:
    """Write a scorecard's rows as predictions.csv."""
    # Digits enough that the figures come out the same, and no more.
    columns = (
        card.ids,
        card.sets,
        card.generators,
        np.where(card.labels, "fake", "real"),
        card.degradations,
        [f"{logit:.4f}" for logit in card.logits],
        [f"{p:.5f}" for p in card.p_fake],
        card.groups,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        write = csv.writer(file, lineterminator="\n")
        write.writerow(COLUMNS)
        write.writerows(zip(*columns, strict=True))


def to_json(manifest: dict[str, Any]) -> str:
    """A manifest as text, each list of numbers on a line of its own."""

    def on_one_line(found: re.Match[str]) -> str:
        return " ".join(found[0].split())

    return re.sub(r"\[[^\[\]{}]*\]", on_one_line, json.dumps(manifest, indent=2)) + "\n"


def find(model: str) -> tuple[Detector, Path | None]:
    """The detector that --model names, and its folder where it has one."""
    module, colon, name = model.partition(":")
    if not colon or Path(model).exists():
        return load_detector(model), Path(model)
    # A class is made an object; an object is taken as it is.
    found = getattr(importlib.import_module(module), name)
    if isinstance(found, type):
        found = found()
    return found, None


def _known_of(card: Scorecard) -> dict[str, Any]:
    """What the settings say of the sets that a scorecard holds."""
    settings = tomllib.loads(SETTINGS.read_text())
    return {
        key: {name: value for name, value in settings[key].items() if name in card.sets}
        for key in ("reals_for", "about")
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, help="folder of labelled pictures; without it nothing is scored anew"
    )
    parser.add_argument(
        "--model", default="models/detector", help="a model's folder, or MODULE:NAME"
    )
    parser.add_argument(
        "--out", type=Path, help="folder for predictions.csv; the model's own if not given"
    )
    parser.add_argument(
        "--degradations", nargs="*", default=list(DEGRADATIONS), choices=list(DEGRADATIONS)
    )
    parser.add_argument(
        "--against", type=Path, help="another folder with predictions.csv, for a paired test"
    )
    options = parser.parse_args()

    folder: Path | None = Path(options.model)
    if options.data:
        detector, folder = find(options.model)
    out = options.out or folder
    if out is None:
        parser.error("a detector without a folder needs --out for its predictions.csv")
    if options.data:
        score(options.data, detector, options.degradations, out)

    card = load_scorecard(out)
    text = figures(card)
    wrong = check_counts(text)
    if wrong:
        raise SystemExit(f"The printed tables contradict themselves: {wrong}")

    # Of the shipped detector the card and the notes are written anew as well.
    from models.training.showing import model_card

    if out.resolve() == model_card.SHIPPED.resolve():
        text = model_card.update()
    print(text)
    if options.against:
        print(f"\n{card.compare(load_scorecard(options.against))._repr_markdown_()}")


if __name__ == "__main__":
    main()
