"""What the command line says, and how it says that something can't be done."""

from __future__ import annotations

import sys


class Wrong(Exception):
    """What was asked for can't be done; its text is a sentence that says why and what to do."""


def say(sentence: str) -> None:
    """Write a sentence on the terminal; what a command makes goes into files, or elsewhere."""
    print(sentence, file=sys.stderr, flush=True)
