"""How well fakes of a kind are told that training never saw: python -m models.training.leave_out --data FOLDER.

For each set one model is trained without any of its fakes, then asked about its test pictures. Its
photographs stay, with fakes blended of them, unless --strict leaves them out as well. Writes
left_out.csv beside this file; without --data only the figures are printed again from there.
"""

from __future__ import annotations

import argparse
import csv
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets.measure.measures import auc, auc_interval

HERE = Path(__file__).parent
STORE = HERE / "left_out.csv"
COLUMNS = ("left_out", "photographs", "batches", "set", "label", "logit")


def run(
    folder: Path, name: str, strict: bool, settings: dict[str, Any], out: Path
) -> list[dict[str, Any]]:
    """Train without a set's fakes and score its test pictures; a line each."""
    from models.training import data, train

    rows = [row for row in data.read_rows(folder) if row.split == "test"]
    has_reals = any(row.set == name and row.label == "real" for row in rows)
    settings = settings | {"start": "", "fakes_left_out": [name]}
    if strict or not has_reals:
        settings["weights"] = {
            other: share for other, share in settings["weights"].items() if other != name
        }
    model = train.train(folder, out / f"{name}-{settings['steps']}{'-strict' * strict}", settings)
    lenders = (name,) if has_reals else settings["reals_for"].get(name, list(settings["weights"]))
    rows = [row for row in rows if row.set == name or (row.label == "real" and row.set in lenders)]
    faces = data.find_all_faces(folder, rows, out / "faces.csv")
    crops = train.face_crops(folder, rows, faces, settings["size"]).astype(np.float32)
    logits = model.predict(crops, batch_size=64, verbose=0)[:, 0]
    return [
        {
            "left_out": name,
            "photographs": "none" if strict else "seen",
            "batches": settings["steps"],
            "set": row.set,
            "label": row.label,
            "logit": round(float(logit), 4),
        }
        for row, logit in zip(rows, logits, strict=True)
    ]


def figures(lines: list[dict[str, Any]]) -> str:
    """AUC with its 95 % interval (DeLong) of each set that was left out, as Markdown."""
    text = [
        "| fakes left out of | photographs of that set | batches | real / fake | AUC (95 %) |",
        "|---" * 5 + "|",
    ]
    for name, seen in dict.fromkeys((line["left_out"], line["photographs"]) for line in lines):
        here = [line for line in lines if (line["left_out"], line["photographs"]) == (name, seen)]
        labels = np.array([line["label"] == "fake" for line in here])
        logits = np.array([float(line["logit"]) for line in here])
        low, high = auc_interval(labels, logits)
        counts = f"{(~labels).sum()} / {labels.sum()}"
        batches = here[0]["batches"]
        own = any(line["set"] == name and line["label"] == "real" for line in here)
        how = (
            {"none": "left out, too", "seen": "in training, and blended"}[seen]
            if own
            else "it has none"
        )
        text.append(
            f"| {name} | {how} | {batches} | {counts} | {auc(labels, logits):.3f} ({low:.3f} to {high:.3f}) |"
        )
    return "\n".join(text)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, help="folder of labelled pictures; without it nothing is trained"
    )
    parser.add_argument("--settings", type=Path, default=HERE / "settings.toml")
    parser.add_argument("--out", type=Path, default=Path("build/left_out"))
    parser.add_argument(
        "--steps", type=int, help="batches of each run, instead of those of the settings"
    )
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument(
        "--strict", action="store_true", help="leave out the photographs of the set as well"
    )
    options = parser.parse_args()
    if options.data:
        settings = tomllib.loads(options.settings.read_text())
        settings["steps"] = options.steps or settings["steps"]
        for name in options.sets or settings["weights"]:
            scored = run(options.data, name, options.strict, settings, options.out)
            before = read() if STORE.exists() else []
            key = (name, scored[0]["photographs"])
            lines = [
                line for line in before if (line["left_out"], line["photographs"]) != key
            ] + scored
            with STORE.open("w", newline="") as file:
                write = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                write.writeheader()
                write.writerows(lines)
    if not STORE.exists():
        parser.error("nothing was left out yet: name the folder of labelled pictures with --data")
    print(figures(read()))


def read() -> list[dict[str, Any]]:
    """Read left_out.csv."""
    with STORE.open(newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
