"""What could stand behind the detector's figures in place of faces, and on which pictures it errs more.

python -m models.training.audit --data FOLDER   looks anew into audit.csv (again whenever the model changes)
python -m models.training.audit                 the figures again from audit.csv and predictions.csv, without pictures
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from dfwidgets.detectors.manifest import read_manifest
from dfwidgets.measure.measures import auc, auc_interval, sets_with_reals
from dfwidgets.measure.predictions import picture_id
from dfwidgets.measure.scorecard import Scorecard, load_scorecard
from dfwidgets.measure.tables import share
from dfwidgets.pictures.faces import Face, crop_window
from dfwidgets.pictures.images import open_image
from models.training import shortcuts

if TYPE_CHECKING:
    from models.training.data import Row

COLUMNS = (
    "id",
    "set",
    "label",
    "file_score",
    "background_score",
    "hidden_logit",
    "luma",
    "face_px",
)


def look(
    folder: Path, rows: Sequence[Row], faces: dict[str, Face | None], model: Path
) -> list[dict[str, Any]]:
    """Train both shortcut classifiers on the train rows, ask them about the test rows; a line for each of these.

    Args:
        folder: where the pictures lie.
        rows: all splits; of train the background classifier takes a part.
        faces: by path, for the test rows and those of `shortcuts.to_learn_from`.
        model: folder of the detector that is asked about crops whose face is hidden.
    """
    import keras

    from models.training.data import read_bytes

    manifest = read_manifest(model)
    detector = keras.saving.load_model(manifest.path(".keras"), compile=False)
    learn, test = ([row for row in rows if row.split == split] for split in ("train", "test"))
    file_scores = shortcuts.file_scores(folder, learn, test)
    backgrounds = shortcuts.background_scores(folder, learn, test, faces, manifest.size)
    hidden = shortcuts.hidden_crops(folder, test, faces, manifest.size)
    logits = [
        manifest.logit(value)
        for crops in hidden
        for value in detector.predict_on_batch(crops)[:, 0]
    ]
    lines = []
    for row, file_score, background, logit in zip(
        test, file_scores, backgrounds, logits, strict=True
    ):
        face = faces[row.path]
        about = {"id": picture_id(row.path), "set": row.set, "label": row.label}
        scores = {"file_score": round(file_score, 4), "background_score": round(background, 4)}
        light = {"luma": round(luma(open_image(read_bytes(folder, row)), face), 1)}
        wide = {"face_px": round(face.size, 1) if face else ""}
        lines.append({**about, **scores, "hidden_logit": round(logit, 4), **light, **wide})
    return lines


def luma(image: np.ndarray, face: Face | None) -> float:
    """Mean luma (ITU-R BT.601), 0 to 255, inside the face's box, or of the whole picture where no
    face was found."""
    box = (face.left, face.top, face.right, face.bottom) if face else crop_window(image, None)
    left, top, right, bottom = (round(side) for side in box)
    return float(np.asarray(Image.fromarray(image[top:bottom, left:right]).convert("L")).mean())


def figures(audit: Sequence[dict[str, Any]], card: Scorecard) -> str:
    """Both tables of the audit, as Markdown, with 95 % intervals.

    "A small face alone" takes every face for the more fake, the fewer pixels of the file it has.

    Args:
        audit: the lines of audit.csv, from `read_audit`.
        card: the detector's scorecard; what it said of untouched pictures counts.
    """
    card = card.degraded()
    places = {key: i for i, key in enumerate(card.ids.tolist())}
    card = card.where([places[line["id"]] for line in audit])
    sets = np.array([line["set"] for line in audit])
    fakes = np.array([line["label"] == "fake" for line in audit])
    light, wide = (np.array([line[name] for line in audit]) for name in ("luma", "face_px"))
    files, backgrounds, hidden = (np.array([line[name] for line in audit]) for name in COLUMNS[3:6])
    text = [
        "| test set | the file alone | a small face alone | the background alone | the detector, face hidden "
        "| the detector |",
        "|---|---|---|---|---|---|",
    ]
    pools = dict(sets_with_reals(sets, fakes, card.reals_for))
    for name, pool in pools.items():
        cells = (
            _auc(fakes[pool], scores[pool])
            for scores in (files, -wide, backgrounds, hidden, card.logits)
        )
        text.append(f"| {name} | {' | '.join(cells)} |")
    text += [
        "",
        "| test set | pictures | real / fake | reals called fake | fakes called real | can't tell | AUC |",
        "|---|---|---|---|---|---|---|",
    ]
    called_fake, called_real = card.verdicts == 1, card.verdicts == -1
    parts = {
        "darkest third": _within(sets, light, lambda x: x <= np.quantile(x, 1 / 3)),
        "lightest third": _within(sets, light, lambda x: x >= np.quantile(x, 2 / 3)),
        "smallest third of faces": _within(sets, wide, lambda x: x <= np.nanquantile(x, 1 / 3)),
        "larger faces": _within(sets, wide, lambda x: x > np.nanquantile(x, 1 / 3)),
    }
    for name in pools:
        for part, inside in parts.items():
            here, pool = inside & (sets == name), inside & pools[name]
            shares = share(called_fake[here & ~fakes]), share(called_real[here & fakes])
            unsure = share(~(called_fake | called_real)[here])
            counts = f"{(here & ~fakes).sum()} / {(here & fakes).sum()}"
            cells = name, part, counts, *shares, unsure, _auc(fakes[pool], card.logits[pool])
            text.append(f"| {' | '.join(cells)} |")
    return "\n".join(text)


def read_audit(path: Path) -> list[dict[str, Any]]:
    """Read audit.csv; `face_px` is NaN where no face was found."""
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    return [
        {**line, **{name: float(line[name] or "nan") for name in COLUMNS[3:]}} for line in lines
    ]


def _within(sets: np.ndarray, values: np.ndarray, choose: Any) -> np.ndarray:
    """Choose by value, each set by itself: bool (N,)."""
    chosen = np.zeros(len(sets), bool)
    for name in set(sets.tolist()):
        chosen[sets == name] = choose(values[sets == name])
    return chosen


def _auc(fakes: np.ndarray, scores: np.ndarray) -> str:
    known = ~np.isnan(scores)  # where no face was found it has no size
    fakes, scores = fakes[known], scores[known]
    if fakes.all() or not fakes.any():
        return "-"
    low, high = auc_interval(fakes, scores)
    return f"{auc(fakes, scores):.3f} ({low:.3f} to {high:.3f})"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="folder of labelled pictures; without it nothing is looked at anew",
    )
    parser.add_argument("--model", type=Path, default=Path("models/detector"))
    parser.add_argument(
        "--faces", type=Path, default=Path("build/faces.csv"), help="where found faces are kept"
    )
    options = parser.parse_args()
    store = options.model / "audit.csv"
    if options.data:
        from models.training import data

        rows = data.read_rows(options.data)
        seen = shortcuts.to_learn_from([row for row in rows if row.split == "train"])
        seen += [row for row in rows if row.split == "test"]
        lines = look(
            options.data,
            rows,
            data.find_all_faces(options.data, seen, options.faces),
            options.model,
        )
        with store.open("w", newline="") as file:
            write = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            write.writeheader()
            write.writerows(lines)
    if not store.exists():
        parser.error("nothing was audited yet: name the folder of labelled pictures with --data")
    print(figures(read_audit(store), load_scorecard(options.model)))


if __name__ == "__main__":
    main()
