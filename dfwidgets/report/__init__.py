"""What can be carried away: the verdict in words, the evidence sheet, the model's record."""

from dfwidgets.report.changed_copies import copies
from dfwidgets.report.evidence import Evidence, complete, of_first_map
from dfwidgets.report.evidence_page import evidence_sheet, now, sheet

__all__ = [
    "Evidence",
    "complete",
    "copies",
    "evidence_sheet",
    "now",
    "of_first_map",
    "sheet",
]
