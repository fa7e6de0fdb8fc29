"""Environments as somebody else has them: what a wheel asks for, and nothing else of this one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def build_wheel(folder: Path, root: Path) -> Path:
    """The wheel of this repository, as `pip wheel` would build it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install_elsewhere(wheel: Path, extra: str, place: Path) -> Path:
    """A new environment with the wheel and what it requires, taken from here instead of fetched.

    pip checks that nothing is missing, and what was not required is not there.

    Returns:
        the folder of its commands.
    """
    venv.create(place, with_pip=False, symlinks=True)
    inside = _site_packages(place)
    for required in _required("dfwidgets", {extra}) - {"dfwidgets"}:
        _give(distribution(required), inside, place)

    python = place / "bin" / "python"
    target = f"dfwidgets[{extra}] @ {wheel.as_uri()}" if extra else str(wheel)
    pip = [sys.executable, "-m", "pip", f"--python={python}", "--isolated", "-q", "install"]
    subprocess.run([*pip, "--no-index", target], check=True)
    return place / "bin"


def _site_packages(place: Path) -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return place / "lib" / version / "site-packages"


def _required(name: str, extras: set[str]) -> set[str]:
    """The names of a distribution and of all that it requires."""
    found: dict[str, set[str]] = {}
    todo = [(canonicalize_name(name), extras | {""})]
    while todo:
        name, wanted = todo.pop()
        if name in found and wanted <= found[name]:
            continue
        found[name] = found.get(name, set()) | wanted
        for line in distribution(name).requires or ():
            requirement = Requirement(line)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in wanted):
                todo.append((canonicalize_name(requirement.name), requirement.extras | {""}))
    return set(found)


def _give(installed: Distribution, inside: Path, place: Path) -> None:
    here = Path(sys.prefix)
    source = _site_packages(here)
    for file in installed.files or ():
        path = Path(str(file.locate())).resolve()
        if path.is_relative_to(source):
            top = path.relative_to(source).parts[0]
            if not (inside / top).exists():
                (inside / top).symlink_to(source / top)
        elif path.is_relative_to(here) and path.parent.name != "bin":
            # Pages are made of these, and servers refuse to follow links out of their folders.
            copy = place / path.relative_to(here)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
