"""What a file or a background gives away is found, and what gives nothing away is not."""

import io
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from dfwidgets.measure.measures import auc, auc_interval
from dfwidgets.pictures.faces import Face, crop_face, crop_window, find_faces
from models.training.judging import audit, shortcuts
from tests.helpers import ROOT

DETECTOR = ROOT / "models" / "detector"


def jpeg(picture, quality, **how):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality, **how)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def windows(portrait):
    """400 small parts of one photograph."""
    image, random = df.open_image(portrait), np.random.default_rng(5)
    corners = random.integers(0, np.array(image.shape[:2]) - 48, (400, 2))
    return [image[y : y + 48, x : x + 48] for y, x in corners]


def told_from_files(windows, quality_of_fakes, **how):
    """AUC of the file classifier, and its interval, where every second picture is called a fake."""
    fakes = np.arange(len(windows)) % 2 == 1
    files = [
        jpeg(window, quality_of_fakes, **how) if fake else jpeg(window, 75)
        for window, fake in zip(windows, fakes, strict=True)
    ]
    rows = np.array([shortcuts.file_features(data) for data in files])
    scores = shortcuts.share_of_fakes(rows[:200], fakes[:200], rows[200:])
    return auc(fakes[200:], scores), auc_interval(fakes[200:], scores)


@pytest.mark.parametrize(("quality", "how"), [(76, {}), (75, {"subsampling": 0})])
def test_a_camera_setting_that_only_fakes_have_is_found(windows, quality, how):
    assert told_from_files(windows, quality, **how)[0] > 0.99


def test_files_that_were_all_saved_alike_say_nothing(windows):
    _, (low, high) = told_from_files(windows, 75)
    assert low < 0.5 < high


def test_of_a_file_only_its_outside_is_read(windows):
    data = jpeg(windows[0], 75)
    width, height, spare = shortcuts.file_features(data)[1:4]
    assert (width, height, spare) == (48, 48, len(data) / 48**2)
    buffer = io.BytesIO()
    Image.fromarray(windows[0]).save(buffer, "PNG")
    assert shortcuts.file_features(buffer.getvalue())[4:] == [0, 0, 0]
    assert shortcuts.file_features(data)[4] > shortcuts.file_features(jpeg(windows[0], 90))[4] > 0
    assert shortcuts.file_features(jpeg(windows[0][..., 0], 75))[5] == 0, "grey JPEG has one table"


def test_the_nearest_say_which_part_of_them_is_fake():
    learn = np.array([[0.0, 7], [1, 7], [2, 7], [10, 7]])
    fakes = np.array([True, False, False, True])
    asked = np.array([[0.4, 7], [9, 7]])
    assert shortcuts.share_of_fakes(learn, fakes, asked, 1).tolist() == [1, 1]
    assert shortcuts.share_of_fakes(learn, fakes, asked, 3).tolist() == [1 / 3, 1 / 3]
    assert shortcuts.share_of_fakes(learn, fakes, asked, 50).tolist() == [0.5, 0.5]


def test_ridge_finds_the_feature_that_speaks_and_nothing_in_noise():
    random = np.random.default_rng(2)
    fakes = np.arange(600) % 2 == 1
    noise = random.normal(size=(600, 20))
    for rows, found in ((noise, False), (np.c_[noise, fakes + random.normal(0, 0.2, 600)], True)):
        scores = shortcuts.ridge(rows[:300], fakes[:300], rows[300:])
        low, high = auc_interval(fakes[300:], scores)
        assert (low > 0.9) if found else (low < 0.5 < high)


@pytest.mark.parametrize(("strength", "away"), [(0.0, 0.5), (1.0, 0.25), (3.0, 0.125)])
def test_the_stronger_the_ridge_the_nearer_to_one_half(strength, away):
    """One feature that tells all, as large as its spread: the weight is 0.5 / (1 + strength)."""
    fakes = np.arange(20) % 2 == 1
    learn = np.where(fakes, 9.0, 5.0)[:, None]
    scores = shortcuts.ridge(learn, fakes, np.array([[9.0], [5.0], [7.0]]), strength)
    np.testing.assert_allclose(scores, [0.5 + away, 0.5 - away, 0.5])
    np.testing.assert_allclose(shortcuts.ridge(learn, fakes, learn[:2]), [0.25, 0.75])


def test_the_face_is_hidden_and_the_disc_is_the_same_for_everyone(portrait):
    image = df.open_image(portrait)
    face = find_faces(image)[0]
    crop = crop_face(image, face, 224)
    hidden = shortcuts.hide_face(crop)
    left, top, right, _ = crop_window(image, face)
    for x, y in np.array(face.landmarks)[:4]:
        column, row = ((x - left, y - top) * np.array(224 / (right - left))).astype(int)
        assert (hidden[row, column] == shortcuts.GREY).all()
    changed = (hidden != shortcuts.hide_face(255 - crop)).any(-1)
    assert 0.15 < changed.mean() < 0.3
    np.testing.assert_array_equal(hidden[changed], crop[changed])
    assert (hidden[~changed] == shortcuts.GREY).all()


def test_a_fake_is_learnt_from_together_with_its_photograph():
    labels = ("real", "fake")
    rows = [
        SimpleNamespace(set="swaps", label=label, group=str(n))
        for label in labels
        for n in range(40)
    ]
    chosen = shortcuts.to_learn_from(rows[::-1], max_rows=10)
    groups = {label: {row.group for row in chosen if row.label == label} for label in labels}
    assert len(chosen) == 20
    assert groups["real"] == groups["fake"]


def test_lightness_is_that_of_the_face_not_of_the_wall():
    image = np.full((100, 100, 3), 255, np.uint8)
    image[20:60, 30:70] = 0
    image[20:60, 30:70, 1] = 100
    assert audit.luma(image, Face(30, 20, 70, 60, 1.0)) == pytest.approx(
        58.7, abs=0.5
    )  # green counts 0.587
    assert audit.luma(image, None) == pytest.approx(0.84 * 255 + 0.16 * 58.7, abs=0.5)


COUNTED = """id,set,label,file_score,background_score,hidden_logit,luma,face_px
r1,one,real,0.1,0.9,1,10,90
r2,one,real,0.2,0.8,1,20,90
r3,one,real,0.3,0.7,1,200,30
r4,one,real,0.3,0.7,1,100,90
f1,one,fake,0.9,0.1,1,12,30
f2,one,fake,0.9,0.2,1,210,90
f3,one,fake,0.9,0.3,1,110,
f4,one,fake,0.9,0.3,1,90,30
f5,none,fake,0.5,0.5,0,50,50
"""
LOGITS = {"r1": 4, "r2": -4, "r3": 0, "r4": -4, "f1": 0, "f2": 4, "f3": 4, "f4": -4, "f5": 4}


@pytest.fixture
def counted(tmp_path):
    (tmp_path / "audit.csv").write_text(COUNTED)
    audited = audit.read_audit(tmp_path / "audit.csv")
    lines = ["id,set,generator,label,degradation,logit,p_fake"]
    for line in audited:
        logit = LOGITS[line["id"]]
        about = f"{line['id']},{line['set']},,{line['label']}"
        lines += [f"{about},none,{logit},{1 / (1 + np.exp(-logit))}", f"{about},blur,0,0.5"]
    (tmp_path / "predictions.csv").write_text("\n".join(lines))
    return audited, replace(
        df.load_scorecard(tmp_path), band=(0.1, 0.9), reals_for={"none": ["stylegan1"]}
    )


def test_the_tables_say_what_one_counts_by_hand(counted):
    text = audit.figures(*counted).splitlines()
    row = next(line for line in text if line.startswith("| one |")).split(" | ")
    assert row[1] == "1.000 (0.510 to 1.000)"
    # Two fakes of 30 pixels are smaller than three reals and draw with one, one of 90 draws with
    # three; f3 has no face.
    assert row[2].startswith(f"{(2 * 3.5 + 1.5) / 12:.3f} (")
    assert row[3] == "0.000 (0.000 to 0.490)"
    assert row[4].startswith("0.500 ")
    # Of 16 pairs the fakes win r2 and r4 three times each and draw once, r3 twice and draw once, r1
    # draws twice.
    assert row[5].startswith(f"{(3.5 + 3.5 + 2.5 + 1) / 16:.3f} (")

    rows = {
        tuple(line.strip("| ").split(" | ")[:2]): line.strip("| ").split(" | ")[2:] for line in text
    }
    counts, alarms, misses, unsure, area = rows["one", "darkest third"]  # r1, f1, r2
    assert counts == "2 / 1"
    assert alarms == "0.500 (0.095 to 0.905)"  # Wilson's interval of 1 in 2
    assert misses == "0.000 (0.000 to 0.793)"
    assert unsure.startswith("0.333 (")
    assert area.startswith("0.500 (")
    assert rows["one", "lightest third"][0] == "1 / 2"  # r3, f2, f3
    assert rows["one", "lightest third"][3].startswith("0.333 (")
    assert rows["one", "smallest third of faces"][0] == "1 / 2"  # r3, f1, f4
    assert rows["one", "larger faces"][:2] == ["3 / 1", "0.333 (0.061 to 0.792)"], "f3 has no face"
    assert rows["none", "darkest third"] == [
        "0 / 1",
        "-",
        "0.000 (0.000 to 0.793)",
        "0.000 (0.000 to 0.793)",
        "-",
    ]


def test_fakes_without_photographs_stand_against_those_of_the_stylegan_sets(counted):
    lines, card = counted
    lines = [
        {**line, "set": "stylegan1" if line["set"] == "one" else line["set"]} for line in lines
    ]
    row = next(line for line in audit.figures(lines, card).splitlines() if "| none |" in line)
    assert row.split(" | ")[1].startswith("1.000 (")
    assert row.split(" | ")[5].startswith("0.875 (")  # above r2, r3 and r4, level with r1


def test_every_test_picture_was_audited():
    card = df.load_scorecard(DETECTOR)
    labels = np.where(card.labels, "fake", "real")
    expected = set(zip(card.ids.tolist(), card.sets.tolist(), labels.tolist(), strict=True))
    lines = audit.read_audit(DETECTOR / "audit.csv")
    assert {(line["id"], line["set"], line["label"]) for line in lines} == expected
    assert len(lines) == len(expected)


def test_the_command_prints_the_tables_from_what_is_kept(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["audit"])
    audit.main()
    expected = audit.figures(audit.read_audit(DETECTOR / "audit.csv"), df.load_scorecard(DETECTOR))
    assert capsys.readouterr().out.strip() == expected


@pytest.mark.model
@pytest.mark.parametrize("tells", [True, False])
def test_a_background_that_only_fakes_have_is_found(tmp_path, portrait, shipped, tells):
    from models.training.making import dataset

    image, random = df.open_image(portrait), np.random.default_rng(1)
    face = find_faces(image)[0]
    *_, bottom = crop_window(image, face)
    for label in ("Real", "Fake"):
        (tmp_path / label).mkdir()
        for number in range(60):
            picture = image[:, ::-1] if random.random() < 0.5 else image
            picture = np.clip(picture * random.uniform(0.6, 1.2), 0, 255).astype(np.uint8)
            if tells and label == "Fake":
                picture[bottom - 25 :] = (30, 160, 40)
            (tmp_path / label / f"{label}{number}.jpg").write_bytes(jpeg(picture, 80))
    rows = dataset.read_rows(tmp_path)
    lines = audit.look(tmp_path, rows, dict.fromkeys((row.path for row in rows), face), DETECTOR)
    fakes = np.array([line["label"] == "fake" for line in lines])
    scores = np.array([line["background_score"] for line in lines])
    if tells:
        assert auc(fakes, scores) > 0.99
    else:
        low, high = auc_interval(fakes, scores)
        assert low < 0.5 < high

    test = next(row for row in rows if row.split == "test")
    crop = shortcuts.hide_face(crop_face(dataset.read_image(tmp_path, test), face, 224))
    assert lines[0]["hidden_logit"] == pytest.approx(
        shipped.predict(crop, face=None).logit, abs=0.01
    )
    assert lines[0]["face_px"] == round(face.size, 1)
