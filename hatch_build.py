"""What a wheel carries beside the package: detector, sample pictures, lessons, the page's frame.

In the repository they lie at the top, and an editable install finds them there: only a wheel gets
copies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("models/detector", "images", "notebooks", "voila/templates")
ENDINGS = {
    ".ipynb",
    ".json",
    ".tflite",
    ".keras",
    ".csv",
    ".md",
    ".jpg",
    ".png",
    ".css",
    ".js",
    ".j2",
    ".html",
}


class Shipped(BuildHookInterface):
    """Puts copies below `dfwidgets/_shipped`, where `dfwidgets/shipped.py` looks for them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds; `version` is “editable” or “standard”."""
        if version == "editable":
            return
        root = Path(self.root)
        for folder in SHIPPED:
            for path in sorted((root / folder).rglob("*")):
                name = path.relative_to(root)
                hidden = any(part.startswith(".") for part in name.parts)
                if path.is_file() and path.suffix in ENDINGS and not hidden:
                    build_data["force_include"][str(path)] = f"dfwidgets/_shipped/{name.as_posix()}"
