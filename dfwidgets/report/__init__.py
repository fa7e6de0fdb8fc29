"""What can be carried away: the verdict in words, the evidence sheet, the model's record."""

from dfwidgets.report.changed_copies import copies
from dfwidgets.report.evidence import Evidence, complete, with_first_map
from dfwidgets.report.evidence_page import sheet
from dfwidgets.report.evidence_sheet import evidence_sheet, now

__all__ = [
    "Evidence",
    "complete",
    "copies",
    "evidence_sheet",
    "now",
    "sheet",
    "with_first_map",
]
