"""What the values of a manifest may be."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def find_problem(values: Mapping[str, Any]) -> str:
    """The first value of a manifest that can't be, as a sentence; empty where all can.

    Args:
        values: each field of `Manifest` by its name, of whatever type a JSON gave.
    """
    # Each is asked anew whatever came before it, so none may fail on a value of another type.
    known = {
        "name": (_is_text(values["name"]), "a text that is not blank"),
        "files": (_are_hashes(values["files"]), "at least one file name with its sha256"),
        "crop": (values["crop"] in ("face", "whole"), "“face” or “whole”"),
        "output": (values["output"] in ("logit", "probability"), "“logit” or “probability”"),
        "speaks_for": (values["speaks_for"] in ("fake", "real"), "“fake” or “real”"),
        "size": (_is_size(values["size"]), "a number of pixels above 0"),
        "temperature": (_is_above_0(values["temperature"]), "a number above 0"),
        "band": (_is_band(values["band"]), "two numbers from 0 to 1, the lower first"),
        "measured": (
            _is_measured(values["measured"]),
            "thresholds, and as many parts of reals and of fakes",
        ),
        "note": (isinstance(values["note"], str), "a text"),
    }

    for key, (fine, expected) in known.items():
        if not fine:
            return f"expected {expected} for “{key}”, got {values[key]!r:.80}"
    return ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_hashes(files: Any) -> bool:
    """Whether it names files and their hashes; a file of another folder is none of the model's."""
    if not files or not isinstance(files, dict):
        return False
    return all(isinstance(v, str) and Path(k).name == k for k, v in files.items())


def _is_size(value: Any) -> bool:
    return type(value) is int and value >= 1  # True would be an int to isinstance


def _is_above_0(value: Any) -> bool:
    return _are_numbers([value]) and value > 0


def _is_band(value: Any) -> bool:
    return _are_rising(value) and len(value) == 2


def _is_measured(measured: Any) -> bool:
    """Whether it is what `Manifest.measured` describes, or says that nobody measured."""
    if not measured or not isinstance(measured, dict):
        return measured in (None, {})
    thresholds: Any = measured.get("threshold")
    by_label: list[Any] = [measured.get(label) for label in ("reals", "fakes")]
    if not all(isinstance(sets, dict) and sets for sets in by_label):
        return False
    if not _are_rising(thresholds):
        return False

    # What need not be there has to be right all the same.
    about = measured.get("about", {})
    if not (isinstance(about, dict) and all(isinstance(text, str) for text in about.values())):
        return False
    lent = measured.get("reals_for", {})
    if not (isinstance(lent, dict) and all(isinstance(names, list) for names in lent.values())):
        return False

    parts = [fractions for sets in by_label for fractions in sets.values()]
    return all(_are_fractions(each) and len(each) == len(thresholds) for each in parts)


def _are_fractions(values: Any) -> bool:
    return _are_numbers(values) and min(values) >= 0 and max(values) <= 1


def _are_rising(values: Any) -> bool:
    return _are_fractions(values) and list(values) == sorted(values)


def _are_numbers(values: Any) -> bool:
    """Whether it is a list of at least one number."""
    if not isinstance(values, (list, tuple)) or not values:
        return False
    # No math.isfinite: it fails on a whole number that is too large for a float.
    return all(type(v) in (int, float) and abs(v) <= sys.float_info.max for v in values)
