"""Labelled pictures in a folder, and what is wrong with it."""

from dfwidgets.folders.loading import load_samples
from dfwidgets.folders.notices import Reason, Skipped, skipped_sentence
from dfwidgets.folders.paths import short
from dfwidgets.folders.samples import CLASSES, Label, Sample, Samples
from dfwidgets.folders.scan import is_picture, list_folder, walk

__all__ = [
    "CLASSES",
    "Label",
    "Reason",
    "Sample",
    "Samples",
    "Skipped",
    "is_picture",
    "list_folder",
    "load_samples",
    "short",
    "skipped_sentence",
    "walk",
]
