"""The figures between marks in the shipped card and in NOTES.md, each printed from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dfwidgets as df
from dfwidgets.measure.tables import figures
from models.training.judging import ablate, audit, leave_out, map_hits
from models.training.lines import read_lines
from models.training.showing import contact_sheet

TRAINING = Path(__file__).parents[1]
SHIPPED = TRAINING.parent / "detector"
CARD = SHIPPED / "MODEL_CARD.md"
NOTES = TRAINING / "NOTES.md"
COMMAND = "python -m models.training.judging.evaluate"


def _audit() -> str:
    return audit.figures(audit.read_audit(SHIPPED / "audit.csv"), df.load_scorecard(SHIPPED))


BLOCKS: dict[str, tuple[Path, Callable[[], str]]] = {
    "figures": (CARD, lambda: figures(df.load_scorecard(SHIPPED))),
    "left out": (CARD, leave_out.table),
    "audit": (CARD, _audit),
    "maps": (CARD, lambda: map_hits.figures(read_lines(SHIPPED / "maps.csv"))),
    "samples": (CARD, lambda: contact_sheet.figures(*contact_sheet.ask())),
    "ablations": (NOTES, lambda: ablate.table(ablate.read())),
}


def split(text: str, name: str) -> tuple[str, str, str]:
    """The text before, between and after the marks of a name; the outer ones hold the marks."""
    begin = f"<!-- {name}: printed by {COMMAND} -->\n"
    end = f"\n<!-- end of {name} -->"
    before, rest = text.split(begin)
    between, after = rest.split(end)
    return before + begin, between, end + after


def update() -> str:
    """Print every figure anew into the two files; returns what was printed."""
    printed = []
    for name, (path, make) in BLOCKS.items():
        before, _, after = split(path.read_text(), name)
        printed.append(make())
        path.write_text(before + printed[-1] + after)
    return "\n\n".join(printed)
