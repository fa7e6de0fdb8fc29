"""Score a detector on test pictures and print what the model card says.

python -m models.training.evaluate --data FOLDER   scores anew into predictions.csv, then the card's figures
python -m models.training.evaluate                 the figures again from predictions.csv, without pictures
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets import load_detector, open_image
from dfwidgets.degrade import DEGRADATIONS
from dfwidgets.manifest import read_manifest
from models.training.metrics import auc, auc_by_set

COLUMNS = ("id", "set", "generator", "label", "degradation", "logit", "p_fake")
BEGIN, END = "<!-- figures: printed by python -m models.training.evaluate -->", "<!-- end of figures -->"


def score(model: Path, folder: Path, rows: Sequence[Any], degradations: Sequence[str]) -> list[dict[str, Any]]:
    """Ask a model's detector about every picture, degraded in every way named; a line each."""
    from models.training.data import read_bytes

    detector = load_detector(model)

    def one(row: Any) -> list[dict[str, Any]]:
        image = open_image(read_bytes(folder, row))
        lines = []
        for name in degradations:
            said = detector.predict(DEGRADATIONS[name](image))
            about = {"id": f"{zlib.crc32(row.path.encode()):08x}", "set": row.set, "generator": row.generator}
            said_of_it = {"logit": round(said.logit, 4), "p_fake": round(said.p_fake, 5)}
            lines.append({**about, "label": row.label, "degradation": name, **said_of_it})
        return lines

    scored: list[dict[str, Any]] = []
    with ThreadPoolExecutor(2) as pool:
        for count, lines in enumerate(pool.map(one, rows), 1):
            scored += lines
            if count % 500 == 0 or count == len(rows):
                print(f"scored {count} of {len(rows)}", flush=True)
    return scored


def equal_weights(lines: Sequence[dict[str, Any]]) -> np.ndarray:
    """Weights with which each class counts one half, and every set the same within its class: float (N,)."""
    keys = [(line["label"], line["set"]) for line in lines]
    pictures = Counter(keys)
    sets = Counter(label for label, _ in pictures)
    return np.array([0.5 / sets[key[0]] / pictures[key] for key in keys])


def measured(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """For the manifest: by test set, the part of real and of fake faces at or above each threshold."""
    at = np.linspace(0, 1, 101)

    def parts(label: str) -> dict[str, list[float]]:
        scores: dict[str, list[float]] = {}
        for line in lines:
            if line["label"] == label:
                scores.setdefault(line["set"], []).append(line["p_fake"])
        return {name: [round(float((np.array(p) >= t).mean()), 4) for t in at] for name, p in sorted(scores.items())}

    sets = ", ".join(sorted({line["set"] for line in lines}))
    threshold = [round(float(t), 2) for t in at]
    return {"on": f"test pictures of {sets}", "threshold": threshold, "reals": parts("real"), "fakes": parts("fake")}


def interval(labels: np.ndarray, scores: np.ndarray, draws: int = 400, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the AUC over pictures, each class by itself."""
    rng = np.random.default_rng(seed)
    fakes, reals = scores[labels], scores[~labels]
    both = np.r_[np.ones(len(fakes), bool), np.zeros(len(reals), bool)]
    values = [auc(both, np.r_[rng.choice(fakes, len(fakes)), rng.choice(reals, len(reals))]) for _ in range(draws)]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def ece(labels: np.ndarray, p_fake: np.ndarray, weights: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error: how far probabilities lie from what happened (Naeini et al., AAAI 2015)."""
    place = np.minimum((p_fake * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights * (p_fake - labels), bins)
    return float(np.abs(gaps).sum() / weights.sum())


def figures(lines: Sequence[dict[str, Any]], band: tuple[float, float]) -> str:
    """Every figure of the model card, as Markdown."""
    low, high = band
    plain = [line for line in lines if line["degradation"] == "none"]
    sets = np.array([line["set"] for line in plain])
    labels = np.array([line["label"] == "fake" for line in plain])
    p = np.array([line["p_fake"] for line in plain])
    logits = np.array([line["logit"] for line in plain])
    said_fake, said_real = p >= high, p <= low
    text = [
        "| test set | real / fake | AUC (95 % interval) | reals called fake | fakes called real | can't tell |",
        "|---|---|---|---|---|---|",
    ]
    borrowed = ~labels & np.char.startswith(sets, "stylegan")
    for name, value in auc_by_set(sets, labels, logits).items():
        here = sets == name
        pool = here | borrowed if labels[here].all() else here
        lo, hi = interval(labels[pool], logits[pool])
        reals, fakes = here & ~labels, here & labels
        alarms = f"{said_fake[reals].mean():.3f}" if reals.any() else "-"
        text.append(
            f"| {name} | {reals.sum()} / {fakes.sum()} | {value:.3f} ({lo:.3f} to {hi:.3f}) | {alarms} "
            f"| {said_real[fakes].mean():.3f} | {(~said_fake & ~said_real)[here].mean():.3f} |"
        )
    weights = equal_weights(plain)
    by_set = ", ".join(
        f"{name} {ece(labels[sets == name], p[sets == name], np.ones((sets == name).sum())):.3f}"
        for name in sorted(set(sets[~labels].tolist()))
    )
    text += ["", f"ECE, 15 bins, both classes and every set counting the same: {ece(labels, p, weights):.3f}."]
    bare = ece(labels, 1 / (1 + np.exp(-logits)), weights)
    text += [f"By set: {by_set}. If the logits were taken as they are: {bare:.3f}."]
    names = [name for name in DEGRADATIONS if name != "none" and any(line["degradation"] == name for line in lines)]
    if names:
        columns = sorted(set(sets.tolist()))
        text += ["", "AUC of degraded pictures:", "", f"| degradation | {' | '.join(columns)} |"]
        text += ["|---" * (len(columns) + 1) + "|"]
        for name in ["none", *names]:
            chosen = [line for line in lines if line["degradation"] == name]
            values = auc_by_set(
                np.array([line["set"] for line in chosen]),
                np.array([line["label"] == "fake" for line in chosen]),
                np.array([line["logit"] for line in chosen]),
            )
            text.append(f"| {name} | {' | '.join(f'{values[column]:.3f}' for column in columns)} |")
    return "\n".join(text)


def to_json(said: dict[str, Any]) -> str:
    """A manifest as text, each list of numbers on a line of its own."""
    return re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), json.dumps(said, indent=2)) + "\n"


def write_between(card: Path, begin: str, text: str, end: str) -> None:
    """Put a text between two marks of a Markdown file, in the place of what stands there."""
    before, rest = card.read_text().split(begin)
    card.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}")


def read_predictions(path: Path) -> list[dict[str, Any]]:
    """Read predictions.csv."""
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    return [{**line, "logit": float(line["logit"]), "p_fake": float(line["p_fake"])} for line in lines]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of labelled pictures; without it nothing is scored anew")
    parser.add_argument("--model", type=Path, default=Path("models/detector"))
    parser.add_argument("--degradations", nargs="*", default=list(DEGRADATIONS), choices=list(DEGRADATIONS))
    options = parser.parse_args()
    store = options.model / "predictions.csv"
    if options.data:
        from models.training.data import read_rows

        rows = [row for row in read_rows(options.data) if row.split == "test"]
        lines = score(options.model, options.data, rows, options.degradations)
        with store.open("w", newline="") as file:
            write = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            write.writeheader()
            write.writerows(lines)
        path = options.model / "manifest.json"
        said = json.loads(path.read_text())
        said["measured"] = measured([line for line in lines if line["degradation"] == "none"])
        path.write_text(to_json(said))
    text = figures(read_predictions(store), read_manifest(options.model).band)
    card = options.model / "MODEL_CARD.md"
    if card.exists():
        write_between(card, BEGIN, text, END)
    print(text)


if __name__ == "__main__":
    main()
