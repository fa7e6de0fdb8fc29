"""Choose a picture, read the verdict."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from dfwidgets import markup, wording
from dfwidgets.background import in_turn
from dfwidgets.panels.parts import see
from dfwidgets.panels.widgets.dropzone import Dropzone, kinds
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.session import Session
from dfwidgets.session_state import OF_MAPS
from dfwidgets.wording import NO_FACE_FOUND, SEVERAL_FACES


class UploadPanel(ipw.VBox):
    """Takes a picture by chooser, drop or paste and shows what the detector says of its face.

    Args:
        session: the picture and the detector's answers; share it with other panels.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.dropzone = Dropzone(
            in_turn(lambda data, name: session.open(data)),
            in_turn(lambda sentence, name: session.fail(sentence)),
        )
        # Hidden by the style sheet that comes with the field above: seen only where that can't
        # load.
        self.upload = ipw.FileUpload(accept=self.dropzone.accept, description="Choose a picture")
        self.upload.add_class("dfw-fallback")
        self.picture = Picture(in_turn(self._on_face))
        self.whole = ipw.Button(description="Judge the whole picture")
        self.verdict = ipw.HTML()
        self.message = ipw.HTML()
        columns = ipw.Box([self.picture, ipw.VBox([self.message, self.whole, self.verdict])])
        columns.add_class("dfw-columns")
        super().__init__(
            [ipw.HTML(markup.heading("Is this face real?")), self.dropzone, self.upload, columns]
        )
        self.add_class("dfw-panel")

        self.upload.observe(in_turn(self._on_upload), "value")
        self.whole.on_click(in_turn(lambda _: session.judge(None)))
        session.observe(self._show_image, "image")
        session.observe(self._show_verdict, ["prediction", "face"])
        session.observe(self._show_message, ["pending", "error", "faces", "prediction"])
        self._show_image()
        self._show_verdict()
        self._show_message()

    def _on_upload(self, change: dict[str, Any]) -> None:
        if not change["new"]:
            return
        data = change["new"][0]["content"].tobytes()
        self.upload.value = ()  # else the same file chosen again fires nothing
        self.session.open(data)

    def _on_face(self, index: int) -> None:
        self.session.judge(self.session.faces[index])

    def _show_image(self, _: Any = None) -> None:
        image, faces = self.session.image, self.session.faces
        alt = ""
        if image is not None:
            height, width = image.shape[:2]
            found = {0: "no face found", 1: "one face found"}.get(
                len(faces), f"{len(faces)} faces found"
            )
            alt = f"Your picture, {width} by {height} pixels, {found}"
        see(self.picture, image is not None)
        self.picture.show(image, alt, faces)

    def _show_verdict(self, _: Any = None) -> None:
        prediction, faces = self.session.prediction, self.session.faces
        # Some models judge the whole picture whichever face they are asked about.
        face = prediction.face if prediction else self.session.face
        self.picture.chosen = faces.index(face) if face in faces else -1
        self.verdict.value = markup.block(verdict_markup.verdict(prediction)) if prediction else ""
        self.dropzone.said = verdict_markup.spoken(prediction) if prediction else ""

    def _show_message(self, _: Any = None) -> None:
        session = self.session
        waits = (
            session.image is not None
            and not session.faces
            and session.prediction is None
            and not session.pending
        )
        see(self.whole, waits)
        if session.error and session.failed not in OF_MAPS:
            said = markup.error(session.error)
        elif session.pending in wording.WAITING:
            said = markup.quiet(wording.WAITING[session.pending])
        elif session.image is None:
            said = markup.quiet(f"{kinds()}, up to 25 MB.")
        elif not session.faces:
            said = markup.error(NO_FACE_FOUND)
        elif len(session.faces) > 1:
            said = markup.quiet(SEVERAL_FACES.format(count=len(session.faces)))
        else:
            said = markup.NOTHING
        self.message.value = markup.block(said)
        if session.error:
            self.dropzone.said = session.error
