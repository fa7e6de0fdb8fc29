"""A detector that can be copied, and sent to another process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dfwidgets import shipped


class FromFolder:
    """A detector made of the files in its folder: a copy of it loads them anew.

    In another process the models that come with dfwidgets are those that lie beside it there.
    """

    folder: Path

    def _begin(self) -> None:
        """Set what is made later, once, and never leaves its process."""
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        begun = type(self).__new__(type(self))
        begun._begin()
        kept = {name: value for name, value in vars(self).items() if name not in vars(begun)}

        folder = Path(os.path.abspath(self.folder))
        if folder.is_relative_to(shipped.ROOT):
            folder = folder.relative_to(shipped.ROOT)
        return {**kept, "folder": folder}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._begin()
        vars(self).update(state)
        self.folder = shipped.ROOT / self.folder  # an absolute one stays as it is
