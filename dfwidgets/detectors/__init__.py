"""From a model's folder to a detector."""

from dfwidgets.detectors.loading import (
    about,
    at_edges,
    at_the_edge,
    find_detectors,
    load_detector,
    model_name,
)
from dfwidgets.detectors.model_file import sha256_of
from dfwidgets.detectors.streamlit_model import find_pair, manifest_of
from dfwidgets.detectors.writing import write_manifest

__all__ = [
    "about",
    "at_edges",
    "at_the_edge",
    "find_detectors",
    "find_pair",
    "load_detector",
    "manifest_of",
    "model_name",
    "sha256_of",
    "write_manifest",
]
