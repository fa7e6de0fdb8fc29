"""The one page: from a kernel that is ready, or a sentence why there is none yet."""

from __future__ import annotations

import tornado.web
from tornado.log import access_log
from voila.tornado.handler import TornadoVoilaHandler

from dfwidgets.serve.ready import Full, NotStarted, NotYet

_PATIENCE = 2
"""Seconds that a visitor is kept waiting without a word."""

_STARTING = "Your page is being made ready. It comes in a moment, by itself..."
_FULL = (
    "As many people as fit are here already. Try again in a minute; this page does so by itself."
)
_FAILED = "The page could not be started. Reload it; if that does not help, tell whoever runs it."


class PageHandler(TornadoVoilaHandler):
    """Answers at once, whatever the kernels do."""

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """The page, or within two seconds a sentence in its place."""
        if path:
            self.redirect_to_file(path)
            return

        self.set_header("Content-Type", "text/html")
        self.set_header("Cache-Control", "no-store")
        try:
            self.write(await self.kernel_manager.visit(_PATIENCE))
        except NotYet:
            self._say(_STARTING, again_in=1)
        except Full:
            self.set_status(503)
            self._say(_FULL, again_in=60)
        except NotStarted:
            self.set_status(503)
            self._say(_FAILED)

    def _say(self, sentence: str, again_in: int = 0) -> None:
        if again_in:
            self.set_header("Retry-After", str(again_in))
        self.write(self.render_template("wait.html", sentence=sentence, again_in=again_in))


def log_request(handler: tornado.web.RequestHandler) -> None:
    """Have the terminal say what broke; that it is full is no such thing."""
    if handler.get_status() == 500:
        access_log.error("500 %s", handler.request.path)
