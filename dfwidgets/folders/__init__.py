"""Labelled pictures in a folder, and what is wrong with it."""

from dfwidgets.folders.loading import load_samples
from dfwidgets.folders.notices import Reason, Skipped, skipped_sentences
from dfwidgets.folders.paths import short
from dfwidgets.folders.samples import CLASSES, Label, Sample, Samples
from dfwidgets.folders.scan import Scan, is_picture, list_folder

__all__ = [
    "CLASSES",
    "Label",
    "Reason",
    "Sample",
    "Samples",
    "Scan",
    "Skipped",
    "is_picture",
    "list_folder",
    "load_samples",
    "short",
    "skipped_sentences",
]
