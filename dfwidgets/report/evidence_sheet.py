"""From a picture to its evidence sheet in one call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from dfwidgets.answers import checked_prediction
from dfwidgets.detector import Detector, Toward, check_band
from dfwidgets.detectors import read_record
from dfwidgets.facts import read_facts
from dfwidgets.pictures import WhichFace, check_pixels, choose_face, open_image
from dfwidgets.report.evidence import Evidence, complete, with_first_map
from dfwidgets.report.evidence_page import sheet


def evidence_sheet(
    detector: Detector,
    source: bytes | str | Path | np.ndarray,
    *,
    name: str = "",
    face: WhichFace = "largest",
    band: tuple[float, float] | None = None,
    toward: Toward | None = None,
    method: str | None = None,
    sanity: bool | None = None,
    when: datetime | None = None,
) -> str:
    """Write down what a detector says of a picture, and what speaks for and against it.

    It is one page to keep or print. It holds all it needs, the picture too, runs no script and asks
    no other computer for anything. But for the date the same input makes the same page.

    Args:
        detector: anything with `predict` and `explain`.
        source: a file's path, its bytes, or a picture as uint8 (height, width, 3), of which no file
            is known.
        name: what the file is called; a path's own name if not given.
        face: which face is judged, as in `Detector.predict`.
        band: the edges of "can't tell" that somebody chose; those of the detector if not given.
        toward: which way the things pulled that the map shows; the side that the score leans to if
            not given.
        method: how the map is made; the first of the detector's methods if not given.
        sanity: check too whether the map hangs on what the model learned, where the detector has
            `shuffled`; if not given, where that takes only a moment.
        when: the date on it, in UTC where it names no time zone; now if not given.

    Returns:
        HTML, to be written as UTF-8.

    Raises:
        ImageError: the picture can't be read.
        FileNotFoundError: there is no file at that path.
        ValueError: the edges are not two numbers from 0 to 1, the lower first.
        Exception: what the detector's `predict` raises; what else fails is said on the page.
    """
    # Whatever is no file has no facts, and no name but a given one.
    facts = None
    if isinstance(source, np.ndarray):
        image = check_pixels(source)
    else:
        image = open_image(source)
        facts = read_facts(source)
    if not name and isinstance(source, (str, Path)):
        name = Path(source).name

    chosen = choose_face(image, face)
    prediction = checked_prediction(detector.predict(image, chosen))
    if band is not None:
        check_band(band)
        prediction = read_record(detector).at_band(prediction, band)

    # What the caller did not choose is chosen as the page would.
    known = Evidence(image, prediction, chosen, name, facts, by_hand=band is not None)
    known = with_first_map(detector, known)
    known = replace(known, toward=toward or known.toward, method=method or known.method)
    return sheet(complete(detector, known, sanity=sanity), when or now())


def now() -> datetime:
    """The date of a sheet that is made now."""
    return datetime.now(UTC)
