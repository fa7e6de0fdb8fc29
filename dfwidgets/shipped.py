"""Where the files lie that come with dfwidgets: in its repository, or in the installed package."""

from __future__ import annotations

from pathlib import Path

__version__ = "0.1.0"

_PACKAGE = Path(__file__).parent
_PACKED = _PACKAGE / "_shipped"  # hatch_build.py puts it into a wheel; a checkout has none

ROOT = _PACKED if _PACKED.is_dir() else _PACKAGE.parent
"""Holds `models`, `images`, `notebooks` and `voila`, in a wheel as in the repository."""

MODELS = ROOT / "models"
DETECTOR = MODELS / "detector"
IMAGES = ROOT / "images"
NOTEBOOKS = ROOT / "notebooks"


def how_to_add(extra: str) -> str:
    """The sentence that says how to install a further ability, in the words of this installation.

    Args:
        extra: its name in pyproject.toml, as “apps” or “keras”.
    """
    if ROOT != _PACKED:
        return f'In the folder of dfwidgets, run “pip install ".[{extra}]"”.'
    return (
        "In the folder that holds the wheel from which dfwidgets was installed, run "
        f'“pip install "./dfwidgets-{__version__}-py3-none-any.whl[{extra}]"”.'
    )
