"""Voila as it serves many: ready kernels, packed files, sockets that hold nobody up."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from jupyter_server.base.handlers import FileFindHandler
from voila.app import Voila
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from dfwidgets.serve.files import ExtensionFiles, TemplateFiles, VoilaFiles
from dfwidgets.serve.page import PageHandler, log_request
from dfwidgets.serve.ready import ReadyKernels
from dfwidgets.serve.sockets import CheckedConnection, CheckedSocket

_OURS: dict[type, type] = {
    TornadoVoilaHandler: PageHandler,
    VoilaKernelWebsocketHandler: CheckedSocket,
    TemplateStaticFileHandler: TemplateFiles,
    MultiStaticFileHandler: VoilaFiles,
    FileFindHandler: ExtensionFiles,
}

# Server and kernels meet at files in a folder of the server's own, where the system can. Over TCP a
# kernel that is not there yet has a port that another program may take, or that the socket which
# looks for it gets itself: then that socket waits for ever, and the server with it.
_BY_FILES = ("--KernelManager.transport=ipc", "--KernelManager.transport_encryption=disabled")


class ManyPages(Voila):
    """Voila whose pages are ready before anyone comes, and which always answers."""

    ready = 1
    """How many pages are kept ready."""

    limit = 100
    """How many people can have the page open at once."""

    options: ClassVar[tuple[str, ...]] = _BY_FILES if sys.platform == "linux" else ()
    """What its command line has to hold."""

    def init_settings(self) -> dict[str, Any]:
        """The settings of the server, with kernels of ours in place of Voila's."""
        settings: dict[str, Any] = super().init_settings()
        allowed = settings["kernel_manager"].allowed_message_types
        self.kernel_manager = ReadyKernels(
            parent=self,
            connection_dir=self.connection_dir,
            kernel_spec_manager=self.kernel_spec_manager,
            allowed_message_types=allowed,
            size=self.ready,
            limit=self.limit,
        )
        # What a kernel can't take at once is refused: the server has one thread, which must not
        # wait.
        self.kernel_manager.context.sndtimeo = 0
        return settings | {
            "kernel_manager": self.kernel_manager,
            "kernel_websocket_connection_class": CheckedConnection,
            "log_function": log_request,
        }

    def init_handlers(self) -> list[Any]:
        """What answers at which address."""
        return [
            (address, _OURS.get(handler, handler), *more)
            for address, handler, *more in super().init_handlers()
        ]
