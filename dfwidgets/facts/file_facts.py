"""What a picture's file says of itself, in facts and in sentences; none of it proves anything."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from PIL import Image

from dfwidgets.facts.credentials import Credentials, read_credentials
from dfwidgets.facts.jpeg_tables import JpegTables, guess_tables
from dfwidgets.facts.metadata import Metadata, read_metadata
from dfwidgets.pictures import FORMATS
from dfwidgets.quiet import QUIET_WARNINGS
from dfwidgets.shipped import how_to_add

_NAMES = {"MPO": "JPEG with several pictures (MPO)", "WEBP": "WebP", "HEIF": "HEIF (as HEIC)"}
_CREDENTIALS = {
    "none": "None found. That means nothing: most pictures have none, and they are easily removed.",
    "valid": (
        "Signed, and not changed since, but by nobody this page knows: it has no list of signers "
        "to trust."
    ),
    "changed": "They do not fit: the file was changed after it was signed.",
    "expired": "They can't be relied on: the certificate of the signature has run out.",
    "invalid": "They are not valid: the signature, or what was signed, is damaged or was changed.",
    "elsewhere": (
        "The file names an address where some are kept. This page asks no other computer, so "
        "nothing was checked."
    ),
    "unreadable": "There seem to be some, but they are damaged and can't be read.",
    "not checked": (
        "There seem to be some, but c2pa-python is missing here to check them. "
        + how_to_add("provenance")
    ),
}
_LOCATION = {
    True: ("It contains a location. It is not shown here, but whoever gets the file can read it."),
    False: "None found.",
    None: "Can't tell: a part of its camera data can't be read.",
}


@dataclass(frozen=True)
class FileFacts:
    """What the bytes of a picture file say; anybody can have written it, so it proves nothing.

    Attributes:
        size: bytes.
        sha256: 64 hexadecimal digits; two files with the same are the same.
        format: as Pillow names it ("JPEG", "PNG", "MPO"); "" where it is no picture that can be
            read.
        width: pixels, as the picture is seen; 0 where unknown.
        height: pixels, as the picture is seen; 0 where unknown.
        metadata: camera, software, dates, and whether there is a location, which is never kept.
        tables: a guess of how a JPEG was compressed; None for other formats.
        credentials: the Content Credentials.
    """

    size: int
    sha256: str
    format: str = ""
    width: int = 0
    height: int = 0
    metadata: Metadata = field(default_factory=Metadata)
    tables: JpegTables | None = None
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def sentences(self) -> dict[str, str]:
        """The facts as a person reads them, by what they are about.

        Plain text, to be escaped before it is shown.
        """
        metadata = self.metadata
        credentials = self.credentials
        sentences = {
            "File": self._file(),
            "Camera": _noted(metadata.camera),
            "Software": _noted(metadata.software),
            "Taken": _when(metadata.taken),
            "Last changed": _when(metadata.changed),
            "Location": _LOCATION[metadata.location],
        }

        # Lines that only some files have; what a person looks for last is the fingerprint.
        if self.tables:
            sentences["JPEG tables"] = _tables(self.tables)
        sentences["Content Credentials"] = _CREDENTIALS[credentials.state] + _names(credentials)
        if metadata.says_ai or credentials.says_ai:
            sentences["Made with AI"] = "The file itself says that it was made or changed by AI."
        sentences["SHA-256"] = self.sha256
        return sentences

    def _file(self) -> str:
        parts = [_NAMES.get(self.format, self.format) or "No picture that can be read"]
        if self.width:
            parts.append(f"{self.width:,} x {self.height:,} pixels")
        parts.append(_bytes(self.size))
        return f"{', '.join(parts)}."


def read_facts(source: str | Path | bytes) -> FileFacts:
    """Read what a picture file says of itself: no pixels, and nothing from the network.

    Whatever is in the file, this does not fail: what is damaged, absurd or missing counts as not
    noted.

    Args:
        source: a file's path, or its bytes.

    Raises:
        FileNotFoundError: there is no file at that path.
    """
    data = Path(source).read_bytes() if isinstance(source, (str, Path)) else bytes(source)
    facts = FileFacts(
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        credentials=read_credentials(data),
    )
    # Decoders raise whatever they like on damaged bytes; what was read until then is kept.
    file = io.BytesIO(data)
    with QUIET_WARNINGS, suppress(Exception), Image.open(file, formats=FORMATS) as picture:
        facts = _with_metadata(facts, picture, data)
        facts = replace(facts, tables=guess_tables(getattr(picture, "quantization", {})))
    return facts


def _with_metadata(facts: FileFacts, picture: Image.Image, data: bytes) -> FileFacts:
    metadata = read_metadata(picture, data)
    width, height = picture.size
    if metadata.turned:
        height, width = picture.size
    return replace(
        facts, format=picture.format or "", width=width, height=height, metadata=metadata
    )


def _noted(text: str) -> str:
    if not text:
        return "None noted."
    return f"Noted: {text}"


def _when(date: datetime | None) -> str:
    if date is None:
        return "No date noted."
    return f"Noted: {date:%Y-%m-%d %H:%M}"


def _bytes(size: int) -> str:
    if size < 10_000:
        return f"{size:,} bytes"
    return f"{size / 1000:,.0f} KB"


def _tables(tables: JpegTables) -> str:
    if tables.standard:
        return (
            f"The standard ones, at quality {tables.quality} of 100. "
            "Many programs and websites save so."
        )
    return (
        f"Not the standard ones, about as fine as quality {tables.quality} of 100. "
        "Many cameras and some programs have tables of their own."
    )


def _names(credentials: Credentials) -> str:
    names = []
    if credentials.signer:
        names.append(f'"{credentials.signer}" (signature)')
    if credentials.tool:
        names.append(f'"{credentials.tool}" (program)')
    if not names:
        return ""
    return f" Names in it, which anyone can write: {', '.join(names)}."
