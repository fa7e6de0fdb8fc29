"""Panels for Jupyter with which people explore whether a face picture is real or a deepfake."""

from dfwidgets.dashboard import dashboard
from dfwidgets.detector import Detector, ModelError, Prediction
from dfwidgets.faces import Face, find_faces
from dfwidgets.images import ImageError, open_image, overlay
from dfwidgets.loading import load_detector
from dfwidgets.panels.heatmap import HeatmapPanel
from dfwidgets.panels.upload import UploadPanel
from dfwidgets.session import Session

__all__ = [
    "Detector",
    "Face",
    "HeatmapPanel",
    "ImageError",
    "ModelError",
    "Prediction",
    "Session",
    "UploadPanel",
    "dashboard",
    "find_faces",
    "load_detector",
    "open_image",
    "overlay",
]
