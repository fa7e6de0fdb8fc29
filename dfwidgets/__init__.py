"""Panels for Jupyter with which people explore whether a face picture is real or a deepfake."""

from dfwidgets.dashboard import dashboard
from dfwidgets.detector import Detector, ModelError, Prediction
from dfwidgets.detectors import find_detectors, load_detector, write_manifest
from dfwidgets.explain import Explanation, deletion, pointing_game, sanity_check
from dfwidgets.explain.occlusion import occlusion
from dfwidgets.facts import FileFacts, read_facts
from dfwidgets.folders import Sample, Samples, load_samples
from dfwidgets.game import Game, Trial
from dfwidgets.measure import (
    Comparison,
    Labelled,
    Scorecard,
    check_rates,
    load_scorecard,
    measure,
    score_files,
)
from dfwidgets.panels.batch import BatchPanel
from dfwidgets.panels.evidence import EvidencePanel
from dfwidgets.panels.facts import FactsPanel
from dfwidgets.panels.game.panel import GamePanel
from dfwidgets.panels.heatmap import HeatmapPanel
from dfwidgets.panels.model import ModelPanel
from dfwidgets.panels.stability import StabilityPanel
from dfwidgets.panels.threshold import ThresholdPanel
from dfwidgets.panels.upload import UploadPanel
from dfwidgets.pictures import (
    Face,
    ImageError,
    crop_face,
    crop_window,
    find_faces,
    open_image,
    overlay,
    self_blend,
)
from dfwidgets.report import evidence_sheet
from dfwidgets.session import Session
from dfwidgets.shipped import __version__ as __version__

__all__ = [
    "BatchPanel",
    "Comparison",
    "Detector",
    "EvidencePanel",
    "Explanation",
    "Face",
    "FactsPanel",
    "FileFacts",
    "Game",
    "GamePanel",
    "HeatmapPanel",
    "ImageError",
    "Labelled",
    "ModelError",
    "ModelPanel",
    "Prediction",
    "Sample",
    "Samples",
    "Scorecard",
    "Session",
    "StabilityPanel",
    "ThresholdPanel",
    "Trial",
    "UploadPanel",
    "check_rates",
    "crop_face",
    "crop_window",
    "dashboard",
    "deletion",
    "evidence_sheet",
    "find_detectors",
    "find_faces",
    "load_detector",
    "load_samples",
    "load_scorecard",
    "measure",
    "occlusion",
    "open_image",
    "overlay",
    "pointing_game",
    "read_facts",
    "sanity_check",
    "score_files",
    "self_blend",
    "write_manifest",
]

# The name of version 0.1, as it was.
ManyPanel = BatchPanel
