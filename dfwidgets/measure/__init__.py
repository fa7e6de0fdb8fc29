"""Known pictures and many pictures as figures."""

from dfwidgets.measure.batch import THUMBNAIL, NamedFile, find_pictures, score_files, time_left
from dfwidgets.measure.chart import Chart
from dfwidgets.measure.compare import Comparison
from dfwidgets.measure.edge_costs import EDGE_COST_HEADS, edge_cost_rows
from dfwidgets.measure.rates import check_rates
from dfwidgets.measure.rows import (
    CSV_HEAD,
    Row,
    csv_cells,
    csv_line,
    file_cell,
    from_csv,
    to_csv,
    to_json,
)
from dfwidgets.measure.scorecard import Labelled, Scorecard, find_scorecard, load_scorecard, measure

__all__ = [
    "CSV_HEAD",
    "EDGE_COST_HEADS",
    "THUMBNAIL",
    "Chart",
    "Comparison",
    "Labelled",
    "NamedFile",
    "Row",
    "Scorecard",
    "check_rates",
    "csv_cells",
    "csv_line",
    "edge_cost_rows",
    "file_cell",
    "find_pictures",
    "find_scorecard",
    "from_csv",
    "load_scorecard",
    "measure",
    "score_files",
    "time_left",
    "to_csv",
    "to_json",
]
