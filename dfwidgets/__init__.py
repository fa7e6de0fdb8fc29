"""Panels for Jupyter with which people explore whether a face picture is real or a deepfake."""

from dfwidgets.blend import self_blend
from dfwidgets.dashboard import dashboard
from dfwidgets.detector import Detector, ModelError, Prediction
from dfwidgets.faces import Face, find_faces
from dfwidgets.game import Game, Trial
from dfwidgets.images import ImageError, open_image, overlay
from dfwidgets.loading import find_detectors, load_detector
from dfwidgets.panels.game import GamePanel
from dfwidgets.panels.heatmap import HeatmapPanel
from dfwidgets.panels.model import ModelPanel
from dfwidgets.panels.stability import StabilityPanel
from dfwidgets.panels.upload import UploadPanel
from dfwidgets.samples import Sample, Samples, load_samples
from dfwidgets.session import Session
from dfwidgets.writing import write_manifest

__all__ = [
    "Detector",
    "Face",
    "Game",
    "GamePanel",
    "HeatmapPanel",
    "ImageError",
    "ModelError",
    "ModelPanel",
    "Prediction",
    "Sample",
    "Samples",
    "Session",
    "StabilityPanel",
    "Trial",
    "UploadPanel",
    "dashboard",
    "find_detectors",
    "find_faces",
    "load_detector",
    "load_samples",
    "open_image",
    "overlay",
    "self_blend",
    "write_manifest",
]
