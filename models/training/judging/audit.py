"""What could stand behind the detector's figures in place of faces, and where it errs more.

python -m models.training.judging.audit --data FOLDER   looks anew into audit.csv (for a new model)
python -m models.training.judging.audit                 the figures again from audit.csv
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dfwidgets.detectors.manifest import read_manifest
from dfwidgets.measure.measures import auc, auc_interval, sets_with_reals
from dfwidgets.measure.predictions import picture_id
from dfwidgets.measure.scorecard import Scorecard, load_scorecard
from dfwidgets.measure.tables import share
from dfwidgets.pictures.faces import Face, crop_window
from models.training.judging import shortcuts
from models.training.lines import read_lines, write_lines
from models.training.making.dataset import Row, find_all_faces, read_image, read_rows

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
    """Train both shortcut classifiers on the train rows; a line for each of the test rows.

    Args:
        folder: where the pictures lie.
        rows: all splits; of train the background classifier takes a part.
        faces: by path, for the test rows and those of `shortcuts.to_learn_from`.
        model: folder of the detector that is asked about crops whose face is hidden.
    """
    import keras

    manifest = read_manifest(model)
    detector = keras.saving.load_model(manifest.path(".keras"), compile=False)
    learn = [row for row in rows if row.split == "train"]
    test = [row for row in rows if row.split == "test"]

    file_scores = shortcuts.file_scores(folder, learn, test)
    backgrounds = shortcuts.background_scores(folder, learn, test, faces, manifest.size)
    logits = [
        manifest.logit(value)
        for crops in shortcuts.hidden_crops(folder, test, faces, manifest.size)
        for value in detector.predict_on_batch(crops)[:, 0]
    ]

    lines = []
    columns = zip(test, file_scores, backgrounds, logits, strict=True)
    for row, file_score, background, logit in columns:
        face = faces[row.path]
        lines.append(
            {
                "id": picture_id(row.path),
                "set": row.set,
                "label": row.label,
                "file_score": round(file_score, 4),
                "background_score": round(background, 4),
                "hidden_logit": round(logit, 4),
                "luma": round(luma(read_image(folder, row), face), 1),
                "face_px": round(face.size, 1) if face else "",
            }
        )
    return lines


def luma(image: np.ndarray, face: Face | None) -> float:
    """Mean luma (ITU-R BT.601), 0 to 255, inside the face's box.

    Without a face it is that of the whole picture.
    """
    box = crop_window(image, None)
    if face:
        box = (round(face.left), round(face.top), round(face.right), round(face.bottom))
    left, top, right, bottom = box
    return float(np.asarray(Image.fromarray(image[top:bottom, left:right]).convert("L")).mean())


def figures(audit: Sequence[dict[str, Any]], card: Scorecard) -> str:
    """Both tables of the audit, as Markdown, with 95 % intervals.

    Args:
        audit: the lines of audit.csv, from `read_audit`.
        card: the detector's scorecard; its scores of untouched pictures count.
    """
    # The card holds copies and more pictures: its rows are brought into the audit's order.
    card = card.degraded()
    places = {key: i for i, key in enumerate(card.ids.tolist())}
    card = card.where([places[line["id"]] for line in audit])
    audited = {name: np.array([line[name] for line in audit]) for name in COLUMNS}
    audited["fake"] = audited["label"] == "fake"
    pools = dict(sets_with_reals(audited["set"], audited["fake"], card.reals_for))
    return "\n".join(
        [*shortcut_table(audited, card, pools), "", *group_table(audited, card, pools)]
    )


def shortcut_table(
    audited: dict[str, np.ndarray], card: Scorecard, pools: dict[str, np.ndarray]
) -> list[str]:
    """AUC of what sees no face, beside the detector's.

    "A small face alone" takes every face for the more fake, the fewer pixels of the file it has.
    """
    text = [
        "| test set | the file alone | a small face alone | the background alone "
        "| the detector, face hidden | the detector |",
        "|---|---|---|---|---|---|",
    ]
    # Each one higher where it speaks for fake.
    scores = (
        audited["file_score"],
        -audited["face_px"],
        audited["background_score"],
        audited["hidden_logit"],
        card.logits,
    )
    for name, pool in pools.items():
        cells = (_auc(audited["fake"][pool], one[pool]) for one in scores)
        text.append(f"| {name} | {' | '.join(cells)} |")
    return text


def group_table(
    audited: dict[str, np.ndarray], card: Scorecard, pools: dict[str, np.ndarray]
) -> list[str]:
    """Errors of the detector on dark and light faces, and on small and larger ones."""
    text = [
        "| test set | pictures | real / fake | reals called fake | fakes called real "
        "| can't tell | AUC |",
        "|---|---|---|---|---|---|---|",
    ]
    sets = audited["set"]
    light = audited["luma"]
    wide = audited["face_px"]
    groups = {
        "darkest third": _within(sets, light, lambda x: x <= np.quantile(x, 1 / 3)),
        "lightest third": _within(sets, light, lambda x: x >= np.quantile(x, 2 / 3)),
        "smallest third of faces": _within(sets, wide, lambda x: x <= np.nanquantile(x, 1 / 3)),
        "larger faces": _within(sets, wide, lambda x: x > np.nanquantile(x, 1 / 3)),
    }

    fakes = audited["fake"]
    called_fake = card.verdicts == 1
    called_real = card.verdicts == -1
    for name, pool in pools.items():
        for group, inside in groups.items():
            here = inside & (sets == name)
            reals_here = here & ~fakes
            fakes_here = here & fakes
            cells = (
                name,
                group,
                f"{reals_here.sum()} / {fakes_here.sum()}",
                share(called_fake[reals_here]),
                share(called_real[fakes_here]),
                share(~(called_fake | called_real)[here]),
                _auc(fakes[inside & pool], card.logits[inside & pool]),
            )
            text.append(f"| {' | '.join(cells)} |")
    return text


def read_audit(path: Path) -> list[dict[str, Any]]:
    """Read audit.csv; `face_px` is NaN where no face was found."""
    return [
        {**line, **{name: float(line[name] or "nan") for name in COLUMNS[3:]}}
        for line in read_lines(path)
    ]


def _within(
    sets: np.ndarray, values: np.ndarray, choose: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Choose by value, each set by itself: bool (N,)."""
    chosen = np.zeros(len(sets), bool)
    for name in set(sets.tolist()):
        chosen[sets == name] = choose(values[sets == name])
    return chosen


def _auc(fakes: np.ndarray, scores: np.ndarray) -> str:
    # Where no face was found it has no size.
    known = ~np.isnan(scores)
    fakes = fakes[known]
    scores = scores[known]
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
        rows = read_rows(options.data)
        seen = shortcuts.to_learn_from([row for row in rows if row.split == "train"])
        seen += [row for row in rows if row.split == "test"]
        faces = find_all_faces(options.data, seen, options.faces)
        write_lines(store, COLUMNS, look(options.data, rows, faces, options.model))

    if not store.exists():
        parser.error("nothing was audited yet: name the folder of labelled pictures with --data")
    print(figures(read_audit(store), load_scorecard(options.model)))


if __name__ == "__main__":
    main()
