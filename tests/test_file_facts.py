"""What a file says is read from any file, in short plain text; the place in it is never shown."""

import hashlib
import io
import struct
import zlib
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

import dfwidgets as df
from dfwidgets.facts.file_facts import FileFacts
from dfwidgets.facts.jpeg_tables import JpegTables, guess_tables
from dfwidgets.facts.metadata import clean
from tests.helpers import CAMERA, NORTH, exif, picture_bytes

Base, Gps = ExifTags.Base, ExifTags.GPS


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "MPO"])
def test_every_kind_of_file_tells_its_camera_and_keeps_its_place_to_itself(kind):
    several = (
        {"save_all": True, "append_images": [Image.new("RGB", (80, 64))]} if kind == "MPO" else {}
    )
    facts = df.read_facts(picture_bytes(kind, (80, 64), exif=CAMERA, **several))
    metadata = facts.metadata
    assert (facts.format, facts.width, facts.height) == (kind, 80, 64)
    assert (metadata.camera, metadata.software) == ("Canon EOS 5D", "Darkroom 3.1")
    assert (metadata.taken, metadata.changed) == (
        datetime(2021, 5, 4, 3, 2, 1),
        datetime(2021, 5, 6, 7, 8, 9),
    )
    assert metadata.location is True
    assert "It contains a location." in facts.sentences["Location"]
    for number in ("48", "51", "29", "17", "40.2"):
        assert number not in facts.sentences["Location"] + repr(metadata)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_a_file_that_says_nothing_is_said_to_say_nothing(kind):
    facts = df.read_facts(picture_bytes(kind))
    assert facts.sentences["Camera"] == facts.sentences["Software"] == "None noted."
    assert facts.sentences["Taken"] == facts.sentences["Last changed"] == "No date noted."
    assert facts.sentences["Location"] == "None found."
    assert "That means nothing" in facts.sentences["Content Credentials"]
    assert "Made with AI" not in facts.sentences


def test_the_fingerprint_and_the_size_are_those_of_the_bytes(tmp_path):
    data = picture_bytes()
    (tmp_path / "a.jpg").write_bytes(data)
    facts = df.read_facts(tmp_path / "a.jpg")
    assert facts == df.read_facts(data)
    assert facts.sha256 == facts.sentences["SHA-256"] == hashlib.sha256(data).hexdigest()
    assert f"24 x 16 pixels, {len(data):,} bytes" in facts.sentences["File"]
    with pytest.raises(FileNotFoundError):
        df.read_facts(tmp_path / "nothing.jpg")


@pytest.mark.parametrize(
    ("orientation", "width", "height"),
    [
        (1, 24, 16),
        (2, 24, 16),
        (3, 24, 16),
        (4, 24, 16),
        (5, 16, 24),
        (6, 16, 24),
        (7, 16, 24),
        (8, 16, 24),
        (9, 24, 16),
    ],
)
def test_a_picture_on_its_side_has_the_size_that_people_see(orientation, width, height):
    data = picture_bytes(exif=exif({Base.Orientation: orientation}))
    facts = df.read_facts(data)
    assert (facts.width, facts.height) == (width, height)
    assert df.open_image(data).shape[:2] == (height, width)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_quality_that_pillow_saved_with_is_found_again(mode):
    picture = Image.new(mode, (8, 8))
    found = []
    for quality in range(1, 101):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        found.append(df.read_facts(buffer.getvalue()).tables)
    assert found == [JpegTables(quality, standard=True) for quality in range(1, 101)]


def test_tables_of_its_own_are_told_from_the_standard_ones():
    standard = Image.open(io.BytesIO(picture_bytes(quality=90))).quantization
    own = [list(standard[0]), list(standard[1])]
    own[1][5] += 1
    tables = df.read_facts(picture_bytes(qtables=own)).tables
    assert tables == JpegTables(90, standard=False)
    flat = df.read_facts(picture_bytes(qtables=[[3] * 64, [3] * 64]))
    assert not flat.tables.standard
    assert "Not the standard ones" in flat.sentences["JPEG tables"]
    assert guess_tables({}) is None
    assert guess_tables({0: [1, 2]}) is None
    assert df.read_facts(picture_bytes("PNG")).tables is None


def test_text_from_a_file_is_one_short_line_that_hides_nothing():
    long = exif(
        {Base.Make: "A" * 50_000, Base.Software: "tool\r\n\x1b[31m\u202eevil\x00after".encode()}
    )
    metadata = df.read_facts(picture_bytes("PNG", exif=long)).metadata
    assert metadata.camera == "A" * 77 + "..."
    assert metadata.software == "tool [31mevil"
    assert clean(b"bytes") == clean(None) == clean(7) == ""


def test_a_name_in_utf_8_is_read_and_one_in_no_encoding_is_no_error():
    assert (
        df.read_facts(
            picture_bytes(exif=exif({Base.Software: "Bildschön ✓".encode()}))
        ).metadata.software
        == "Bildschön ✓"
    )
    assert (
        df.read_facts(picture_bytes(exif=exif({Base.Software: b"caf\xe9"}))).metadata.software
        == "café"
    )


def test_markup_stays_text_here_and_is_escaped_where_it_is_shown():
    facts = df.read_facts(picture_bytes(exif=exif({Base.Model: "<script>alert(1)</script>"})))
    assert facts.metadata.camera == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "date", ["0000:00:00 00:00:00", "yesterday", "2021:13:45 99:99:99", "    :  :     :  :  ", ""]
)
def test_a_date_that_is_none_is_not_shown(date):
    assert (
        df.read_facts(picture_bytes(exif=exif({Base.DateTime: date}))).sentences["Last changed"]
        == "No date noted."
    )


def test_fields_with_values_of_another_kind_count_as_not_noted():
    numbers = [
        Base.Make,
        Base.Model,
        Base.Software,
        Base.DateTime,
        Base.Orientation,
        ExifTags.IFD.Exif,
    ]
    fields = b"".join(
        struct.pack(">HHL4s", tag, 3, 1, bytes([1, 2, 0, 0])) for tag in sorted(numbers)
    )
    odd = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(numbers)) + fields + bytes(4)
    facts = df.read_facts(picture_bytes(exif=odd))
    metadata = facts.metadata
    assert facts.format == "JPEG"
    assert (
        metadata.camera,
        metadata.software,
        metadata.taken,
        metadata.changed,
        metadata.turned,
    ) == (
        "",
        "",
        None,
        None,
        False,
    )


def test_only_the_time_of_a_satellite_is_no_location():
    timed = picture_bytes(
        exif=exif(gps={Gps.GPSVersionID: b"\2\3\0\0", Gps.GPSDateStamp: "2021:01:01"})
    )
    assert df.read_facts(timed).metadata.location is False


def test_where_the_camera_data_is_damaged_no_location_is_ruled_out():
    cut = CAMERA[: CAMERA.index(b"Darkroom")]
    for damaged in (
        cut,
        b"Exif\0\0garbage",
        CAMERA[:20],
        b"Exif\0\0" + b"II*\0\x08\0\0\0" + bytes([255]) * 300_000,
    ):
        facts = df.read_facts(picture_bytes("PNG", exif=damaged))
        assert facts.format == "PNG"
        assert facts.metadata.location is not False
    assert "can't be read" in df.read_facts(picture_bytes(exif=CAMERA[:20])).sentences["Location"]


@pytest.mark.parametrize(
    "word", [b"exif:GPSLatitude='48,51N'", b"<photoshop:City>Paris</photoshop:City>"]
)
def test_a_location_in_xmp_counts_too(word):
    facts = df.read_facts(picture_bytes(xmp=b"<x:xmpmeta>" + word + b"</x:xmpmeta>"))
    assert facts.metadata.location is True
    assert "Paris" not in str(facts)


def test_a_png_that_notes_its_camera_after_the_pixels_is_read_to_its_end_without_decoding_it():
    plain, noted = (
        picture_bytes("PNG"),
        exif({Base.Model: "Late"}, gps=NORTH).removeprefix(b"Exif\0\0"),
    )
    end = plain.index(b"IEND") - 4
    chunk = struct.pack(">I", len(noted)) + b"eXIf" + noted + bytes(4)
    metadata = df.read_facts(plain[:end] + chunk + plain[end:]).metadata
    assert (metadata.camera, metadata.location) == ("Late", True)


def test_a_file_that_says_it_was_made_with_ai_is_heard():
    source = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    facts = df.read_facts(
        picture_bytes(xmp=b"<x:xmpmeta Iptc4xmpExt:DigitalSourceType='" + source + b"'/>")
    )
    assert "made or changed by AI" in facts.sentences["Made with AI"]


def test_a_picture_of_far_too_many_pixels_is_measured_and_not_decoded():
    huge = bytearray(picture_bytes("PNG"))
    huge[16:24] = struct.pack(">II", 12_000, 12_000)
    huge[29:33] = struct.pack(">I", zlib.crc32(huge[12:29]))
    assert "12,000 x 12,000 pixels" in df.read_facts(bytes(huge)).sentences["File"]


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", bytes(5000)]
)
def test_what_is_no_picture_has_its_size_and_fingerprint_and_no_more(data):
    facts = df.read_facts(data)
    assert facts == FileFacts(len(data), hashlib.sha256(data).hexdigest())
    assert "No picture that can be read" in facts.sentences["File"]


SMALL = picture_bytes(exif=CAMERA, xmp=b"<x:xmpmeta/>")


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, len(SMALL)),
    st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), max_size=8),
)
@example(0, [])
def test_cut_and_flipped_bytes_never_fail_and_never_make_a_long_or_hidden_text(end, flips):
    data = bytearray(SMALL)
    for at, value in flips:
        data[at] = value
    facts = df.read_facts(bytes(data[:end]))
    for sentence in facts.sentences.values():
        assert sentence.isprintable()
        assert len(sentence) < 300


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_camera_data_of_any_bytes_never_fails(noise):
    facts = df.read_facts(picture_bytes("PNG", exif=b"Exif\0\0MM\0*\0\0\0\x08" + noise))
    assert facts.format == "PNG"
