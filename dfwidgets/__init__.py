"""Panels for Jupyter with which people explore whether a face picture is real or a deepfake."""

from dfwidgets.blend import self_blend
from dfwidgets.dashboard import dashboard
from dfwidgets.detector import Detector, ModelError, Prediction
from dfwidgets.evidence import evidence_sheet
from dfwidgets.faces import Face, find_faces
from dfwidgets.file_facts import FileFacts, read_facts
from dfwidgets.game import Game, Trial
from dfwidgets.images import ImageError, open_image, overlay
from dfwidgets.loading import find_detectors, load_detector
from dfwidgets.many import score_files
from dfwidgets.measures import check_rates
from dfwidgets.occlusion import occlusion
from dfwidgets.panels.evidence import EvidencePanel
from dfwidgets.panels.facts import FactsPanel
from dfwidgets.panels.game import GamePanel
from dfwidgets.panels.heatmap import HeatmapPanel
from dfwidgets.panels.many import ManyPanel
from dfwidgets.panels.model import ModelPanel
from dfwidgets.panels.stability import StabilityPanel
from dfwidgets.panels.threshold import ThresholdPanel
from dfwidgets.panels.upload import UploadPanel
from dfwidgets.pointing import pointing_game
from dfwidgets.samples import Sample, Samples, load_samples
from dfwidgets.scorecard import load_scorecard, measure
from dfwidgets.session import Session
from dfwidgets.trust import deletion, sanity_check
from dfwidgets.writing import write_manifest

__all__ = [
    "Detector",
    "EvidencePanel",
    "Face",
    "FactsPanel",
    "FileFacts",
    "Game",
    "GamePanel",
    "HeatmapPanel",
    "ImageError",
    "ManyPanel",
    "ModelError",
    "ModelPanel",
    "Prediction",
    "Sample",
    "Samples",
    "Session",
    "StabilityPanel",
    "ThresholdPanel",
    "Trial",
    "UploadPanel",
    "check_rates",
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
