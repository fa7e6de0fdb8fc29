"""What the field for pictures and its page send to each other."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

# What the page sends. Nothing holds it to that: each value is looked at before it is used.


class Several(TypedDict):
    """Several files were chosen, and some of them taken; they wait until they are asked for."""

    kind: Literal["several"]
    chosen: int
    taken: int


class Start(TypedDict):
    """A file begins to come; `id` is the browser's own number for it, `size` its bytes."""

    kind: Literal["start"]
    id: int
    size: int
    name: NotRequired[str]


class Piece(TypedDict):
    """The next bytes of it, which go along as a buffer."""

    kind: Literal["piece"]
    id: int


class TooBig(TypedDict):
    """A file was not even begun."""

    kind: Literal["too big"]
    size: int
    name: NotRequired[str]


class Unreadable(TypedDict):
    """A file could not be read to its end."""

    kind: Literal["unreadable"]
    name: NotRequired[str]


class Nothing(TypedDict):
    """What was dropped is no file; or no answer came for so long that the page gave up."""

    kind: Literal["no file", "lost"]


FromPage = Several | Start | Piece | TooBig | Unreadable | Nothing


# What the page gets.


class Received(TypedDict):
    """So many bytes have arrived: the page may send what follows them."""

    kind: Literal["received"]
    id: int | None
    received: int


class Next(TypedDict):
    """The next of several files is wanted."""

    kind: Literal["next"]


class Stop(TypedDict):
    """Nothing more is wanted."""

    kind: Literal["stop"]
