"""The evidence sheet as a page that stands alone: no script, nothing from elsewhere, outside text
escaped."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from dfwidgets import markup
from dfwidgets.answers import checked_prediction
from dfwidgets.detector import Detector, Toward, check_band
from dfwidgets.detectors import at_edges
from dfwidgets.explain import sentences
from dfwidgets.facts import clean, read_facts
from dfwidgets.measure import EDGE_COST_HEADS
from dfwidgets.pictures import (
    WhichFace,
    check_pixels,
    choose_face,
    crop_window,
    open_image,
    overlay,
    shrink,
    to_jpeg,
)
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.report.changed_copies import copies
from dfwidgets.report.evidence import Evidence, complete, of_first_map
from dfwidgets.wording import (
    BLIND_SPOTS,
    CAVEAT,
    CHOSEN_EDGES,
    COUNTED,
    EMPTY_MAP,
    NO_PROOF,
    OWN_EDGES,
    PROVES_NOTHING,
    PULLED,
    PULLED_EITHER_WAY,
    SENT_AGAIN,
    THE_OWN_ARE,
    YELLOW,
)

_STATIC = Path(__file__).parents[1] / "static"
_PICTURE, _FACE, _THUMBNAIL = 900, 448, 112  # longer sides, in pixels
_HEAT = 0.6  # how much the hottest place covers what is below it

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_NO_HASH = "None: this detector names no file of a model."
_SMALLER = "The pictures on this sheet are smaller copies, saved as JPEG."


def sheet(known: Evidence, when: datetime) -> str:
    """Make the page of what is known; but for the date the same makes the same.

    Args:
        known: what `complete` gives.
        when: the date on it, in UTC where it names no time zone.

    Returns:
        HTML, to be written as UTF-8.
    """
    date = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    verdict = known.prediction.verdict
    parts = {
        "Is this face real?": _verdict(known),
        "Where did it look?": _map(known),
        "What the file says": _file(known),
        "Where is the line drawn?": _line(known),
        "Does the verdict hold?": _copies(known),
        "What it can't tell": f"<ul>{''.join(f'<li>{escape(spot)}</li>' for spot in BLIND_SPOTS)}</ul>",
        "How this sheet was made": str(markup.facts(_made(known)) + markup.quiet(_SMALLER)),
    }
    style = "".join((_STATIC / name).read_text("utf-8") for name in ("style.css", "sheet.css"))
    page = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Evidence sheet: {escape(verdict)}</title>\n<style>\n{style}</style>\n</head>\n"
        f'<body class="dfw dfw-panel dfw-sheet">\n<main>\n<h1>Evidence sheet</h1>\n'
        f'<p>Made on {date:%Y-%m-%d %H:%M} UTC.</p>\n<p class="dfw-error">{escape(NO_PROOF)}</p>\n'
        + "".join(
            f"<section>{markup.heading(question)}{said}</section>\n"
            for question, said in parts.items()
        )
        + "</main>\n</body>\n</html>\n"
    )
    # A lone half of a character, as a name or a JSON can hold it, can't be written as UTF-8.
    return page.encode("utf-8", "replace").decode()


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
    """Write down what a detector says of a picture, and what speaks for and against it, as one page to keep or print.

    The page holds all it needs, the picture too, runs no script and asks no other computer for
    anything. But for the date the same input makes the same page.

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
    image = check_pixels(source) if isinstance(source, np.ndarray) else open_image(source)
    facts = None if isinstance(source, np.ndarray) else read_facts(source)
    name = name or (Path(source).name if isinstance(source, (str, Path)) else "")
    chosen = choose_face(image, face)
    said = checked_prediction(detector.predict(image, chosen))
    if band is not None:
        check_band(band)
        said = at_edges(detector, said, band)
    known = of_first_map(
        detector, Evidence(image, said, chosen, name, facts, by_hand=band is not None)
    )
    known = replace(known, toward=toward or known.toward, method=method or known.method)
    return sheet(complete(detector, known, sanity=sanity), when or now())


def now() -> datetime:
    """The date of a sheet that is made now."""
    return datetime.now(UTC)


def _verdict(known: Evidence) -> str:
    image, said = known.image, known.prediction
    height, width = image.shape[:2]
    left, top, right, bottom = _window(known)
    size = f"{width} by {height} pixels"
    if said.face is None:
        pictures = _figure(
            image, _PICTURE, f"The picture, {size}", "No face was judged: the whole picture was."
        )
    else:
        box = (
            said.face.left / width,
            said.face.top / height,
            said.face.right / width,
            said.face.bottom / height,
        )
        place = f"left:{box[0]:.2%};top:{box[1]:.2%};width:{box[2] - box[0]:.2%};height:{box[3] - box[1]:.2%}"
        frame = f'<span class="dfw-frame dfw-chosen" style="{place}"></span>'
        alt = f"The picture, {size}, a frame around the judged face"
        face = f"What was judged, {right - left} by {bottom - top} pixels of the picture"
        pictures = _figure(
            image, _PICTURE, alt, "The picture, with a frame around the face.", frame
        )
        pictures += _figure(image[top:bottom, left:right], _FACE, face, "What was judged.")
    sentences = "".join(f"<p>{escape(line)}</p>" for line in (said.frequency, said.reason) if line)
    return f'{verdict_markup.score(said)}{sentences}<div class="dfw-pictures">{pictures}</div>'


def _map(known: Evidence) -> str:
    heatmap = known.heatmap
    if heatmap is None:
        return _failed(known, "map", "There is no map.")
    if not heatmap.any():
        return f"<p>{escape(EMPTY_MAP.format(toward=known.toward))}</p>"
    left, top, right, bottom = _window(known)
    part, heat = known.image[top:bottom, left:right], heatmap[top:bottom, left:right]
    small = shrink(part, _FACE)
    resized = Image.fromarray(heat.astype(np.float32)).resize(
        small.shape[1::-1], Image.Resampling.BILINEAR
    )
    place = sentences.hottest_place(heat)
    no_sign = known.method == "SmoothGrad"
    lines = [
        (PULLED_EITHER_WAY if no_sign else PULLED).format(toward=known.toward, place=place),
        CAVEAT,
        YELLOW,
    ]
    if known.deletion is not None:
        lines.append(
            sentences.deletion_sentence(
                known.deletion, "" if no_sign else f"away from {known.toward}"
            )
        )
    if known.sanity is not None:
        lines.append(sentences.sanity_sentence(known.sanity))
    said = (
        "".join(f"<p>{escape(line)}</p>" for line in lines)
        + _failed(known, "check")
        + _failed(known, "shuffle")
    )
    drawn = overlay(small, np.asarray(resized), _HEAT)
    figure = _figure(
        drawn, _FACE, f"Heat where the model looked, {place}", f"The map by {known.method}."
    )
    return f'<div class="dfw-beside">{figure}<div>{said}</div></div>'


def _file(known: Evidence) -> str:
    name = {"Name": clean(known.name)} if clean(known.name) else {}
    if known.facts is None:
        return (
            str(markup.facts(name))
            + "<p>This picture came as numbers and not as a file, so there is no file to read.</p>"
        )
    return str(markup.facts(name | known.facts.sentences) + markup.quiet(PROVES_NOTHING))


def _line(known: Evidence) -> str:
    said = f"<p>{escape(_edges(known))}</p>"
    asked = known.asked
    if asked is None:
        return said
    table = markup.table(EDGE_COST_HEADS, asked.rates)
    rates = f"<p>Of 100 faces each:</p>{table}{markup.quiet(COUNTED)}" if asked.rates else ""
    measured = (
        "" if asked.measured in known.prediction.frequency else asked.measured
    )  # said beside the verdict
    return (
        said + "".join(f"<p>{escape(line)}</p>" for line in (measured, asked.error) if line) + rates
    )


def _copies(known: Evidence) -> str:
    if known.strip is None:
        return _failed(known, "copies", "There are no verdicts on changed copies.")
    said = f'<p class="dfw-said">{escape(known.strip.sentence)}</p>'
    row = copies(known.strip, lambda image: _url(image, _THUMBNAIL))
    return f"{markup.quiet(SENT_AGAIN)}{said}{row}"


def _made(known: Evidence) -> dict[str, str]:
    said, face = known.prediction, known.prediction.face
    lines = {
        "Edges": _edges(known),
        "Face": f"{face.size:.0f} pixels wide." if face else "None: the whole picture was judged.",
        "Map": known.method
        if known.method == "SmoothGrad"
        else f"{known.method}, toward {known.toward}",
        "Score, and the network's own number (logit)": f"{said.p_fake:.4f}, {said.logit:.4f}",
    }
    asked = known.asked
    if asked is not None:
        hashes = {f"SHA-256 of {file}": sha256 for file, sha256 in asked.hashes.items()}
        lines = {"Model": asked.name, **(hashes or {"SHA-256": _NO_HASH}), **lines}
        lines["Programs"] = ", ".join(
            f"{program} {version}" for program, version in asked.programs.items()
        )
    return lines


def _edges(known: Evidence) -> str:
    low, high = known.prediction.band
    said = (CHOSEN_EDGES if known.by_hand else OWN_EDGES).format(low=low, high=high)
    band = known.asked.band if known.asked and known.by_hand else None
    return f"{said} {THE_OWN_ARE.format(low=band[0], high=band[1])}" if band else said


def _failed(known: Evidence, what: str, so: str = "") -> str:
    said = f"{so} {known.failed.get(what, '')}".strip()
    return str(markup.error(said)) if said else ""


def _window(known: Evidence) -> tuple[int, int, int, int]:
    return crop_window(known.image, known.prediction.face)


def _figure(image: np.ndarray, longest: int, alt: str, caption: str, above: str = "") -> str:
    picture = f'<img src="{_url(image, longest)}" alt="{escape(alt)}">'
    return f'<figure><div class="dfw-stage">{picture}{above}</div><figcaption>{escape(caption)}</figcaption></figure>'


def _url(image: np.ndarray, longest: int) -> str:
    return "data:image/jpeg;base64," + b64encode(to_jpeg(shrink(image, longest))).decode()
