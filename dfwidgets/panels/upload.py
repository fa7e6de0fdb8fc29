"""Choose a picture, read the verdict."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from dfwidgets import markup, wording
from dfwidgets.background import in_turn
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html, button, columns, set_visible
from dfwidgets.panels.widgets.dropzone import Dropzone, kinds
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.session import Session
from dfwidgets.session_state import OF_MAPS
from dfwidgets.wording import NO_FACE_FOUND, SEVERAL_FACES


class UploadPanel(Panel):
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
        self.message = Html()
        self.whole = button("Judge the whole picture")
        self.verdict = Html()
        answer = ipw.VBox([self.message, self.whole, self.verdict])
        super().__init__(
            "Is this face real?", self.dropzone, self.upload, columns(self.picture, answer)
        )

        self.on(self.upload, self._on_upload, "value")
        self.on(self.whole, lambda _: session.judge(None))
        self.on(session, self._show_image, "image")
        self.on(session, self._show_verdict, "prediction", "face")
        self.on(session, self._show_message, "pending", "error", "faces", "prediction")
        self._show_image()
        self._show_verdict()
        self._show_message()

    def _on_upload(self, change: Any) -> None:
        if not change["new"]:
            return
        data = change["new"][0]["content"].tobytes()
        self.upload.value = ()  # else the same file chosen again fires nothing
        self.session.open(data)

    def _on_face(self, index: int) -> None:
        self.session.judge(self.session.faces[index])

    def _show_image(self, _: Any = None) -> None:
        image = self.session.image
        faces = self.session.faces
        set_visible(self.picture, image is not None)
        if image is None:
            self.picture.show(None)
            return

        height, width = image.shape[:2]
        found = {0: "no face found", 1: "one face found"}
        count = found.get(len(faces), f"{len(faces)} faces found")
        self.picture.show(image, f"Your picture, {width} by {height} pixels, {count}", faces)

    def _show_verdict(self, _: Any = None) -> None:
        faces = self.session.faces
        prediction = self.session.prediction
        face = self.session.face
        if prediction is None:
            self.verdict.show()
            self.dropzone.announcement = ""
        else:
            self.verdict.show(verdict_markup.verdict(prediction))
            self.dropzone.announcement = verdict_markup.spoken(prediction)
            # Some models judge the whole picture whichever face they are asked about.
            face = prediction.face
        self.picture.chosen = faces.index(face) if face in faces else -1

    def _show_message(self, _: Any = None) -> None:
        session = self.session
        faceless = session.image is not None and not session.faces
        set_visible(self.whole, faceless and session.prediction is None and not session.pending)

        if session.error and session.failed not in OF_MAPS:
            self.message.show(markup.error(session.error))
        elif session.pending in wording.WAITING:
            self.message.show(markup.quiet(wording.WAITING[session.pending]))
        elif session.image is None:
            self.message.show(markup.quiet(f"{kinds()}, up to 25 MB."))
        elif not session.faces:
            self.message.show(markup.error(NO_FACE_FOUND))
        elif len(session.faces) > 1:
            self.message.show(markup.quiet(SEVERAL_FACES.format(count=len(session.faces))))
        else:
            self.message.show()
        if session.error:
            self.dropzone.announcement = session.error
