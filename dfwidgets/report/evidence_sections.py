"""The sections of an evidence sheet, each the answer to one question."""

from __future__ import annotations

from base64 import b64encode

import numpy as np
from markupsafe import Markup
from PIL import Image

from dfwidgets import markup
from dfwidgets.explain import sentences
from dfwidgets.facts import clean
from dfwidgets.measure import EDGE_COST_HEADS
from dfwidgets.pictures import crop_window, overlay, shrink, to_jpeg
from dfwidgets.report import verdict
from dfwidgets.report.changed_copies import copies
from dfwidgets.report.evidence import Evidence
from dfwidgets.wording import (
    BLIND_SPOTS,
    CAVEAT,
    CHOSEN_EDGES,
    COUNTED,
    EMPTY_MAP,
    NO_FILE,
    OWN_EDGES,
    PROVES_NOTHING,
    SENT_AGAIN,
    THE_OWN_ARE,
    YELLOW,
)

# Longer sides, in pixels.
_PICTURE = 900
_FACE = 448
_THUMBNAIL = 112

_HEAT = 0.6  # how much the hottest place covers what is below it

_NO_HASH = "None: this detector names no file of a model."
_SMALLER = "The pictures on this sheet are smaller copies, saved as JPEG."


def verdict_section(known: Evidence) -> Markup:
    """The picture, what of it was judged, and the verdict."""
    prediction = known.prediction
    sentences = markup.paragraphs(prediction.frequency, prediction.reason)
    pictures = Markup('<div class="dfw-pictures">{}</div>').format(_pictures(known))
    return verdict.score(prediction) + sentences + pictures


def _pictures(known: Evidence) -> Markup:
    image = known.image
    height, width = image.shape[:2]
    size = f"{width} by {height} pixels"
    face = known.prediction.face
    if face is None:
        caption = "No face was judged: the whole picture was."
        return _figure(image, _PICTURE, f"The picture, {size}", caption)

    # In percent, so that it stays around the face however large the page shows the picture.
    frame = Markup(
        '<span class="dfw-frame dfw-chosen" '
        'style="left:{:.2%};top:{:.2%};width:{:.2%};height:{:.2%}"></span>'
    ).format(
        face.left / width,
        face.top / height,
        (face.right - face.left) / width,
        (face.bottom - face.top) / height,
    )
    whole = _figure(
        image,
        _PICTURE,
        f"The picture, {size}, a frame around the judged face",
        "The picture, with a frame around the face.",
        frame,
    )

    left, top, right, bottom = _window(known)
    judged = f"What was judged, {right - left} by {bottom - top} pixels of the picture"
    return whole + _figure(image[top:bottom, left:right], _FACE, judged, "What was judged.")


def map_section(known: Evidence) -> Markup:
    """Where the detector looked, and what that map is worth."""
    explanation = known.explanation
    if explanation is None:
        return _failed(known, "map", "There is no map.")
    if explanation.empty:
        return markup.paragraphs(EMPTY_MAP.format(toward=explanation.toward))

    # Only the part that was judged: beside a small face the rest would take the room.
    left, top, right, bottom = _window(known)
    heat = explanation.values[top:bottom, left:right]
    small = shrink(known.image[top:bottom, left:right], _FACE)
    resized = Image.fromarray(heat.astype(np.float32)).resize(
        small.shape[1::-1], Image.Resampling.BILINEAR
    )
    drawn = overlay(small, np.asarray(resized), _HEAT)

    place = sentences.hottest_place(heat)
    alt = f"Heat where the model looked, {place}"
    figure = _figure(drawn, _FACE, alt, f"The map by {explanation.method}.")
    text = markup.paragraphs(
        sentences.pull_sentence(explanation, place),
        CAVEAT,
        YELLOW,
        *sentences.worth_sentences(explanation),
    )
    text += _failed(known, "deletion") + _failed(known, "sanity")
    return Markup('<div class="dfw-beside">{}<div>{}</div></div>').format(figure, text)


def file_section(known: Evidence) -> Markup:
    """What the file says of itself."""
    # It comes from somebody's disk and may hold what no line of text can.
    name = clean(known.name)
    lines = {"Name": name} if name else {}
    if known.facts is None:
        return markup.facts(lines) + markup.paragraphs(NO_FILE)
    return markup.facts(lines | known.facts.sentences) + Markup(markup.quiet(PROVES_NOTHING))


def edges_section(known: Evidence) -> Markup:
    """Where "can't tell" begins and ends, and what that does to known faces."""
    edges = markup.paragraphs(_edges(known))
    record = known.record
    if record is None:
        return edges

    # Said beside the verdict already, where the score has a meaning in counts.
    measured = record.measured
    if measured in known.prediction.frequency:
        measured = ""
    text = edges + markup.paragraphs(measured, record.error)
    if not record.rates:
        return text
    table = markup.table(EDGE_COST_HEADS, record.rates)
    return text + markup.paragraphs("Of 100 faces each:") + table + markup.quiet(COUNTED)


def copies_section(known: Evidence) -> Markup:
    """What becomes of the verdict in changed copies of the picture."""
    if known.strip is None:
        return _failed(known, "copies", "There are no verdicts on changed copies.")
    sentence = markup.strong(known.strip.sentence)
    row = copies(known.strip, lambda image: _url(image, _THUMBNAIL))
    return markup.quiet(SENT_AGAIN) + sentence + row


def blind_spots_section() -> Markup:
    """What every verdict is blind to."""
    items = Markup("").join(Markup("<li>{}</li>").format(spot) for spot in BLIND_SPOTS)
    return Markup("<ul>{}</ul>").format(items)


def making_section(known: Evidence) -> Markup:
    """All that is needed to ask the same again."""
    lines: dict[str, str] = {}
    record = known.record
    if record is not None:
        lines["Model"] = record.name
        lines |= {f"SHA-256 of {file}": sha256 for file, sha256 in record.hashes.items()}
        if not record.hashes:
            lines["SHA-256"] = _NO_HASH

    # What was asked, and what came back before it was put into words.
    prediction = known.prediction
    face = prediction.face
    lines["Edges"] = _edges(known)
    lines["Face"] = "None: the whole picture was judged."
    if face is not None:
        lines["Face"] = f"{face.size:.0f} pixels wide."
    lines["Map"] = _map(known)
    logit = f"{prediction.p_fake:.4f}, {prediction.logit:.4f}"
    lines["Score, and the network's own number (logit)"] = logit

    # Last: other versions of these may give other digits.
    if record is not None:
        programs = (f"{program} {version}" for program, version in record.programs.items())
        lines["Programs"] = ", ".join(programs)
    return markup.facts(lines) + markup.quiet(_SMALLER)


def _map(known: Evidence) -> str:
    """How the map was made; where there is none, how it was to be made."""
    explanation = known.explanation
    if explanation is None:
        return f"{known.method}, toward {known.toward}"
    # A map without a sign is the same toward "fake" and toward "real".
    toward = f", toward {explanation.toward}" if explanation.signed else ""
    return f"{explanation.method}{toward}"


def _edges(known: Evidence) -> str:
    low, high = known.prediction.band
    if not known.by_hand:
        return OWN_EDGES.format(low=low, high=high)
    chosen = CHOSEN_EDGES.format(low=low, high=high)
    if known.record is None or known.record.band is None:
        return chosen
    own = THE_OWN_ARE.format(low=known.record.band[0], high=known.record.band[1])
    return f"{chosen} {own}"


def _failed(known: Evidence, what: str, sentence: str = "") -> Markup:
    text = f"{sentence} {known.failed.get(what, '')}".strip()
    return markup.error(text) if text else markup.NOTHING


def _window(known: Evidence) -> tuple[int, int, int, int]:
    return crop_window(known.image, known.prediction.face)


def _figure(
    image: np.ndarray, longer_side: int, alt: str, caption: str, above: Markup = markup.NOTHING
) -> Markup:
    return Markup(
        '<figure><div class="dfw-stage"><img src="{}" alt="{}">{}</div>'
        "<figcaption>{}</figcaption></figure>"
    ).format(_url(image, longer_side), alt, above, caption)


def _url(image: np.ndarray, longer_side: int) -> str:
    return "data:image/jpeg;base64," + b64encode(to_jpeg(shrink(image, longer_side))).decode()
