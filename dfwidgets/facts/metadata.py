"""What the EXIF and XMP fields of a picture file say; anybody can have written them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from PIL import ExifTags, Image

from dfwidgets.quiet import recorded_warnings

# The words for "made" and "changed by AI" (IPTC NewsCodes, Digital Source Type).
AI_SOURCES = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")

# A JPEG's EXIF has at most 64 KB; a longer one would only cost time and memory.
_MAX_EXIF = 256 * 1024
_MAX_TEXT = 80
_PLACES = {
    ExifTags.GPS.GPSLatitude,
    ExifTags.GPS.GPSLongitude,
    ExifTags.GPS.GPSDestLatitude,
    ExifTags.GPS.GPSDestLongitude,
    ExifTags.GPS.GPSAreaInformation,
}
_XMP_PLACES = (
    b"GPSLatitude",
    b"GPSLongitude",
    b"photoshop:City",
    b"Iptc4xmpCore:Location",
    b"Iptc4xmpExt:Location",
)


@dataclass(frozen=True)
class Metadata:
    """What a picture file says of itself; texts are short, without control characters, and not escaped.

    Attributes:
        camera: make and model; "" where none is noted.
        software: the program named last; "" where none is.
        taken: by the camera's clock; None where no date is noted.
        changed: when a program last wrote the file, by its own clock.
        location: it holds a place: True, False, or None where a part of it can't be read.
        says_ai: it says that it was made or changed by AI.
        turned: it is shown turned by a quarter, so that width and height change places.
    """

    camera: str = ""
    software: str = ""
    taken: datetime | None = None
    changed: datetime | None = None
    location: bool | None = False
    says_ai: bool = False
    turned: bool = False


def read_metadata(picture: Image.Image, data: bytes) -> Metadata:
    """Read the fields of a picture that was opened but not decoded; `data` is the whole file.

    What is damaged counts as not there, save for a location, which then may be there.
    """
    xmp = _bytes(picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp"))
    fields, details, places, damaged = _exif(_exif_bytes(picture, data))
    location = bool(places) or any(name in xmp for name in _XMP_PLACES)
    make, model = _text(fields.get(ExifTags.Base.Make)), _text(fields.get(ExifTags.Base.Model))
    return Metadata(
        camera=clean(model if model.lower().startswith(make.lower()) else f"{make} {model}"),
        software=_text(fields.get(ExifTags.Base.Software)) or clean(picture.info.get("Software")),
        taken=_date(details.get(ExifTags.Base.DateTimeOriginal)),
        changed=_date(fields.get(ExifTags.Base.DateTime)),
        location=location or (None if damaged else False),
        says_ai=any(source.encode() in xmp for source in AI_SOURCES),
        turned=fields.get(ExifTags.Base.Orientation) in (5, 6, 7, 8),
    )


def clean(value: object) -> str:
    """Text from a file in one short line, without what is not seen; "" for anything but text."""
    if not isinstance(value, str):
        return ""
    words = " ".join(value[: 10 * _MAX_TEXT].split())
    seen = "".join(letter for letter in words if letter.isprintable()).strip()
    return seen if len(seen) <= _MAX_TEXT else f"{seen[: _MAX_TEXT - 3]}..."


def _exif_bytes(picture: Image.Image, data: bytes) -> bytes:
    # Not picture.getexif(): for a PNG without EXIF before its pixels that would decode all of them.
    raw = _bytes(picture.info.get("exif"))
    at = data.find(b"eXIf") if picture.format == "PNG" and not raw else -1
    if at >= 4:  # a chunk after the pixels: its length, its name, its bytes
        raw = data[at + 4 : at + 4 + int.from_bytes(data[at - 4 : at])]
    return raw


def _exif(raw: bytes) -> tuple[dict[int, object], dict[int, object], bool, bool]:
    """The main fields, those of the camera, whether there is a place, and whether a part can't be
    read."""
    if len(raw) > _MAX_EXIF:
        return {}, {}, False, True
    fields: dict[int, object] = {}
    details: dict[int, object] = {}
    places, damaged = False, bool(raw)
    exif = Image.Exif()
    # Pillow warns of what it leaves out.
    with recorded_warnings() as left_out, suppress(Exception):
        exif.load(raw)
        fields = {tag: exif.get(tag) for tag in exif}
        places = ExifTags.IFD.GPSInfo in fields  # until it is read
        if places:
            places = not _PLACES.isdisjoint(exif.get_ifd(ExifTags.IFD.GPSInfo))
        details = dict(exif.get_ifd(ExifTags.IFD.Exif))
        damaged = False
    return fields, details, places, damaged or bool(left_out)


def _text(value: object) -> str:
    """A field of EXIF: Pillow reads the bytes as Latin-1, most programs write UTF-8."""
    value = _bytes(value).decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(value, str):
        return ""
    value = value[: 10 * _MAX_TEXT].partition("\0")[0]
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    return clean(value)


def _date(value: object) -> datetime | None:
    with suppress(ValueError):
        return datetime.strptime(_text(value), "%Y:%m:%d %H:%M:%S")
    return None


def _bytes(value: object) -> bytes:
    return (
        value
        if isinstance(value, bytes)
        else value.encode(errors="replace")
        if isinstance(value, str)
        else b""
    )
