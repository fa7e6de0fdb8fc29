"""A page's socket to its kernel, which nothing that is sent through it can hold up.

Jupyter Server and Voila read the number of a frame's parts from its first bytes and prepare for as
many, whatever that number is: with a large one the server answers nobody any more.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

_V1 = "v1.kernel.websocket.jupyter.org"
_INVALID = 1007  # of RFC 6455: what came is not what was agreed on


def is_sound(frame: bytes | str, protocol: str | None) -> bool:
    """Whether the parts that a frame names lie inside it, one after the other.

    Args:
        frame: what a browser sent.
        protocol: the one that was agreed on, `v1.kernel.websocket.jupyter.org`; None is the one
            before it, where text is JSON.
    """
    if isinstance(frame, str):
        return protocol != _V1
    size = 8 if protocol == _V1 else 4
    order = "little" if protocol == _V1 else "big"
    # The channel, where it ends, and four parts; before that, one part in all.
    least = 6 if protocol == _V1 else 1
    count = int.from_bytes(frame[:size], order)  # type: ignore[arg-type]
    begins = size * (count + 1)
    if count < least or begins > len(frame):
        return False
    places = range(size, begins, size)
    offsets = [int.from_bytes(frame[at : at + size], order) for at in places]  # type: ignore[arg-type]
    return [begins, *offsets, len(frame)] == sorted([begins, *offsets, len(frame)])


class CheckedConnection(ZMQChannelsWebsocketConnection):
    """Jupyter Server's connection between page and kernel, which closes on what it can't read."""

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Pass on what a page sent, if it is sound."""
        if is_sound(incoming_msg, self.subprotocol):
            super().handle_incoming_message(incoming_msg)
        else:
            self.websocket_handler.close(_INVALID, "This is no message for a kernel.")

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Pass on what a kernel sent, if anybody is there to hear it."""
        # Without a socket no protocol is known any more, and the message would be written in
        # another than the one it is then read by.
        if self.websocket_handler.ws_connection is not None:
            super().handle_outgoing_message(stream, outgoing_msg)


class CheckedSocket(VoilaKernelWebsocketHandler):
    """Voila's socket, which reads only what is written in the protocol that it reads."""

    def write_message(self, message: Any, binary: bool = False) -> Any:
        """Send a message to the page."""
        if isinstance(message, bytes) and self.selected_subprotocol != _V1:
            return super(VoilaKernelWebsocketHandler, self).write_message(message, binary)
        return super().write_message(message, binary)
