"""What `make`, conda and Binder install is one list, held by hashes, and it is the list of
pyproject.toml."""

from __future__ import annotations

import filecmp
import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()
ENVIRONMENT = (ROOT / "environment.yml").read_text()
# Each requirement of the lock with the hashes below it; a few packages stand there twice, once for
# each Python.
LOCKED = [
    (Requirement(line), re.findall(r"--hash=sha256:[0-9a-f]{64}\b", hashes))
    for line, hashes in re.findall(r"^(\S.*?) *\\\n((?: +--hash.*\n)+)", LOCK, flags=re.MULTILINE)
]
WANTED = [
    *PROJECT["dependencies"],
    *(line for extra in PROJECT["optional-dependencies"].values() for line in extra),
]


def same(one: str, other: str) -> bool:
    return canonicalize_name(one) == canonicalize_name(other)


@pytest.mark.parametrize("line", WANTED)
def test_the_lock_satisfies_each_line_of_pyproject(line):
    wanted = Requirement(line)
    pins = [
        pin for locked, _ in LOCKED if same(locked.name, wanted.name) for pin in locked.specifier
    ]
    assert pins
    for pin in pins:
        assert pin.operator == "=="
        assert pin.version in wanted.specifier


def test_every_package_of_the_lock_has_hashes():
    assert len(LOCKED) == len(re.findall(r"^\S", LOCK, flags=re.MULTILINE))
    assert all(hashes for _, hashes in LOCKED)


def test_the_lock_names_no_registry_and_no_path():
    assert "://" not in LOCK
    assert not re.findall(r"^(?!\s*#).*(?: @ |[/~]|--(?:index|find))", LOCK, flags=re.MULTILINE)
    assert not re.findall(r"# .*?(?<![\w.])/", LOCK)


def test_make_conda_and_pyproject_agree_about_python():
    bounds = PROJECT["requires-python"]
    # Binder reads a version only where it is written this way; else it starts from a Python of its
    # own and replaces it.
    (version,) = re.findall(r"^  - python=(3\.\d+)$", ENVIRONMENT, flags=re.MULTILINE)
    assert Version(version) in SpecifierSet(bounds)
    low, high = re.findall(r"\((\d+), (\d+)\)", (ROOT / "Makefile").read_text())
    assert bounds == f">={'.'.join(low)},<{'.'.join(high)}"


def test_the_container_has_a_python_that_fits_and_a_lock_to_hold_to():
    dockerfile = (ROOT / "Dockerfile").read_text()
    (version,) = re.findall(r"^FROM python:(3\.\d+)-slim$", dockerfile, flags=re.MULTILINE)
    assert Version(version) in SpecifierSet(PROJECT["requires-python"])
    assert "--constraint" in dockerfile


def test_conda_installs_the_lock_and_nothing_beside_it():
    pip = ENVIRONMENT.partition("- pip:\n")[2]
    assert pip.split() == ["-", "-r", "requirements.lock"]


def test_both_servers_take_messages_of_100_mib():
    voila = json.loads((ROOT / "notebooks" / "voila.json").read_text())["Voila"]
    lab = json.loads((ROOT / "notebooks" / "jupyter_server_config.json").read_text())["ServerApp"]
    for server in (voila, lab):
        assert server["tornado_settings"]["websocket_max_message_size"] >= 100 * 2**20


def test_the_installed_page_is_the_one_in_the_tree():
    tree = ROOT / "voila" / "templates" / "dfwidgets"
    installed = Path(sys.prefix) / "share" / "jupyter" / "voila" / "templates" / "dfwidgets"
    names = [str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()]
    equal, differ, missing = filecmp.cmpfiles(tree, installed, names, shallow=False)
    assert (differ, missing) == ([], []), "run `make install`"
    assert equal
    told = Path(sys.prefix) / "etc" / "jupyter" / "voila.json"
    assert told.read_text() == (ROOT / "voila" / "voila.json").read_text(), "run `make install`"


def test_the_style_sheet_has_a_rule_for_all_that_the_markup_names():
    # A merge once left it empty, which no test of a panel's words can see.
    rules = set(
        re.findall(r"\.(dfw[a-z-]*)", (ROOT / "dfwidgets" / "static" / "style.css").read_text())
    )
    named = {
        name
        for path in ("markup.py", "report/verdict.py")
        for name in re.findall(r"\bdfw-[a-z-]+", (ROOT / "dfwidgets" / path).read_text())
    }
    assert named and named <= rules
