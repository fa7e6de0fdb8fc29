"""The page's files: packed once for all visitors, and kept by their browsers."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import FileFindHandler
from tornado.web import StaticFileHandler
from voila._version import __version__ as voila_version
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler

_PACKED = ("text/", "application/javascript", "application/json", "image/svg+xml")
_KEPT = "public, max-age=31536000, immutable"
_VERSION = f"v{voila_version}/"


def name_version(page_config: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Have the page ask for Voila's scripts by an address that is another with another Voila."""
    page_config["fullStaticUrl"] += f"/{_VERSION.rstrip('/')}"
    return page_config


class _Packed(StaticFileHandler):
    """Sends a file packed to those who can unpack it, which all browsers can."""

    async def get(self, path: str, include_body: bool = True) -> None:
        """The file, whole and packed, or as tornado sends it."""
        accepted = "gzip" in self.request.headers.get("Accept-Encoding", "")
        if not accepted or not include_body or "Range" in self.request.headers:
            await super().get(path, include_body)
            return

        # In the order of tornado's own `get`.
        self.path = self.parse_url_path(path)
        # Some handlers know only by the path which of their folders is the root.
        place = self.get_absolute_path(self.root, self.path)
        found = self.validate_absolute_path(self.root, place)
        if found is None:
            return
        self.absolute_path = found
        self.modified = self.get_modified_time()
        self.set_headers()
        self.set_header("Vary", "Accept-Encoding")

        if self.should_return_304():
            self.set_status(304)
            return
        changed = Path(found).stat().st_mtime_ns
        if self.get_content_type().startswith(_PACKED):
            self.set_header("Content-Encoding", "gzip")
            await self.finish(_pack(found, changed))
        else:
            await self.finish(Path(found).read_bytes())


@cache
def _pack(path: str, changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes())


class TemplateFiles(_Packed, TemplateStaticFileHandler):
    """Files of the template; kept, because a hash of what they hold stands in their addresses."""


class VoilaFiles(_Packed, MultiStaticFileHandler):
    """Voila's scripts; kept where the address names the version."""

    def parse_url_path(self, url_path: str) -> str:
        """The path without the version."""
        return str(super().parse_url_path(url_path.removeprefix(_VERSION)))

    def set_extra_headers(self, path: str) -> None:
        """Say how long the file may be kept."""
        if f"/voila/static/{_VERSION}" in self.request.path:
            self.set_header("Cache-Control", _KEPT)


class ExtensionFiles(_Packed, FileFindHandler):
    """Scripts of the widgets: a hash of what they hold stands in their names, so they are kept."""

    def set_headers(self) -> None:
        """Say how long the file may be kept."""
        super().set_headers()
        if re.search(r"\.[0-9a-f]{8,}\.js$", self.request.path):
            self.set_header("Cache-Control", _KEPT)
