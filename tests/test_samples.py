"""Whatever folder a teacher names, its pictures are listed, or a sentence says what is wrong with
it."""

import os
import random
import sys
from contextlib import contextmanager

import pytest

import dfwidgets as df
from dfwidgets.folders.notices import DEPTH
from dfwidgets.pictures.images import MAX_BYTES
from tests.helpers import fill, save_picture

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other links and rights")


def names(samples):
    return [samples.name(sample) for sample in samples]


def only_notice(samples, *words):
    """The one notice, which has to hold the words."""
    assert len(samples.notices) == 1, samples.notices
    for word in words:
        assert str(word) in samples.notices[0], samples.notices
    return samples.notices[0]


@contextmanager
def as_visitor():
    """Without the rights of root, for whom nothing is locked."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_a_good_folder_is_listed_by_name_and_nothing_is_said(tmp_path):
    samples = df.load_samples(str(fill(tmp_path)))
    assert names(samples) == ["Fake/f00.jpg", "Fake/f01.jpg", "Real/r00.jpg", "Real/r01.jpg"]
    assert [sample.label for sample in samples] == ["fake", "fake", "real", "real"]
    assert samples.notices == ()
    assert samples.folder == tmp_path
    assert samples[0] == df.Sample(tmp_path / "Fake" / "f00.jpg", "fake")
    assert samples.reals == tuple(samples[2:]) and samples.fakes == tuple(samples[:2])
    assert samples and len(samples) == 4 and samples[-1] in samples
    assert "2 real and 2 fake" in repr(samples)


def test_a_slice_is_samples_of_the_same_folder(tmp_path):
    samples = df.load_samples(fill(tmp_path))
    part = samples[1:3]
    assert isinstance(part, df.Samples)
    assert names(part) == ["Fake/f01.jpg", "Real/r00.jpg"]
    assert len(part.reals) == len(part.fakes) == 1


def test_the_two_names_may_be_written_in_any_case(tmp_path):
    save_picture(tmp_path / "real" / "a.jpg")
    save_picture(tmp_path / "FAKE" / "b.PNG")
    samples = df.load_samples(tmp_path)
    assert {samples.name(s): s.label for s in samples} == {
        "real/a.jpg": "real",
        "FAKE/b.PNG": "fake",
    }
    assert samples.notices == ()


def test_folders_in_them_are_searched_too_and_other_folders_are_not(tmp_path):
    fill(tmp_path, 1, 1)
    save_picture(tmp_path / "Real" / "2024" / "may" / "x.jpg")
    save_picture(tmp_path / "masks" / "x.png")
    samples = df.load_samples(tmp_path)
    assert names(samples) == ["Fake/f00.jpg", "Real/2024/may/x.jpg", "Real/r00.jpg"]
    assert samples.notices == ()


def test_a_path_may_be_relative_or_begin_at_home(tmp_path, monkeypatch):
    fill(tmp_path, 1, 1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert (
        names(df.load_samples("."))
        == names(df.load_samples("~"))
        == ["Fake/f00.jpg", "Real/r00.jpg"]
    )


@pytest.mark.parametrize(
    "ending", ["jpg", "jpeg", "JPG", "jfif", "png", "webp", "gif", "bmp", "avif", "heic", "heif"]
)
def test_every_kind_that_can_be_opened_is_listed(tmp_path, ending):
    fill(tmp_path, 1, 0)
    (tmp_path / "Fake" / f"a.{ending}").write_bytes(b"not opened while listing")
    samples = df.load_samples(tmp_path)
    assert len(samples.fakes) == 1
    assert samples.notices == ()


# The bad folders.


def test_folder_missing(tmp_path):
    samples = df.load_samples(tmp_path / "nowhere")
    assert not samples and len(samples) == 0
    only_notice(samples, "There is no folder", tmp_path / "nowhere", "Check the path")


def test_path_is_a_file(tmp_path):
    samples = df.load_samples(save_picture(tmp_path / "a.jpg"))
    assert not samples
    only_notice(samples, "a.jpg is a file", "Choose the folder")


@pytest.mark.parametrize("name", ["with\0nothing", "x" * 5000])
def test_path_that_no_folder_can_have(name):
    samples = df.load_samples(name)
    assert not samples
    only_notice(samples, "can't be read", "choose another")


def test_empty(tmp_path):
    only_notice(df.load_samples(tmp_path), "is empty", "Real and Fake")


def test_empty_but_for_hidden_files(tmp_path):
    (tmp_path / ".DS_Store").write_bytes(b"x")
    only_notice(df.load_samples(tmp_path), "is empty")


def test_no_real_and_no_fake_folder(tmp_path):
    save_picture(tmp_path / "portraits" / "a.jpg")
    samples = df.load_samples(tmp_path)
    assert not samples
    only_notice(samples, "There are no folders Real and Fake in", "Put pictures")


@pytest.mark.parametrize(("there", "absent"), [("Real", "Fake"), ("Fake", "Real")])
def test_no_real_or_no_fake_folder(tmp_path, there, absent):
    save_picture(tmp_path / there / "a.jpg")
    save_picture(tmp_path / there / "b.jpg")
    samples = df.load_samples(tmp_path)
    assert len(samples) == 2
    only_notice(samples, f"There is no folder {absent} in", "Put pictures")


@pytest.mark.parametrize(("reals", "fakes", "absent"), [(3, 0, "Fake"), (0, 3, "Real")])
def test_one_class_only(tmp_path, reals, fakes, absent):
    samples = df.load_samples(fill(tmp_path, reals, fakes))
    assert len(samples) == 3
    only_notice(samples, f"There are no pictures in {absent}.", "Put pictures")


def test_no_picture_in_either(tmp_path):
    only_notice(
        df.load_samples(fill(tmp_path, 0, 0)), "no pictures in Real and Fake", "Put pictures"
    )


def test_one_picture(tmp_path):
    only_notice(
        df.load_samples(fill(tmp_path, 1, 0)), "only one picture, Real/r00.jpg", "Put pictures"
    )


def test_a_file_called_real_is_no_folder(tmp_path):
    save_picture(tmp_path / "Fake" / "a.jpg")
    (tmp_path / "Real").write_text("x")
    only_notice(df.load_samples(tmp_path), "There is no folder Real")


def test_non_image_files(tmp_path):
    fill(tmp_path, 1, 1)
    for name in ("notes.txt", "film.mp4", "scan.tiff", "no_ending", "z.pdf"):
        (tmp_path / "Real" / name).write_bytes(b"x")
    samples = df.load_samples(tmp_path)
    assert len(samples) == 2
    notice = only_notice(samples, "5 files were skipped", "no picture", "JPEG or PNG")
    assert "Real/film.mp4, Real/no_ending, Real/notes.txt, ..." in notice
    assert "z.pdf" not in notice


def test_hidden_files_are_skipped_without_a_word(tmp_path):
    fill(tmp_path, 1, 1)
    for name in (".DS_Store", "._r00.jpg", "Thumbs.db", "desktop.ini"):
        (tmp_path / "Real" / name).write_bytes(b"x")
    save_picture(tmp_path / "Real" / ".ipynb_checkpoints" / "r00.jpg")
    save_picture(tmp_path / "Real" / "__MACOSX" / "r00.jpg")
    samples = df.load_samples(tmp_path)
    assert names(samples) == ["Fake/f00.jpg", "Real/r00.jpg"]
    assert samples.notices == ()


def test_huge_files(tmp_path):
    fill(tmp_path, 1, 1)
    with (tmp_path / "Fake" / "huge.jpg").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with (tmp_path / "Fake" / "large.jpg").open("wb") as file:
        file.truncate(MAX_BYTES)
    samples = df.load_samples(tmp_path)
    assert names(samples) == ["Fake/f00.jpg", "Fake/large.jpg", "Real/r00.jpg"]
    only_notice(samples, "1 file was skipped (Fake/huge.jpg): more than 25 MB", "smaller copy")


@unix
def test_links_that_lead_out_of_the_folder(tmp_path):
    folder = fill(tmp_path / "samples", 1, 1)
    # A name that begins like the folder's own, which a careless comparison takes for inside.
    secret = save_picture(tmp_path / "samples-secret" / "a.jpg")
    (folder / "Real" / "file.jpg").symlink_to(secret)
    (folder / "Real" / "folder").symlink_to(secret.parent)
    (folder / "Fake" / "relative.jpg").symlink_to("../../samples-secret/a.jpg")
    (folder / "Fake" / "by-way-of.jpg").symlink_to("relative.jpg")
    samples = df.load_samples(folder)
    assert names(samples) == ["Fake/f00.jpg", "Real/r00.jpg"]
    only_notice(samples, "4 links were skipped", "leading out of the folder", "copy")


@unix
def test_a_class_folder_that_is_a_link_out(tmp_path):
    fill(tmp_path / "elsewhere", 2, 0)
    folder = tmp_path / "samples"
    save_picture(folder / "Fake" / "a.jpg")
    (folder / "Real").symlink_to(tmp_path / "elsewhere" / "Real")
    samples = df.load_samples(folder)
    assert names(samples) == ["Fake/a.jpg"]
    assert any("There is no folder Real" in notice for notice in samples.notices)
    assert any("1 link was skipped (Real): leading out" in notice for notice in samples.notices)


@unix
def test_links_within_the_folder_are_fine(tmp_path):
    save_picture(tmp_path / "pool" / "a.jpg")
    save_picture(tmp_path / "pool" / "more" / "b.jpg")
    save_picture(tmp_path / "Fake" / "c.jpg")
    (tmp_path / "Real").mkdir()
    (tmp_path / "Real" / "a.jpg").symlink_to("../pool/a.jpg")
    (tmp_path / "Real" / "more").symlink_to("../pool/more")
    samples = df.load_samples(tmp_path)
    assert names(samples) == ["Fake/c.jpg", "Real/a.jpg", "Real/more/b.jpg"]
    assert samples.notices == ()
    assert df.open_image(samples[1].path).shape == (64, 64, 3)


@unix
def test_the_folder_itself_may_be_a_link(tmp_path):
    fill(tmp_path / "there", 1, 1)
    (tmp_path / "here").symlink_to("there")
    samples = df.load_samples(tmp_path / "here")
    assert names(samples) == ["Fake/f00.jpg", "Real/r00.jpg"]
    assert samples.notices == ()


@unix
def test_links_that_go_round_end_and_bring_nothing_in_under_the_other_label(tmp_path):
    fill(tmp_path, 1, 1)
    (tmp_path / "Real" / "me").symlink_to(".")
    (tmp_path / "Real" / "up").symlink_to("..")
    (tmp_path / "Real" / "over").symlink_to("../Fake")
    (tmp_path / "Real" / "self.jpg").symlink_to("self.jpg")
    (tmp_path / "Real" / "gone.jpg").symlink_to("nowhere.jpg")
    samples = df.load_samples(tmp_path)
    assert names(samples) == ["Fake/f00.jpg", "Real/r00.jpg"]
    again, nowhere = sorted(samples.notices, key=lambda notice: "nowhere" in notice)
    assert "3 links were skipped (Real/me, Real/over, Real/up)" in again
    assert "2 links were skipped (Real/gone.jpg, Real/self.jpg)" in nowhere


@unix
def test_a_picture_with_two_names_is_listed_once(tmp_path):
    fill(tmp_path, 2, 1)
    (tmp_path / "Real" / "z.jpg").symlink_to("r00.jpg")
    samples = df.load_samples(tmp_path)
    assert names(samples) == ["Fake/f00.jpg", "Real/r00.jpg", "Real/r01.jpg"]
    only_notice(samples, "1 link was skipped (Real/z.jpg)", "there already")


@unix
def test_unreadable_folder(open_place):
    fill(open_place / "locked", 1, 1)
    os.chmod(open_place / "locked", 0o000)
    with as_visitor():
        samples = df.load_samples(open_place / "locked")
    assert not samples
    only_notice(samples, "can't be read", "Permission denied", "Ask")


@unix
def test_unreadable_class_folder_and_unreadable_file(open_place):
    folder = fill(open_place, 2, 2)
    for path in (folder / "Fake", folder / "Real" / "r00.jpg"):
        os.chmod(path, 0o000)
    os.chmod(folder / "Real", 0o755)
    with as_visitor():
        samples = df.load_samples(folder)
    assert names(samples) == ["Real/r01.jpg"]
    assert any(
        "1 folder was skipped (Fake): not allowed to be read" in notice
        for notice in samples.notices
    )
    assert any(
        "1 file was skipped (Real/r00.jpg): not allowed to be read" in notice
        for notice in samples.notices
    )


@unix
def test_a_folder_whose_files_can_not_be_looked_at(open_place):
    folder = fill(open_place, 1, 1)
    os.chmod(folder / "Real", 0o755)
    os.chmod(folder / "Fake", 0o744)  # its names may be read, its files not
    with as_visitor():
        samples = df.load_samples(folder)
    assert names(samples) == ["Real/r00.jpg"]
    assert any("(Fake/f00.jpg): not allowed to be read" in notice for notice in samples.notices)


@unix
def test_what_only_looks_like_a_file_is_never_waited_for(tmp_path):
    fill(tmp_path, 1, 1)
    os.mkfifo(tmp_path / "Real" / "pipe.jpg")
    os.mkfifo(tmp_path / "samples.csv")
    samples = df.load_samples(tmp_path)
    assert len(samples) == 2
    only_notice(samples, "1 file was skipped (Real/pipe.jpg): a pipe", "not a plain file")


def test_folders_too_deep(tmp_path):
    fill(tmp_path, 1, 1)
    path = tmp_path / "Real"
    for i in range(DEPTH + 2):
        save_picture(path / f"p{i}.jpg")
        path /= "more"
    samples = df.load_samples(tmp_path)
    assert len(samples.reals) == 1 + DEPTH + 1
    only_notice(samples, "1 folder was skipped", f"more than {DEPTH} folders deep")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_no_text_can_hold(tmp_path):
    fill(tmp_path, 1, 0)
    old = os.fsencode(tmp_path / "Fake") + b"/andr\xe9"
    for ending in (b".jpg", b".txt"):
        with open(old + ending, "wb"):
            pass
    samples = df.load_samples(tmp_path)
    assert names(samples) == ["Fake/andr?.jpg", "Real/r00.jpg"]
    only_notice(samples, "Fake/andr?.txt").encode("utf-8")


def test_a_thousand_files_are_listed_without_opening_one(tmp_path):
    for name in ("Real", "Fake"):
        (tmp_path / name).mkdir()
        for i in range(500):
            (tmp_path / name / f"{i}.jpg").touch()
    samples = df.load_samples(tmp_path)
    assert len(samples.reals) == len(samples.fakes) == 500
    assert samples.notices == ()


# samples.csv


def test_the_table_tells_how_fakes_were_made(tmp_path):
    fill(tmp_path)
    mask = save_picture(tmp_path / "masks" / "f00.png")
    (tmp_path / "samples.csv").write_text(
        "file,made_from,how,level,mask\n"
        'Fake/f00.jpg,Real/r00.jpg,"The nose, and only the nose, was bent.",easy,masks/f00.png\n'
        "Real/r00.jpg,,,,\n",
        "utf-8",
    )
    samples = df.load_samples(tmp_path)
    assert samples.notices == ()
    assert samples[0] == df.Sample(
        tmp_path / "Fake" / "f00.jpg",
        "fake",
        "Real/r00.jpg",
        "The nose, and only the nose, was bent.",
        "easy",
        mask,
    )
    assert [sample.how for sample in samples[1:]] == ["", "", ""]


def test_of_a_real_picture_the_table_tells_a_sentence_alone(tmp_path):
    fill(tmp_path, 1, 1)
    save_picture(tmp_path / "masks" / "r00.png")
    table = (
        "file,made_from,how,level,mask\nReal/r00.jpg,Real/x.jpg,Taken in 1996.,easy,masks/r00.png\n"
    )
    (tmp_path / "samples.csv").write_text(table, "utf-8")
    samples = df.load_samples(tmp_path)
    assert samples.reals == (
        df.Sample(tmp_path / "Real" / "r00.jpg", "real", how="Taken in 1996."),
    )
    assert samples.notices == ()


def test_the_table_as_office_programs_save_it(tmp_path):
    fill(tmp_path)
    table = "File; Level ;how\r\nfake\\F00.JPG;Hard;Größere Augen\r\n;;\r\n\r\nFake/f01.jpg;;\r\n"
    (tmp_path / "samples.csv").write_bytes(table.encode("utf-8-sig"))
    samples = df.load_samples(tmp_path)
    assert samples.notices == ()
    assert (samples[0].level, samples[0].how) == ("hard", "Größere Augen")
    assert samples[1] == df.Sample(tmp_path / "Fake" / "f01.jpg", "fake")


def test_a_level_that_nobody_knows_is_none(tmp_path):
    (fill(tmp_path) / "samples.csv").write_text("file,level\nFake/f00.jpg,nightmare\n", "utf-8")
    assert df.load_samples(tmp_path)[0].level == ""


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (b"", "file"),
        (b"picture,how\nFake/f00.jpg,x\n", "file"),
        (b"file,how\nFake/f00.jpg,\xe9\xff\n", "UTF-8"),
        (b'file,how\nFake/f00.jpg,"never closed\nFake/f01.jpg,x\n', "unexpected end"),
        (b"file,how\nFake/f00.jpg," + b"x" * 200_000, "field"),
    ],
)
def test_a_damaged_table_is_left_aside(tmp_path, table, word):
    (fill(tmp_path) / "samples.csv").write_bytes(table)
    samples = df.load_samples(tmp_path)
    assert len(samples) == 4 and not any(sample.how for sample in samples)
    only_notice(samples, "samples.csv was left aside", word, "Mend it")


@unix
def test_a_table_that_is_a_link_out_or_locked_is_left_aside(open_place):
    folder = fill(open_place / "samples")
    (open_place / "other.csv").write_text("file,how\nFake/f00.jpg,secret\n", "utf-8")
    (folder / "samples.csv").symlink_to("../other.csv")
    samples = df.load_samples(folder)
    assert not any(sample.how for sample in samples)
    only_notice(samples, "samples.csv was left aside", "leads out")
    (folder / "samples.csv").unlink()
    (folder / "samples.csv").write_text("file,how\nFake/f00.jpg,x\n", "utf-8")
    os.chmod(folder / "samples.csv", 0o000)
    with as_visitor():
        samples = df.load_samples(folder)
    assert len(samples) == 4
    assert str(folder) not in only_notice(
        samples, "samples.csv was left aside", "Permission denied"
    )


def test_a_table_of_far_too_many_bytes_is_not_read(tmp_path):
    table = fill(tmp_path) / "samples.csv"
    table.write_text("file,how\nFake/f00.jpg,bent\n", "utf-8")
    with table.open("r+b") as file:
        file.truncate(MAX_BYTES + 1)
    samples = df.load_samples(tmp_path)
    assert not any(sample.how for sample in samples)
    only_notice(samples, "samples.csv was left aside", "it has more than 25 MB")


def test_what_was_skipped_is_named_by_the_alphabet(tmp_path):
    table = "file\nFake/z.jpg\nFake/b.jpg\nFake/y.jpg\n"
    (fill(tmp_path) / "samples.csv").write_text(table, "utf-8")
    only_notice(df.load_samples(tmp_path), "(Fake/b.jpg, Fake/y.jpg, Fake/z.jpg)")


def test_any_bytes_may_be_the_table(tmp_path):
    fill(tmp_path)
    rng = random.Random(3)
    pieces = [
        b"file",
        b",",
        b";",
        b"mask",
        b"\n",
        b'"',
        b"Fake/f00.jpg",
        b"../",
        b"\0",
        b"\xff",
        b"/",
        b"\r",
        b"how",
    ]
    for _ in range(300):
        table = b"file,mask\n" * rng.randrange(2) + b"".join(
            rng.choices(pieces, k=rng.randrange(30))
        )
        (tmp_path / "samples.csv").write_bytes(table)
        samples = df.load_samples(tmp_path)
        assert len(samples) == 4
        assert all(sample.mask is None for sample in samples.reals)


@unix
@pytest.mark.parametrize("kind", ["up", "absolute", "link", "folder link"])
def test_a_mask_that_leads_out_of_the_folder_is_ignored(tmp_path, kind):
    folder = fill(tmp_path / "samples")
    secret = save_picture(tmp_path / "secret" / "a.png")
    (folder / "link.png").symlink_to(secret)
    (folder / "masks").symlink_to(secret.parent)
    mask = {
        "up": "../secret/a.png",
        "absolute": secret,
        "link": "link.png",
        "folder link": "masks/a.png",
    }[kind]
    (folder / "samples.csv").write_text(f"file,how,mask\nFake/f00.jpg,bent,{mask}\n", "utf-8")
    samples = df.load_samples(folder)
    assert samples[0].mask is None and samples[0].how == "bent"
    only_notice(samples, "1 mask was skipped", "outside")


def test_a_mask_or_a_picture_that_the_table_names_and_that_is_missing_is_said(tmp_path):
    (fill(tmp_path) / "samples.csv").write_text(
        "file,mask\nFake/f00.jpg,masks/f00.png\nFake/f99.jpg,\n", "utf-8"
    )
    samples = df.load_samples(tmp_path)
    assert samples[0].mask is None
    mask, name = samples.notices
    assert "(masks/f00.png)" in mask and "missing" in mask
    assert "(Fake/f99.jpg)" in name and "no picture is called so" in name


def test_masks_that_lie_among_the_fakes_are_not_dealt_as_fakes(tmp_path):
    fill(tmp_path, 1, 1)
    mask = save_picture(tmp_path / "Fake" / "masks" / "f00.png")
    (tmp_path / "samples.csv").write_text("file,mask\nFake/f00.jpg,Fake/masks/f00.png\n", "utf-8")
    samples = df.load_samples(tmp_path)
    assert names(samples) == ["Fake/f00.jpg", "Real/r00.jpg"]
    assert samples[0].mask == mask
    assert samples.notices == ()


@pytest.mark.parametrize(
    "mask",
    [
        "Real/r00.jpg",
        "./Real/in/../r00.jpg",
        "Fake/f00.jpg",
        "Fake/f01.jpg",
        "Fake/in/f02.jpg",
        "Real/in/x.png",
    ],
)
def test_a_mask_that_is_a_picture_in_play_stays_in_play(tmp_path, mask):
    fill(tmp_path, 1, 2)
    save_picture(tmp_path / "Fake" / "in" / "f02.jpg")
    save_picture(tmp_path / "Real" / "in" / "x.png")
    (tmp_path / "samples.csv").write_text(
        f"file,how,mask\nFake/f00.jpg,bent,{mask}\nFake/in/f02.jpg,,\n", "utf-8"
    )
    samples = df.load_samples(tmp_path)
    assert names(samples) == [
        "Fake/f00.jpg",
        "Fake/f01.jpg",
        "Fake/in/f02.jpg",
        "Real/in/x.png",
        "Real/r00.jpg",
    ]
    assert samples[0].mask is None and samples[0].how == "bent"
    only_notice(samples, "1 mask was skipped", "a picture in play", "samples.csv")
