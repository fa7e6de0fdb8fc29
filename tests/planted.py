"""One-line faults, and the tests that must notice each: `python -m tests.planted [WORD ...]`.

Each fault is planted alone into a copy of the tree, never into the tree itself, and the tests named
beside it run there. A table says what was noticed; one that survives, or whose text is no longer in
its file, makes the command exit with 1. With words, only the faults whose lines hold one of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.helpers import ROOT

FAULTS = ROOT / "tests" / "faults.toml"

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "artefacts", "build", "*.egg-info"
)
_LIMIT = 900
"""Seconds after which a fault counts as noticed: a test that hangs fails, too."""


@dataclass(frozen=True)
class Fault:
    """A line as it stands in a file, and as it stands there with a fault; see faults.toml."""

    what: str
    file: str
    text: str
    planted: str
    tests: list[str]


def read_faults() -> list[Fault]:
    """All faults, as they are listed."""
    return [Fault(**listed) for listed in tomllib.loads(FAULTS.read_text("utf-8"))["fault"]]


def main(words: list[str]) -> int:
    """Plant the faults that hold one of the words, all if there are none; 1 where one survived."""
    chosen = [fault for fault in read_faults() if _is_meant(fault, words)]
    with tempfile.TemporaryDirectory() as folder:
        copy = _copy(Path(folder))

        # Tests that fail without any fault would notice everything.
        tests = sorted({test for fault in chosen for test in fault.tests})
        sound, seconds = _run(tests, copy)
        print(f"{len(tests)} tests or files without a fault: {sound or 'pass'}, {seconds:.0f} s")
        if sound:
            return 1

        survived = []
        width = max(len(fault.what) for fault in chosen)
        for fault in chosen:
            noticed, seconds = _plant(fault, copy)
            print(f"{fault.what:{width}}  {noticed or 'NOBODY'}  {seconds:.0f} s", flush=True)
            if not noticed:
                survived.append(fault)

    print(f"{len(chosen) - len(survived)} of {len(chosen)} faults are noticed.")
    return 1 if survived else 0


def _is_meant(fault: Fault, words: list[str]) -> bool:
    line = f"{fault.what} {fault.file} {' '.join(fault.tests)}".lower()
    return not words or any(word.lower() in line for word in words)


def _copy(folder: Path) -> Path:
    """The tree as it stands, with what lies beside it."""
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
    if (ROOT.parent / "shared").is_dir():
        (folder / "shared").symlink_to(ROOT.parent / "shared")
    return copy


def _plant(fault: Fault, copy: Path) -> tuple[str, float]:
    """Who noticed a fault, and after how long; nobody is an empty text."""
    path = copy / fault.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(fault.text) != 1:
        return "", 0.0
    path.write_text(whole.replace(fault.text, fault.planted), encoding="utf-8")
    try:
        return _run(fault.tests, copy)
    finally:
        path.write_text(whole, encoding="utf-8")


def _run(tests: list[str], copy: Path) -> tuple[str, float]:
    """The first test that fails, and the seconds until then; an empty text where all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
    # Compiled files are told from stale ones by size and second: too coarse for what happens here.
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    for compiled in copy.rglob("__pycache__"):
        shutil.rmtree(compiled)

    begin = time.monotonic()
    try:
        ran = subprocess.run(
            [*command, *(f"tests/{test}" for test in tests)],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "a test that hangs", time.monotonic() - begin
    seconds = time.monotonic() - begin

    if ran.returncode == 0:
        return "", seconds
    found = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    assert found, f"pytest could not run {tests}:\n{ran.stdout}{ran.stderr}"
    return found[0].split(" - ")[0].split(maxsplit=1)[1], seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
