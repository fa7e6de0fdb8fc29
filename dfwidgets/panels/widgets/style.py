"""The style sheet that all panels share."""

from pathlib import Path

STYLE = Path(__file__).parents[2] / "static" / "style.css"
