"""Known pictures and many pictures as figures."""

from dfwidgets.measure.batch import THUMBNAIL, Picture, find_pictures, score_files, time_left
from dfwidgets.measure.charts import Chart
from dfwidgets.measure.edge_costs import HEADS, counted
from dfwidgets.measure.measures import check_rates
from dfwidgets.measure.rows import (
    HEAD,
    Scored,
    cells,
    csv_line,
    file_cell,
    from_csv,
    to_csv,
    to_json,
)
from dfwidgets.measure.scorecard import Scorecard, find_scorecard, load_scorecard, measure

__all__ = [
    "HEAD",
    "HEADS",
    "THUMBNAIL",
    "Chart",
    "Picture",
    "Scorecard",
    "Scored",
    "cells",
    "check_rates",
    "counted",
    "csv_line",
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
