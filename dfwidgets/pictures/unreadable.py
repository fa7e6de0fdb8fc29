"""What to tell the person whose file is no picture that can be read, going by its first bytes."""

from __future__ import annotations

SEND_ANOTHER = "Send a JPEG or PNG."

# What people rename to .jpg, by the bytes such files begin with.
_LOOKS_LIKE = (
    (b"%!PS", "a PostScript drawing"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"8BPS", "a Photoshop file"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"RIFF", "a sound or a video"),
    (b"ID3", "a sound"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_HEAD = 512  # bytes that are looked at

# Pictures of the formats that are opened: how such files begin, or what stands after a length.
_PICTURES = (b"\xff\xd8", b"\x89PNG", b"GIF8")
_HEIF_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")


def why_unreadable(data: bytes) -> str:
    """Say that a file is damaged, or what it looks like instead of a picture, and what to do."""
    if _begins_as_picture(data):
        return (
            "This picture is damaged or cut short and can't be read to its end. "
            "Download or save it again, then send the new copy."
        )
    kind = _kind(data)
    if kind:
        return f"This is not a picture we can read: it looks like {kind}. {SEND_ANOTHER}"
    return f"This is not a picture we can read. {SEND_ANOTHER}"


def _begins_as_picture(data: bytes) -> bool:
    if data.startswith(_PICTURES) or data[8:12] == b"WEBP":
        return True
    # "BM" alone begins many a text; in a bitmap four bytes after its length are 0.
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return True
    # Videos have the same box, with other brands.
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def _kind(data: bytes) -> str | None:
    """What the file looks like; None where nothing is known of such bytes."""
    head = data[:_HEAD]
    for start, name in _LOOKS_LIKE:
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return "a video"

    text = _as_text(head, is_whole=len(data) <= _HEAD)
    if text is None:
        return None
    if "<svg" in text:
        return "an SVG drawing"
    if text.startswith(("<!doctype html", "<html")):
        return "a web page"
    if all(letter.isprintable() or letter in "\r\n\t" for letter in text):
        return "a text file"
    return None


def _as_text(head: bytes, *, is_whole: bool) -> str | None:
    """The beginning of a file as small letters; None where it is no text."""
    # Where more follows, the last letter may have been cut in two.
    errors = "strict" if is_whole else "ignore"
    try:
        return head.decode("utf-8-sig", errors).lstrip().lower()
    except UnicodeDecodeError:
        return None
