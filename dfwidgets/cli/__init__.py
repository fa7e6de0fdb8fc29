"""The command line: `dfwidgets dashboard | lessons | score`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from dfwidgets.cli import dashboard, lessons, score
from dfwidgets.cli.terminal import Wrong, say
from dfwidgets.detector import ModelError
from dfwidgets.shipped import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit status (0, 1 or 2), with no traceback."""
    parser = argparse.ArgumentParser(
        "dfwidgets", description="Explore whether pictures of faces are real or deepfakes."
    )
    parser.add_argument("--version", action="version", version=f"dfwidgets {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (dashboard, lessons, score):
        command.add_to(commands)
    options = parser.parse_args(argv)

    try:
        return int(options.run(options))
    except (Wrong, ModelError) as error:
        say(str(error))
    except OSError as error:
        say(_reason(error))
    except KeyboardInterrupt:
        say("Stopped.")
        return 1
    return 2


def _reason(error: OSError) -> str:
    # Either a sentence of ours, or the system's reason why a file can't be written.
    if not error.strerror:
        return str(error)
    return f"{error.filename or 'A file'}: {error.strerror}. Check the path."
