"""Bytes to an upright RGB picture to a face: opening, finding, cutting, changing."""

from dfwidgets.pictures.blend import self_blend
from dfwidgets.pictures.degrade import DEGRADATIONS
from dfwidgets.pictures.face import Face, WhichFace
from dfwidgets.pictures.faces import choose_face, crop_face, crop_window, find_faces, place_map
from dfwidgets.pictures.guards import reason_not_to_tell
from dfwidgets.pictures.heat import overlay, viridis
from dfwidgets.pictures.images import (
    ImageError,
    check_pixels,
    open_image,
    shrink,
    to_jpeg,
    to_png,
)
from dfwidgets.pictures.limits import FORMATS, MAX_BYTES, too_many_bytes

__all__ = [
    "DEGRADATIONS",
    "FORMATS",
    "MAX_BYTES",
    "Face",
    "ImageError",
    "WhichFace",
    "check_pixels",
    "choose_face",
    "crop_face",
    "crop_window",
    "find_faces",
    "open_image",
    "overlay",
    "place_map",
    "reason_not_to_tell",
    "self_blend",
    "shrink",
    "to_jpeg",
    "to_png",
    "too_many_bytes",
    "viridis",
]
