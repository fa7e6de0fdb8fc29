"""How good a network is while it learns: AUC of the validation pictures, a line in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from dfwidgets.measure.measures import auc, sets_with_reals
from models.training.lines import add_line
from models.training.making.dataset import Row

LOG = "log.csv"
MAX_PICTURES = 200  # of a set and label: enough to see where a run goes


def some_of_each(rows: Sequence[Row]) -> list[Row]:
    """At most `MAX_PICTURES` of each set and label, those that come first."""
    counts: Counter[tuple[str, str]] = Counter()
    chosen = []
    for row in rows:
        counts[row.set, row.label] += 1
        if counts[row.set, row.label] <= MAX_PICTURES:
            chosen.append(row)
    return chosen


class Watch:
    """Looks at the validation pictures, and writes what it sees into a run's log.csv.

    Args:
        out: folder of the run.
        rows: the validation pictures.
        crops: what the network sees of them, uint8 (N, size, size, 3).
        reals_for: for a set without photographs, the sets whose photographs stand against it.
    """

    def __init__(
        self,
        out: Path,
        rows: Sequence[Row],
        crops: np.ndarray,
        reals_for: dict[str, list[str]],
    ) -> None:
        self.out = out
        self.crops = crops
        self.reals_for = reals_for
        self.sets = np.array([row.set for row in rows])
        self.labels = np.array([row.label == "fake" for row in rows])

    def look(self, batches: int, loss: float, model: keras.Model) -> None:
        """Write AUC of each set that has fakes, and the mean logit of each set's photographs."""
        logits = model.predict(self.crops, batch_size=64, verbose=0)[:, 0]
        line: dict[str, float] = {"batches": batches, "loss": round(loss, 4)}

        # A set of photographs alone has no AUC, nor has one of fakes that borrows none.
        for name, here in sets_with_reals(self.sets, self.labels, self.reals_for):
            labels = self.labels[here]
            if labels.any() and not labels.all():
                line[f"auc {name}"] = round(auc(labels, logits[here]), 4)

        # Sets of photographs that drift apart tell of sizes and grain that pass for a fake's.
        for name in sorted(set(self.sets[~self.labels].tolist())):
            photographs = ~self.labels & (self.sets == name)
            line[f"photos {name}"] = round(float(logits[photographs].mean()), 2)

        add_line(self.out / LOG, line)
        print(*(f"{name} {value}" for name, value in line.items()), sep="  ", flush=True)
