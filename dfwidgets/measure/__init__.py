"""Known pictures and many pictures as figures."""

from dfwidgets.measure.asking import NamedFile
from dfwidgets.measure.batch import THUMBNAIL, score_files, time_left
from dfwidgets.measure.chart import Chart
from dfwidgets.measure.compare import Comparison
from dfwidgets.measure.edge_costs import EDGE_COST_HEADS, edge_cost_rows
from dfwidgets.measure.listing import Listing, find_pictures, list_pictures
from dfwidgets.measure.parquet import write_parquet
from dfwidgets.measure.rates import check_rates
from dfwidgets.measure.rows import (
    CSV_HEAD,
    Row,
    csv_cells,
    csv_line,
    file_cell,
    from_csv,
    json_pieces,
    read_rows,
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
    "Listing",
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
    "json_pieces",
    "list_pictures",
    "load_scorecard",
    "measure",
    "read_rows",
    "score_files",
    "time_left",
    "to_csv",
    "to_json",
    "write_parquet",
]
