"""Which frames of a page's socket are read, and which close it."""

from __future__ import annotations

import pytest
from jupyter_server.services.kernels.connection.base import (
    serialize_binary_message,
    serialize_msg_to_ws_v1,
)

from dfwidgets.serve.sockets import is_sound

V1 = "v1.kernel.websocket.jupyter.org"
PARTS = [b'{"msg_type": "comm_msg"}', b"{}", b"{}", b'{"data": {}}', b"\xff\xd8 a picture"]
FRAME = serialize_msg_to_ws_v1(PARTS, "shell")
BEFORE = serialize_binary_message(
    {"header": {}, "parent_header": {}, "metadata": {}, "content": {}, "buffers": [b"a picture"]}
)


def test_what_a_page_sends_is_sound():
    assert is_sound(FRAME, V1)
    assert is_sound(serialize_msg_to_ws_v1(PARTS[:4], "shell"), V1)
    assert is_sound(BEFORE, None)
    assert is_sound('{"channel": "shell"}', None)


@pytest.mark.parametrize("count", [0, 5, 10, 2**20, 2**63])
def test_a_frame_that_names_more_parts_than_it_can_hold_is_not(count):
    assert not is_sound(count.to_bytes(8, "little"), V1)
    assert not is_sound(count.to_bytes(8, "little") + FRAME[8:80], V1)
    assert not is_sound(min(count, 2**31 - 1).to_bytes(4, "big"), None)


def test_parts_lie_in_the_frame_one_after_the_other():
    place = 8 * 3
    for offset in (0, 2**40, len(FRAME) + 1):
        assert not is_sound(FRAME[:place] + offset.to_bytes(8, "little") + FRAME[place + 8 :], V1)


def test_each_protocol_reads_only_its_own():
    assert not is_sound("{}", V1)
    assert not is_sound(b"", V1)
    assert not is_sound(b"", None)
    assert not is_sound(BEFORE, V1)
    assert not is_sound(FRAME, None)
