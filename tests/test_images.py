"""Whatever file a person sends, the picture comes out as they see it, or a sentence says why."""

import functools
import io
import re
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from dfwidgets.pictures.heat import overlay, viridis
from dfwidgets.pictures.images import ImageError, open_image, shrink, to_png
from dfwidgets.pictures.limits import MAX_BYTES

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "AVIF", "HEIF")
CAMERA_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "HEIF")


def saved(picture, kind, **options):
    if kind == "MPO":  # what phones write: a JPEG with a second picture behind it
        options |= {"save_all": True, "append_images": [picture]}
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(colour, mode="RGB", size=(8, 8)):
    return Image.new("RGB", size, colour).convert(mode)


def png(width, height, depth, colour_type, rows, *chunks):
    """A PNG made by hand, for what Pillow can't write."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)),
        *chunks,
    ]
    parts += [(b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def profile(space, pcs=b"XYZ ", **tags):
    """A colour profile (ICC.1, version 2.4) with these tags."""
    offset, table, body = 132 + 12 * (len(tags) + 2), b"", b""
    tags |= {
        "desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"x" + bytes(80),
        "wtpt": xyz(0.9642, 1, 0.8249),
    }
    for name, data in tags.items():
        table += name.encode() + struct.pack(">II", offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x", offset + len(body), 0x02400000, b"prtr", space, pcs, b"acsp"
    )
    return (
        head + xyz(0.9642, 1, 0.8249)[8:] + bytes(48) + struct.pack(">I", len(tags)) + table + body
    )


def xyz(*values):
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))


def gamma(value):
    return b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(value * 256))


# sRGB's primaries with red and green exchanged: who ignores this profile sees red where green is.
SWAPPED = profile(
    b"RGB ",
    rXYZ=xyz(0.3851, 0.7169, 0.0971),
    gXYZ=xyz(0.4361, 0.2225, 0.0139),
    bXYZ=xyz(0.1431, 0.0606, 0.7141),
    **dict.fromkeys(("rTRC", "gTRC", "bTRC"), gamma(2.2)),
)
LINEAR_GREY = profile(b"GRAY", kTRC=gamma(1.0))
# A press whose cyan is black and whose other inks print nothing: white for red.
BLACK_PRESS = profile(
    b"CMYK",
    b"Lab ",
    A2B0=b"mft1\0\0\0\0\4\3\2\0"
    + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    + bytes(range(256)) * 4
    + bytes((255, 128, 128)) * 8
    + bytes((0, 128, 128)) * 8
    + bytes(range(256)) * 3,
)


def refusal(source):
    """The sentence with which a file is refused; it must be fit for a person to read."""
    with pytest.raises(ImageError) as caught:
        open_image(source)
    text = str(caught.value)
    assert text[0].isupper()
    assert text.endswith(".")
    assert not re.search(r"Error|Exception|Warning|Traceback|object at|[/\\<>]", text), text
    return text


def assert_picture(image):
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert image.flags.c_contiguous
    assert image.flags.writeable


def assert_all(image, colour, within=0):
    assert_picture(image)
    assert np.abs(image.astype(int) - colour).max() <= within, image[0, 0]


# --- seen as a person sees it


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_opens_as_an_array_one_may_write_to(kind):
    assert_all(open_image(saved(plain((200, 100, 50)), kind)), (200, 100, 50), within=6)


def test_a_path_opens_like_its_bytes(tmp_path):
    file = tmp_path / "face.png"
    file.write_bytes(saved(plain(GREEN), "PNG"))
    assert_all(open_image(file), GREEN)
    assert_all(open_image(str(file)), GREEN)


@pytest.mark.parametrize("kind", CAMERA_FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_however_the_camera_was_held_the_picture_is_upright(kind, orientation):
    upright = np.zeros((8, 8, 3), np.uint8)
    upright[:4, :4], upright[:4, 4:], upright[4:, :4], upright[4:, 4:] = RED, GREEN, BLUE, WHITE
    # How a camera stores it, in words of EXIF: where the first row and the first column lie.
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    options = {"subsampling": 0, "quality": 95} if kind in ("JPEG", "MPO") else {"quality": 95}
    image = open_image(
        saved(Image.fromarray(np.ascontiguousarray(turned)), kind, exif=exif.tobytes(), **options)
    )
    for y, x in ((0, 0), (0, 7), (7, 0), (7, 7)):
        assert np.abs(image[y, x].astype(int) - upright[y, x]).max() < 90, (y, x)


def test_camera_data_damaged_elsewhere_does_not_leave_the_picture_on_its_side():
    exif = Image.Exif()
    exif[274] = 6
    exif[271] = "Maker"
    data = exif.tobytes()
    text_entry = struct.pack("<HH", 271, 2) if data[6:8] == b"II" else struct.pack(">HH", 271, 2)
    assert text_entry in data
    as_rational = text_entry[:2] + (b"\5\0" if data[6:8] == b"II" else b"\0\5")
    tall = open_image(
        saved(plain(RED, size=(16, 8)), "JPEG", exif=data.replace(text_entry, as_rational))
    )
    assert tall.shape == (16, 8, 3)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"]
)
def test_damaged_camera_data_does_not_cost_the_picture(exif):
    assert_all(open_image(saved(plain(RED), "JPEG", exif=exif)), RED, within=3)


def test_a_damaged_second_picture_of_a_phone_photo_does_not_cost_the_first():
    data = saved(plain(RED), "MPO")
    place = data.index(b"MPF\0") + 20
    assert_all(open_image(data[:place] + b"\xff" + data[place + 1 :]), RED, within=3)
    assert_all(open_image(data[: data.rindex(b"\xff\xd8\xff") + 9]), RED, within=3)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode):
    picture = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    picture.paste((90, 90, 90, 255), (0, 0, 4, 8))
    image = open_image(saved(picture.convert(mode), "PNG"))
    assert_all(np.ascontiguousarray(image[:, :4]), (90, 90, 90))
    assert_all(np.ascontiguousarray(image[:, 4:]), WHITE)


def test_a_half_transparent_red_is_pink():
    assert_all(
        open_image(saved(Image.new("RGBA", (8, 8), (255, 0, 0, 128)), "PNG")),
        (255, 127, 127),
        within=1,
    )


def test_a_colour_that_the_file_calls_transparent_is_white():
    picture = plain(RED)
    picture.paste(GREEN, (4, 0, 8, 8))
    image = open_image(saved(picture, "PNG", transparency=GREEN))
    assert tuple(image[0, 0]) == RED
    assert tuple(image[0, 7]) == WHITE


def test_16_bit_grey_is_scaled_and_not_clipped_to_white():
    ramp = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    image = open_image(saved(Image.fromarray(ramp), "PNG"))
    assert_picture(image)
    assert np.abs(image[..., 0] - ramp / 257).max() <= 0.5


def test_a_dark_16_bit_picture_stays_dark():
    assert_all(
        open_image(saved(Image.fromarray(np.full((8, 8), 250, np.uint16)), "PNG")), (1, 1, 1)
    )


def test_16_bit_grey_is_turned_upright_too():
    exif = Image.Exif()
    exif[274] = 6
    wide = Image.fromarray(np.zeros((8, 16), np.uint16))
    assert open_image(saved(wide, "PNG", exif=exif.tobytes())).shape == (16, 8, 3)


@pytest.mark.parametrize(("colour_type", "alpha"), [(2, ()), (6, (65535,))])
def test_16_bit_colour_is_scaled(colour_type, alpha):
    pixel = struct.pack(f">{3 + len(alpha)}H", 0xFFFF, 0x8080, 0x0101, *alpha)
    assert_all(
        open_image(png(4, 4, 16, colour_type, (b"\0" + pixel * 4) * 4)), (255, 128, 1), within=1
    )


@pytest.mark.parametrize(
    ("mode", "kind", "expected"),
    [
        ("1", "PNG", WHITE),
        ("L", "PNG", (76, 76, 76)),
        ("L", "JPEG", (76, 76, 76)),
        ("LA", "PNG", (76, 76, 76)),
        ("P", "PNG", RED),
        ("P", "GIF", RED),
        ("CMYK", "JPEG", RED),
    ],
)
def test_grey_palette_and_print_colours_come_out_as_rgb(mode, kind, expected):
    picture = plain(WHITE if mode == "1" else RED, mode)
    assert_all(open_image(saved(picture, kind)), expected, within=2)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_opened(kind):
    more = {"GIF": {}, "WEBP": {"lossless": True}, "PNG": {"default_image": False}}[kind]
    frames = [plain(BLUE), plain(GREEN)]
    data = saved(plain(RED), kind, save_all=True, append_images=frames, duration=50, **more)
    assert Image.open(io.BytesIO(data)).n_frames == 3
    assert_all(open_image(data), RED)


# --- colour profiles


@pytest.mark.parametrize("kind", CAMERA_FORMATS)
def test_colours_are_converted_from_the_profile_to_srgb(kind):
    assert_all(open_image(saved(plain(RED), kind, icc_profile=SWAPPED)), GREEN, within=6)


@pytest.mark.parametrize("mode", ["P", "RGBA"])
def test_a_profile_counts_for_palettes_and_transparency_too(mode):
    assert_all(open_image(saved(plain(RED, mode), "PNG", icc_profile=SWAPPED)), GREEN, within=2)


def test_transparency_survives_a_profile():
    picture = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    assert_all(open_image(saved(picture, "PNG", icc_profile=SWAPPED)), (127, 255, 127), within=2)


@pytest.mark.parametrize(("mode", "kind"), [("L", "PNG"), ("L", "JPEG"), ("LA", "PNG")])
def test_a_grey_profile_is_read_for_grey_pictures(mode, kind):
    picture = plain((128, 128, 128), mode)
    assert_all(open_image(saved(picture, kind, icc_profile=LINEAR_GREY)), (188, 188, 188), within=1)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_colour_profile_is_read_for_grey_pictures_too(mode):
    data = saved(
        plain((128, 128, 128), mode), "PNG", icc_profile=SWAPPED.replace(gamma(2.2), gamma(1.0))
    )
    assert_all(open_image(data), (188, 188, 188), within=2)


def test_a_print_profile_is_read_for_print_colours():
    assert_all(
        open_image(saved(plain(RED, "CMYK"), "JPEG", icc_profile=BLACK_PRESS)), WHITE, within=2
    )


def test_an_srgb_profile_changes_nothing():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    assert np.array_equal(open_image(saved(Image.fromarray(noise), "PNG", icc_profile=srgb)), noise)


@pytest.mark.parametrize(
    "broken", [b"nonsense", SWAPPED[:200], SWAPPED[:128] + b"\xff" * 200, LINEAR_GREY, BLACK_PRESS]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_broken_or_unfitting_profile_is_ignored(broken, kind):
    assert_all(open_image(saved(plain(RED), kind, icc_profile=broken)), RED, within=3)


# --- refused with a sentence


def huge(kind):
    if kind == "PNG":
        return png(13_000, 13_000, 1, 0, bytes((13_000 // 8 + 1) * 13_000))
    data = saved(plain(RED), kind)
    if kind == "GIF":
        return data[:6] + struct.pack("<HH", 13_000, 13_000) + data[10:]
    if kind == "BMP":
        return data[:18] + struct.pack("<ii", 13_000, 13_000) + data[26:]
    return data.replace(b"\x08\0\x08\0\x08\x03", struct.pack(">BHHB", 8, 13_000, 13_000, 3))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP"])
def test_a_small_file_with_far_too_many_pixels_is_refused_by_its_header(kind):
    data = huge(kind)
    assert len(data) < 25_000
    Image.core.reset_stats()
    assert "13,000 x 13,000 pixels; the limit is 40 million" in refusal(data)
    assert Image.core.get_stats()["new_count"] == 0, "memory for the pixels was taken"


def test_a_picture_beyond_pillows_own_limit_gets_a_sentence_too():
    data = huge("BMP")
    data = data[:18] + struct.pack("<ii", 60_000, 60_000) + data[26:]
    assert "limit is 40 million" in refusal(data)


@pytest.mark.parametrize("kind", ["TIFF", "ICO", "PPM", "EPS", "JPEG2000", "TGA", "PCX"])
def test_other_formats_are_refused(kind):
    assert "Send a JPEG or PNG." in refusal(saved(plain(RED, size=(16, 16)), kind))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"Dear diary, today I wrote no picture.", "a text file"),
        ("Liebes Tagebuch, schön".encode() * 100, "a text file"),
        (b"<!DOCTYPE html><title>404</title>", "a web page"),
        (b"\xef\xbb\xbf\r\n<html><body>404</body></html>", "a web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "a ZIP archive"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a video"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "a sound or a video"),
        (saved(plain(RED), "TIFF"), "a TIFF picture"),
    ],
)
def test_the_sentence_says_what_the_file_looks_like(tmp_path, data, kind):
    file = tmp_path / "renamed.jpg"
    file.write_bytes(data)
    assert f"looks like {kind}" in refusal(file)


@pytest.mark.parametrize("length", [1, 100, 5000])
def test_random_bytes_are_refused_without_a_guess(length):
    text = refusal(b"\xf7" + np.random.default_rng(0).bytes(length))
    assert text == "This is not a picture we can read. Send a JPEG or PNG."


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_cut_short_is_called_damaged(kind):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    data = saved(noise, kind)
    half = data[: len(data) // (4 if kind == "MPO" else 2)]
    assert "damaged or cut short" in refusal(half)
    assert "damaged or cut short" in refusal(data[:24])


def test_an_empty_file_is_called_empty(tmp_path):
    file = tmp_path / "face.jpg"
    file.touch()
    assert "empty" in refusal(file)
    assert "empty" in refusal(b"")


def test_a_folder_is_called_a_folder(tmp_path):
    assert "folder" in refusal(tmp_path)


def test_a_missing_file_is_a_file_not_found_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_image(tmp_path / "nobody.jpg")


def test_a_file_over_25_mb_is_refused_and_never_said_to_be_within_the_limit(tmp_path):
    file = tmp_path / "face.jpg"
    with file.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert "26 MB; the limit is 25 MB" in refusal(file)
    assert "26 MB; the limit is 25 MB" in refusal(bytes(MAX_BYTES + 1))


# --- damaged at random


@functools.cache
def small_file(kind):
    """A small but full file: gradient, camera data, profile, transparency where it can have one."""
    y, x = np.mgrid[:12, :20].astype(np.uint8) * 12
    picture = Image.fromarray(np.stack([x, y, 255 - x], axis=2))
    if kind in ("GIF", "BMP"):
        return saved(picture, kind)
    exif = Image.Exif()
    exif[274], exif[271], exif[282] = 6, "Maker", 72.0
    if kind in ("PNG", "WEBP"):
        picture.putalpha(Image.fromarray(y))
    return saved(picture, kind, exif=exif.tobytes(), icc_profile=SWAPPED)


damage = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "duplicate"]),
        st.floats(0, 1),
        st.integers(1, 255),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("kind", FORMATS)
@given(steps=damage)
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_gives_a_picture_or_a_sentence_and_nothing_else(kind, steps):
    data = small_file(kind)
    for what, where, value in steps:
        i = int(where * max(len(data) - 1, 0))
        if what == "flip":
            data = data[:i] + bytes([data[i] ^ value]) + data[i + 1 :] if data else data
        elif what == "cut":
            data = data[:i] + data[i + value :]
        elif what == "insert":
            data = data[:i] + bytes([value]) * (value % 9) + data[i:]
        else:
            data = data[: i + value] + data[i:]
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            image = open_image(data)
        except ImageError:
            image = None
    assert not heard
    if image is not None:
        assert_picture(image)


# --- pictures out, and heat


def test_a_picture_survives_the_way_to_png_and_back():
    noise = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)
    assert np.array_equal(open_image(to_png(noise)), noise)


@pytest.mark.parametrize(
    ("shape", "small"), [((400, 200, 3), (100, 50, 3)), ((3, 900, 3), (1, 100, 3))]
)
def test_shrink_keeps_the_proportions(shape, small):
    assert shrink(np.full(shape, 77, np.uint8), 100).shape == small


def test_shrink_leaves_a_small_picture_alone():
    image = np.zeros((40, 100, 3), np.uint8)
    assert shrink(image, 100) is image


def test_our_viridis_is_everybodys_viridis():
    from matplotlib import colormaps

    theirs = colormaps["viridis"](np.arange(256))[:, :3] * 255
    assert np.abs(viridis(np.arange(256) / 255) - theirs).max() <= 2


def test_numbers_outside_0_to_1_take_the_colour_of_the_nearer_end():
    ends = viridis(np.array([0.0, 1.0]))
    assert np.array_equal(viridis(np.array([-3.0, 7.0])), ends)


def test_no_heat_or_no_opacity_leaves_the_picture_alone():
    image = np.random.default_rng(0).integers(0, 256, (6, 4, 3), np.uint8)
    assert np.array_equal(overlay(image, np.zeros((6, 4)), 1), image)
    assert np.array_equal(overlay(image, np.ones((6, 4)), 0), image)


def test_heat_colours_its_own_place_only():
    image = np.full((6, 4, 3), 100, np.uint8)
    heat = np.zeros((6, 4))
    heat[2, 1] = 1
    laid = overlay(image, heat, 1)
    assert tuple(laid[2, 1]) == (253, 231, 37)
    laid[2, 1] = 100
    assert np.array_equal(laid, image)


@pytest.mark.parametrize("shape", [(4, 6), (6, 5), (6, 4, 1), (1, 1)])
def test_a_heatmap_of_another_shape_is_an_error(shape):
    with pytest.raises(ValueError, match=r"expected a heatmap of shape \(6, 4\)"):
        overlay(np.zeros((6, 4, 3), np.uint8), np.zeros(shape))


@pytest.mark.parametrize("opacity", [-0.1, 1.1, float("nan")])
def test_an_opacity_outside_0_to_1_is_an_error(opacity):
    with pytest.raises(ValueError, match="expected an opacity"):
        overlay(np.zeros((6, 4, 3), np.uint8), np.zeros((6, 4)), opacity)
