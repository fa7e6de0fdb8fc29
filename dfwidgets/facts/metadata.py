"""What the EXIF and XMP fields of a picture file say; anybody can have written them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from dfwidgets.quiet import recorded_warnings

# The words for "made" and "changed by AI" (IPTC NewsCodes, Digital Source Type).
AI_SOURCES = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")

# A JPEG's EXIF has at most 64 KB; a longer one would only cost time and memory.
_MAX_EXIF = 256 * 1024
_MAX_TEXT = 80

# Orientations that change width and height (EXIF 2.3): lying on a side, mirrored or not.
_QUARTER_TURNS = (5, 6, 7, 8)

# What tells a place. A satellite's time and a compass tell none.
_PLACES = {
    GPS.GPSLatitude,
    GPS.GPSLongitude,
    GPS.GPSDestLatitude,
    GPS.GPSDestLongitude,
    GPS.GPSAreaInformation,
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
    """What a picture file says of itself.

    Texts are short, without control characters, and not escaped.

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
    # Pillow keeps XMP under the second name where it comes from a PNG.
    xmp = _bytes(picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp"))
    exif = _read_exif(_exif_bytes(picture, data))

    location: bool | None = False
    if exif.has_place or any(name in xmp for name in _XMP_PLACES):
        location = True
    elif exif.damaged:
        location = None

    return Metadata(
        camera=_camera(exif.main),
        software=_text(exif.main.get(Base.Software)) or clean(picture.info.get("Software")),
        taken=_date(exif.camera.get(Base.DateTimeOriginal)),
        changed=_date(exif.main.get(Base.DateTime)),
        location=location,
        says_ai=any(source.encode() in xmp for source in AI_SOURCES),
        turned=exif.main.get(Base.Orientation) in _QUARTER_TURNS,
    )


def clean(value: object) -> str:
    """Text from a file in one short line, without what is not seen; "" for anything but text."""
    if not isinstance(value, str):
        return ""
    words = " ".join(value[: 10 * _MAX_TEXT].split())
    seen = "".join(letter for letter in words if letter.isprintable()).strip()
    if len(seen) > _MAX_TEXT:
        return f"{seen[: _MAX_TEXT - 3]}..."
    return seen


def _exif_bytes(picture: Image.Image, data: bytes) -> bytes:
    # Not picture.getexif(): for a PNG without EXIF before its pixels that would decode all of them.
    raw = _bytes(picture.info.get("exif"))
    if raw or picture.format != "PNG":
        return raw

    # A chunk after the pixels: its length in four bytes, its name, its bytes.
    name = data.find(b"eXIf")
    if name < 4:
        return b""
    length = int.from_bytes(data[name - 4 : name])
    return data[name + 4 : name + 4 + length]


@dataclass(frozen=True)
class _Exif:
    """The fields of EXIF by their numbers, and what else was found out about them."""

    main: dict[int, object] = field(default_factory=dict)
    camera: dict[int, object] = field(default_factory=dict)
    has_place: bool = False
    damaged: bool = False
    """A part of it can't be read."""


def _read_exif(raw: bytes) -> _Exif:
    if not raw:
        return _Exif()
    if len(raw) > _MAX_EXIF:
        return _Exif(damaged=True)

    main: dict[int, object] = {}
    camera: dict[int, object] = {}
    has_place = False
    complete = False
    exif = Image.Exif()
    # Each line may fail, and what was read before it is kept. Pillow warns of what it leaves out.
    with recorded_warnings() as left_out, suppress(Exception):
        exif.load(raw)
        main = {tag: exif.get(tag) for tag in exif}
        # Where it can't be read, there may be a place in it.
        has_place = IFD.GPSInfo in main
        if has_place:
            has_place = not _PLACES.isdisjoint(exif.get_ifd(IFD.GPSInfo))
        camera = dict(exif.get_ifd(IFD.Exif))
        complete = True
    return _Exif(main, camera, has_place, damaged=not complete or bool(left_out))


def _camera(main: dict[int, object]) -> str:
    """Make and model in one; many models begin with their make."""
    make = _text(main.get(Base.Make))
    model = _text(main.get(Base.Model))
    if model.lower().startswith(make.lower()):
        return clean(model)
    return clean(f"{make} {model}")


def _text(value: object) -> str:
    """A field of EXIF: Pillow reads the bytes as Latin-1, most programs write UTF-8."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return ""
    # A text ends with a zero; what some programs leave behind it was never meant.
    text = value[: 10 * _MAX_TEXT].partition("\0")[0]
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    return clean(text)


def _date(value: object) -> datetime | None:
    with suppress(ValueError):
        return datetime.strptime(_text(value), "%Y:%m:%d %H:%M:%S")
    return None


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode(errors="replace")
    return b""
