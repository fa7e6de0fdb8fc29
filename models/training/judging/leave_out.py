"""How well fakes of a kind are told that training never saw.

python -m models.training.judging.leave_out --data FOLDER   trains and scores into left_out.csv
python -m models.training.judging.leave_out                 the figures again from left_out.csv

For each kind one model is trained without any of its fakes, then asked about its test pictures. The
photographs of its set stay, with fakes blended of them, unless --strict leaves them out as well.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dfwidgets.measure.measures import auc, auc_interval
from models.training.lines import read_lines, write_lines
from models.training.making import SETTINGS
from models.training.making.dataset import find_all_faces, read_rows

if TYPE_CHECKING:
    from models.training.making.dataset import Row

STORE = Path(__file__).parent / "left_out.csv"
COLUMNS = ("left_out", "photographs", "batches", "set", "label", "logit")
PHOTOGRAPHS = {"none": "left out, too", "seen": "in training, and blended"}


def without(settings: dict[str, Any], name: str, strict: bool) -> dict[str, Any]:
    """The settings of a run that sees no fake of a kind.

    If `strict`, it sees no photograph of that set either.
    """
    settings = settings | {"start": "", "fakes_left_out": [name]}
    if not strict:
        return settings
    families = {
        family: {kind: weight for kind, weight in kinds.items() if kind != name}
        for family, kinds in settings["families"].items()
    }
    photographs = {s: weight for s, weight in settings["photographs"].items() if s != name}
    return settings | {"families": families, "photographs": photographs}


def judged_on(rows: Sequence[Row], name: str, settings: dict[str, Any]) -> list[Row]:
    """The test pictures of a kind: its fakes, and photographs of its set or of those that lend."""
    rows = [row for row in rows if row.split == "test"]
    # A set without photographs borrows them, as in the card's first table.
    own = any(row.set == name and row.label == "real" for row in rows)
    lenders = [name]
    if not own:
        lenders = settings["reals_for"].get(name, list(settings["photographs"]))
    return [row for row in rows if row.set == name or (row.label == "real" and row.set in lenders)]


def run(
    folder: Path, name: str, strict: bool, settings: dict[str, Any], out: Path, **more: Any
) -> list[dict[str, Any]]:
    """Train without a kind and score its test pictures; a line each."""
    from models.training.making import train

    kept = without(settings, name, strict)
    place = out / f"{name}-{settings['steps']}{'-strict' * strict}"
    model = train.train(folder, place, kept, **more)

    rows = judged_on(read_rows(folder), name, settings)
    faces = find_all_faces(folder, rows, out / "faces.csv")
    crops = train.face_crops(folder, rows, faces, settings["size"]).astype(np.float32)
    logits = model.predict(crops, batch_size=64, verbose=0)[:, 0]

    about = {
        "left_out": name,
        "photographs": "none" if strict else "seen",
        "batches": settings["steps"],
    }
    return [
        {**about, "set": row.set, "label": row.label, "logit": round(float(logit), 4)}
        for row, logit in zip(rows, logits, strict=True)
    ]


def figures(lines: list[dict[str, Any]]) -> str:
    """AUC with its 95 % interval (DeLong) of each kind that was left out, as Markdown."""
    text = [
        "| fakes left out of | photographs of that set | batches | real / fake | AUC (95 %) |",
        "|---" * 5 + "|",
    ]
    for name, seen in dict.fromkeys(_run_of(line) for line in lines):
        here = [line for line in lines if _run_of(line) == (name, seen)]
        labels = np.array([line["label"] == "fake" for line in here])
        logits = np.array([float(line["logit"]) for line in here])

        own = any(line["set"] == name and line["label"] == "real" for line in here)
        photographs = PHOTOGRAPHS[seen] if own else "it has none"
        counts = f"{(~labels).sum()} / {labels.sum()}"
        low, high = auc_interval(labels, logits)
        area = f"{auc(labels, logits):.3f} ({low:.3f} to {high:.3f})"
        text.append(f"| {name} | {photographs} | {here[0]['batches']} | {counts} | {area} |")
    return "\n".join(text)


def read() -> list[dict[str, Any]]:
    """Read left_out.csv."""
    return read_lines(STORE)


def _run_of(line: dict[str, Any]) -> tuple[str, str]:
    return line["left_out"], line["photographs"]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, help="folder of labelled pictures; without it nothing is trained"
    )
    parser.add_argument("--settings", type=Path, default=SETTINGS)
    parser.add_argument("--reconstructions", type=Path, help="folder that `reconstruct` wrote")
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
        kinds = [name for family in settings["families"].values() for name in family]
        for name in options.sets or kinds:
            scored = run(
                options.data,
                name,
                options.strict,
                settings,
                options.out,
                reconstructions=options.reconstructions,
            )
            # What was known of the same run gives way.
            before = [line for line in read() if _run_of(line) != _run_of(scored[0])]
            write_lines(STORE, COLUMNS, before + scored)

    if not STORE.exists():
        parser.error("nothing was left out yet: name the folder of labelled pictures with --data")
    print(figures(read()))


if __name__ == "__main__":
    main()
