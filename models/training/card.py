"""What stands between marks in the shipped card and in NOTES.md: figures, each printed from a file
beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dfwidgets as df
from dfwidgets.measure.tables import figures
from models.training import ablate, audit, contact_sheet, leave_out, pointing

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "detector"
CARD, NOTES = SHIPPED / "MODEL_CARD.md", HERE / "NOTES.md"
BLOCKS: dict[str, tuple[Path, Callable[[], str]]] = {
    "figures": (CARD, lambda: figures(df.load_scorecard(SHIPPED))),
    "left out": (CARD, lambda: leave_out.figures(leave_out.read())),
    "audit": (
        CARD,
        lambda: audit.figures(audit.read_audit(SHIPPED / "audit.csv"), df.load_scorecard(SHIPPED)),
    ),
    "maps": (CARD, lambda: pointing.figures(pointing.read(SHIPPED / "maps.csv"))),
    "samples": (CARD, lambda: contact_sheet.figures(*contact_sheet.ask())),
    "ablations": (NOTES, lambda: ablate.table(ablate.read())),
}


def parts(text: str, name: str) -> tuple[str, str, str]:
    """What stands before, between and after the two marks of a name; the marks belong to the outer
    parts."""
    begin, end = (
        f"<!-- {name}: printed by python -m models.training.evaluate -->\n",
        f"\n<!-- end of {name} -->",
    )
    before, rest = text.split(begin)
    between, after = rest.split(end)
    return before + begin, between, end + after


def update() -> str:
    """Print every figure anew into the two files; returns what was printed."""
    said = []
    for name, (path, make) in BLOCKS.items():
        before, _, after = parts(path.read_text(), name)
        said.append(make())
        path.write_text(before + said[-1] + after)
    return "\n\n".join(said)
