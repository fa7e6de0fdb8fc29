import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.images import MAX_BYTES
from dfwidgets.panels import _html

GREY = np.full((8, 8, 3), 102, np.uint8)


def send(panel, data: bytes, size: int | None = None, piece: int = 1000) -> list[dict]:
    """Send bytes as the page does, and return what the panel answered."""
    answers = []
    panel.dropzone.send = lambda message, buffers=None: answers.append(message)
    panel.dropzone._handle_custom_msg({"kind": "start", "id": 5, "size": len(data) if size is None else size}, [])
    for at in range(0, len(data), piece):
        panel.dropzone._handle_custom_msg({"kind": "piece", "id": 5}, [memoryview(data[at : at + piece])])
    return answers


def test_a_picture_sent_in_pieces_gets_its_verdict(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    answers = send(panel, portrait, piece=20_000)
    assert [a["received"] for a in answers] == [0, 20_000, 40_000, 60_000, len(portrait)]
    assert "that it is fake" in panel.verdict.value
    assert panel.picture.image.startswith(b"\x89PNG")
    assert "one face found" in panel.picture.alt


def test_the_same_picture_again_and_then_another(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    send(panel, portrait)
    send(panel, portrait)
    first = panel.session.prediction
    send(panel, b"not a picture")
    assert "text file" in panel.message.value
    assert panel.session.prediction is first
    send(panel, portrait)
    assert "text file" not in panel.message.value


def test_a_file_over_the_limit_is_refused_before_a_byte_is_sent(redness):
    panel = df.UploadPanel(df.Session(redness))
    panel.dropzone._handle_custom_msg({"kind": "too big", "size": 30 * 1024**2}, [])
    assert "30 MB; the limit is 25 MB" in panel.message.value


def test_a_browser_that_lies_about_the_size_is_stopped(redness):
    panel = df.UploadPanel(df.Session(redness))
    assert send(panel, b"", size=MAX_BYTES + 1) == []
    assert "limit is 25 MB" in panel.message.value
    panel = df.UploadPanel(df.Session(redness))
    send(panel, bytes(MAX_BYTES + 1000), size=MAX_BYTES, piece=8 * 1024**2)
    assert panel.session.image is None


def test_a_piece_of_an_older_upload_is_ignored(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    panel.dropzone.send = lambda message, buffers=None: None
    panel.dropzone._handle_custom_msg({"kind": "start", "id": 1, "size": 10}, [])
    panel.dropzone._handle_custom_msg({"kind": "piece", "id": 2}, [b"0123456789"])
    assert panel.message.value == df.UploadPanel(df.Session(redness)).message.value


def test_the_fallback_upload_takes_the_same_file_twice(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    said = {"name": "a.jpg", "type": "image/jpeg", "size": len(portrait), "last_modified": 0}
    seen = []
    panel.session.observe(lambda change: seen.append(change.new), "image")
    for _ in range(2):
        panel.upload.set_state({"value": [{**said, "content": memoryview(portrait)}]})
        assert panel.upload.value == ()
    assert len(seen) == 2


def test_without_a_face_the_whole_picture_is_offered(redness):
    panel = df.UploadPanel(df.Session(redness))
    panel.session.open(GREY)
    assert "No face found" in panel.message.value
    assert panel.whole.layout.display is None
    assert panel.verdict.value == ""
    panel.whole.click()
    assert "0.40 that it is fake" in panel.verdict.value
    assert panel.whole.layout.display == "none"


def test_pressing_a_frame_judges_that_face(redness, two_faces):
    panel = df.UploadPanel(df.Session(redness))
    panel.session.open(two_faces)
    assert "2 faces found" in panel.message.value
    assert (len(panel.picture.boxes), panel.picture.chosen) == (2, 0)
    panel.picture._handle_custom_msg({"kind": "face", "index": 1}, [])
    assert panel.picture.chosen == 1
    assert panel.session.face is panel.session.faces[1]
    panel.picture._handle_custom_msg({"kind": "face", "index": 9}, [])
    assert panel.picture.chosen == 1


@pytest.mark.parametrize(("p", "words"), [(0.0, "less than 0.01"), (0.005, "less than 0.01"), (1.0, "more than 0.99")])
def test_no_certainty_is_claimed(p, words):
    assert f"{words} that it is fake" in _html.verdict(df.Prediction(p_fake=p))


def test_text_from_outside_is_shown_as_text():
    evil = "<img src=x onerror=alert(1)>"
    for markup in (
        _html.error(evil),
        _html.quiet(evil),
        _html.heading(evil),
        _html.verdict(df.Prediction(p_fake=0.5, frequency=evil, reason=evil)),
    ):
        assert "<img" not in markup
        assert "&lt;img" in markup


def test_an_error_of_a_detector_is_escaped_on_its_way_to_the_page(redness):
    def fails(image, face):
        raise ValueError("<script>alert(1)</script>")

    redness.predict = fails
    panel = df.UploadPanel(df.Session(redness))
    panel.session.open(GREY)
    panel.session.judge(None)
    assert "<script>" not in panel.message.value
    assert "&lt;script&gt;" in panel.message.value


def test_the_map_is_drawn_toward_the_side_that_the_score_leans_to(redness):
    session = df.Session(redness)
    panel = df.HeatmapPanel(session)
    assert panel.columns.layout.display == "none"
    picture = np.zeros((30, 30, 3), np.uint8)
    picture[:10, :10, 0] = 255
    session.open(picture + np.uint8(0))
    session.judge(None)
    assert panel.toward.value == "real"
    assert "this map is empty" in panel.message.value
    assert panel.picture.heat == b""
    panel.toward.value = "fake"
    assert "at the upper left" in panel.message.value
    assert panel.picture.heat.startswith(b"\x89PNG")
    assert "upper left" in panel.picture.heat_alt


def test_a_new_picture_starts_with_the_quick_map(redness):
    redness.methods = ("Grad-CAM", "SmoothGrad")
    session = df.Session(redness)
    panel = df.HeatmapPanel(session)
    session.open(GREY)
    session.judge(None)
    panel.method.value = "SmoothGrad"
    session.judge(None)
    assert panel.method.value == "Grad-CAM"


def test_heatmap_panel_made_after_the_picture_shows_it(redness):
    session = df.Session(redness)
    session.open(GREY)
    session.judge(None)
    panel = df.HeatmapPanel(session)
    assert panel.columns.layout.display is None
    assert panel.picture.image


def test_the_dashboard_opens_though_the_model_is_missing(tmp_path):
    page = df.dashboard(df.load_detector(tmp_path / "nowhere"))
    tabs = page.children[1]
    upload = tabs.children[0].children[0]
    assert "nowhere" in upload.message.value


def test_panels_name_no_private_picture_in_their_state(redness, portrait):
    panel = df.UploadPanel(df.Session(redness))
    panel.upload.set_state({"value": [{"name": "my-secret-name.jpg", "type": "", "size": 1, "last_modified": 0,
                                       "content": memoryview(portrait)}]})  # fmt: skip
    assert "my-secret-name" not in str(panel.get_state()) + str(panel.message.value) + panel.picture.alt


def test_an_error_is_said_once_where_it_belongs(redness):
    session = df.Session(redness)
    upload, heatmap = df.UploadPanel(session), df.HeatmapPanel(session)
    session.open(GREY)
    session.judge(None)
    session.open(b"no picture")
    assert "text file" in upload.message.value
    assert "text file" not in heatmap.message.value

    def fails(*args, **kwargs):
        raise ValueError("no idea where")

    redness.explain = fails
    session.explain()
    assert "no idea where" in heatmap.message.value
    assert "no idea where" not in upload.message.value
