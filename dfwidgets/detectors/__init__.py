"""From a model's folder to a detector."""

from dfwidgets.detectors.loading import find_detectors, load_detector
from dfwidgets.detectors.record import Record, read_record
from dfwidgets.detectors.streamlit_model import find_pair, manifest_of
from dfwidgets.detectors.writing import write_manifest

__all__ = [
    "Record",
    "find_detectors",
    "find_pair",
    "load_detector",
    "manifest_of",
    "read_record",
    "write_manifest",
]
