"""What the command line says, and how it says that something can't be done."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable


class Wrong(Exception):
    """What was asked for can't be done; its text is a sentence that says why and what to do."""


def say(sentence: str) -> None:
    """Write a sentence on the terminal; what a command makes goes into files, or elsewhere."""
    print(sentence, file=sys.stderr, flush=True)


def up_to(most: int) -> Callable[[str], int]:
    """What reads an option's value as a whole number from 1 to `most`."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not 0 < int(text) <= most:
            raise argparse.ArgumentTypeError(f"expected a number from 1 to {most}, got “{text}”")
        return int(text)

    return read
