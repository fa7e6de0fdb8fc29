"""How well fakes are told of a kind that training never saw.

python -m models.training.judging.leave_out --data FOLDER   trains and scores into left_out.csv
python -m models.training.judging.leave_out                 the figures again from left_out.csv

For each kind one model is trained without any of its fakes; for a family, such as all diffusion
models, without those of any kind in it. Reconstructions, blends and all photographs stay. Then it
is asked about the test pictures, for the figures, and about the val pictures, from which `export`
takes the edges of "can't tell": no word should be bolder than it deserves on what comes tomorrow.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dfwidgets import load_scorecard
from dfwidgets.measure.measures import auc, auc_interval
from dfwidgets.measure.predictions import picture_id
from models.training.lines import read_lines, write_lines
from models.training.making import SETTINGS
from models.training.making.dataset import find_all_faces, read_rows

if TYPE_CHECKING:
    from dfwidgets.measure.scorecard import Scorecard
    from models.training.making.dataset import Row

STORE = Path(__file__).parent / "left_out.csv"
COLUMNS = ("left_out", "batches", "split", "set", "label", "group", "logit")


def kinds_of(settings: Mapping[str, Any], name: str) -> list[str]:
    """The kinds of fakes that a name stands for: those of a family, or the one of that name."""
    return list(settings["families"].get(name, [name]))


def without(settings: dict[str, Any], name: str) -> dict[str, Any]:
    """The settings of a run that sees no fake of a kind or family.

    It starts from ImageNet: the shipped model has seen them.
    """
    return settings | {"start": "", "fakes_left_out": kinds_of(settings, name)}


def run(
    folder: Path, name: str, settings: dict[str, Any], out: Path, **more: Any
) -> list[dict[str, Any]]:
    """Train without a kind or family, and score its val and test fakes and all photographs.

    Args:
        folder: the labelled pictures.
        name: a kind, or a family of the settings.
        settings: as in settings.toml.
        out: a folder of its own is made here for the run.
        more: as `train.train` takes it.

    Returns:
        a line a picture, of `COLUMNS`.
    """
    import keras

    from models.training.making import train, watch

    kept = without(settings, name)
    place = out / f"{name}-{settings['steps']}"
    looks = read_lines(place / watch.LOG)
    if looks and int(looks[-1]["batches"]) == settings["steps"]:
        model = keras.saving.load_model(place / "average.keras", compile=False)
    else:
        model = train.train(folder, place, kept, **more)

    rows = judged_on(read_rows(folder), kept)
    faces = find_all_faces(folder, rows, out / "faces.csv")
    crops = train.face_crops(folder, rows, faces, settings["size"])
    logits = model.predict(crops, batch_size=64, verbose=0)[:, 0]
    return [
        {
            "left_out": name,
            "batches": settings["steps"],
            "split": row.split,
            "set": row.set,
            "label": row.label,
            "group": picture_id(f"{row.set} {row.group}"),
            "logit": round(float(logit), 3),
        }
        for row, logit in zip(rows, logits, strict=True)
    ]


def judged_on(rows: Sequence[Row], settings: Mapping[str, Any]) -> list[Row]:
    """The val and test pictures that a run is asked about: what it never saw, and photographs."""
    never_seen = settings["fakes_left_out"]
    photographs = settings["photographs"]
    return [
        row
        for row in rows
        if row.split != "train"
        and (row.set in never_seen if row.label == "fake" else row.set in photographs)
    ]


def figures(
    lines: Sequence[Mapping[str, Any]],
    reals_for: Mapping[str, Sequence[str]],
    seen: Scorecard | None = None,
) -> str:
    """AUC of each kind that was left out with its 95 % interval (by group), as Markdown.

    Args:
        lines: those of left_out.csv.
        reals_for: for a set without photographs, the sets whose photographs stand against it.
        seen: of a detector that saw all kinds, for the column beside it.
    """
    text = [
        "| kind | left out of training | batches | real / fake | AUC, never seen (95 %) "
        "| AUC, seen (95 %) |",
        "|---" * 6 + "|",
    ]
    by_kind = dict(seen.degraded().by_set()) if seen is not None else {}
    lines = [line for line in lines if line["split"] == "test"]
    for name in dict.fromkeys(line["left_out"] for line in lines):
        of_run = [line for line in lines if line["left_out"] == name]
        for kind in dict.fromkeys(line["set"] for line in of_run if line["label"] == "fake"):
            here = against(of_run, kind, reals_for)
            beside = "-"
            if kind in by_kind:
                rows = by_kind[kind]
                beside = _area(rows.labels, rows.logits, rows.groups)
            labels = np.array([line["label"] == "fake" for line in here])
            logits = np.array([float(line["logit"]) for line in here])
            groups = np.array([line["group"] for line in here])
            what = "this kind" if name == kind else f"all of {name}"
            text.append(
                f"| {kind} | {what} | {here[0]['batches']} | {(~labels).sum()} / {labels.sum()} "
                f"| {_area(labels, logits, groups)} | {beside} |"
            )
    return "\n".join(text)


def against(
    lines: Sequence[Mapping[str, Any]], kind: str, reals_for: Mapping[str, Sequence[str]]
) -> list[Mapping[str, Any]]:
    """Lines of a kind's fakes, and of its photographs or of those that it borrows."""
    own = any(line["set"] == kind and line["label"] == "real" for line in lines)
    lenders = [kind] if own else reals_for[kind]
    return [
        line
        for line in lines
        if (line["set"] == kind if line["label"] == "fake" else line["set"] in lenders)
    ]


def read() -> list[dict[str, Any]]:
    """Read left_out.csv."""
    return read_lines(STORE)


def table() -> str:
    """The shipped file's figures beside those of the shipped detector."""
    card = load_scorecard()
    return figures(read(), card.reals_for, card)


def _area(labels: np.ndarray, logits: np.ndarray, groups: np.ndarray) -> str:
    low, high = auc_interval(labels, logits, groups)
    return f"{auc(labels, logits):.3f} ({low:.3f} to {high:.3f})"


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
    parser.add_argument("--steps", type=int, help="batches of each run")
    parser.add_argument("--names", nargs="*", default=[], help="kinds, or families of kinds")
    options = parser.parse_args()

    if options.data:
        settings = tomllib.loads(options.settings.read_text())
        settings["steps"] = options.steps or settings["steps"]
        for name in options.names:
            scored = run(
                options.data, name, settings, options.out, reconstructions=options.reconstructions
            )
            # What was known of the same run gives way.
            before = [line for line in read() if line["left_out"] != name]
            write_lines(STORE, COLUMNS, before + scored)

    if not STORE.exists():
        parser.error("nothing was left out yet: name the folder of labelled pictures with --data")
    print(table())


if __name__ == "__main__":
    main()
