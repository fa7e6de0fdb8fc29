"""Score a detector on test pictures and print what its model card says.

python -m models.training.evaluate --data FOLDER   scores anew into predictions.csv, then the card's figures
python -m models.training.evaluate                 the figures again from predictions.csv, without pictures

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
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dfwidgets import Detector, load_detector, load_scorecard, measure, open_image
from dfwidgets.measure.predictions import COLUMNS, picture_id
from dfwidgets.measure.scorecard import Labelled, Scorecard
from dfwidgets.measure.tables import check_counts, figures
from dfwidgets.pictures.degrade import DEGRADATIONS

if TYPE_CHECKING:
    from models.training.data import Row

HERE = Path(__file__).parent


def labelled(folder: Path, rows: Iterable[Row]) -> Iterator[Labelled]:
    """Rows of the data as pictures to be asked about."""
    for row in rows:
        yield Labelled(
            picture_id(row.path), row.set, row.generator, row.label, partial(_open, folder, row)
        )


def _open(folder: Path, row: Row) -> np.ndarray:
    from models.training.data import read_bytes

    return open_image(read_bytes(folder, row))


def told(of: int) -> Any:
    """What says now and then how many pictures are done."""
    return lambda count: (
        print(f"scored {count} of {of}", flush=True) if count % 500 == 0 or count == of else None
    )


def error_rates(card: Scorecard) -> dict[str, Any]:
    """For the manifest: by test set, the part of real and of fake faces at or above each threshold."""
    at = np.linspace(0, 1, 101)

    def parts(fake: bool) -> dict[str, list[float]]:
        names = sorted(set(card.sets[card.labels == fake].tolist()))
        scores = {name: card.p_fake[(card.sets == name) & (card.labels == fake)] for name in names}
        return {name: [round(float((p >= t).mean()), 4) for t in at] for name, p in scores.items()}

    sets = ", ".join(sorted(set(card.sets.tolist())))
    threshold = [round(float(t), 2) for t in at]
    known = {"reals_for": dict(card.reals_for), "about": dict(card.about)}
    rates = {
        "on": f"test pictures of {sets}",
        "threshold": threshold,
        "reals": parts(False),
        "fakes": parts(True),
    }
    return rates | {key: value for key, value in known.items() if value}


def write_predictions(card: Scorecard, path: Path) -> None:
    """Write a scorecard's rows as predictions.csv."""
    labels = np.where(card.labels, "fake", "real")
    logits, p_fake = [f"{z:.4f}" for z in card.logits], [f"{p:.5f}" for p in card.p_fake]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        write = csv.writer(file, lineterminator="\n")
        write.writerow(COLUMNS)
        write.writerows(
            zip(
                card.ids,
                card.sets,
                card.generators,
                labels,
                card.degradations,
                logits,
                p_fake,
                strict=True,
            )
        )


def to_json(said: dict[str, Any]) -> str:
    """A manifest as text, each list of numbers on a line of its own."""
    return (
        re.sub(
            r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), json.dumps(said, indent=2)
        )
        + "\n"
    )


def find(model: str) -> tuple[Detector, Path | None]:
    """The detector that --model names, and its folder where it has one."""
    module, colon, name = model.partition(":")
    if not colon or Path(model).exists():
        return load_detector(model), Path(model)
    found = getattr(importlib.import_module(module), name)
    return (found() if isinstance(found, type) else found), None


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
    detector, folder = find(options.model) if options.data else (None, Path(options.model))
    out = options.out or folder
    if out is None:
        parser.error("a detector without a folder needs --out for its predictions.csv")
    if detector is not None:
        from models.training.data import read_rows

        rows = [row for row in read_rows(options.data) if row.split == "test"]
        pictures = labelled(options.data, rows)
        card = measure(
            detector, pictures, degradations=options.degradations, progress=told(len(rows))
        )
        write_predictions(card, out / "predictions.csv")
        manifest = out / "manifest.json"
        if manifest.exists():
            said = json.loads(manifest.read_text())
            settings = tomllib.loads((HERE / "settings.toml").read_text())
            known = {
                k: {n: v for n, v in settings[k].items() if n in card.sets}
                for k in ("reals_for", "about")
            }
            said["measured"] = error_rates(replace(card.degraded(), **known))
            manifest.write_text(to_json(said))
    card = load_scorecard(out)
    text = figures(card)
    wrong = check_counts(text)
    if wrong:
        raise SystemExit(f"The printed tables contradict themselves: {wrong}")
    from models.training import card as model_card

    print(model_card.update() if out.resolve() == model_card.SHIPPED.resolve() else text)
    if options.against:
        print(f"\n{card.compare(load_scorecard(options.against))._repr_markdown_()}")


if __name__ == "__main__":
    main()
