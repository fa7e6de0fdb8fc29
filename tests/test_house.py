"""The borders that no single room can hold: what the package's face shows, what an import loads,
which way the rooms use one another, and what tests take from tests."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dfwidgets as df
from tests.helpers import ROOT, as_another_user

TESTS = ROOT / "tests"
HEAVY = {"tensorflow", "keras", "tf_keras_vis", "ai_edge_litert", "matplotlib", "scipy"}
HEAVY |= {"cv2", "c2pa", "voila", "dask", "distributed", "pyarrow"}


def test_the_list_of_public_names_is_sorted_and_whole():
    tree = ast.parse(Path(df.__file__).read_text())
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    public = {name for name in imported if not name.startswith("_")}
    assert df.__all__ == sorted(df.__all__)
    assert set(df.__all__) - {"__version__"} == public
    for name in df.__all__:
        assert getattr(df, name).__doc__ or name == "__version__", name


def test_importing_the_package_loads_nothing_that_is_slow():
    code = "import sys, dfwidgets; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = run([sys.executable, "-c", code]).stdout.split()
    assert "dfwidgets" in loaded
    assert not HEAVY & set(loaded)


def run(command: list[str], folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command on the package in `folder`, not on the installed one."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its borders, to be broken."""
    without = shutil.ignore_patterns("__pycache__", "static", "weights")
    shutil.copytree(ROOT / "dfwidgets", tmp_path / "dfwidgets", ignore=without)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return run([str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], folder)


def test_every_room_uses_only_what_lies_below_it(copy):
    linted = lint_imports(copy)
    assert linted.returncode == 0, linted.stdout
    assert "0 broken" in linted.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("pictures/images.py", "import dfwidgets.session", "rooms: "),
        (
            "wording.py",
            "if __import__('typing').TYPE_CHECKING:\n    from dfwidgets.panels import upload",
            "rooms: ",
        ),
        ("panels/upload.py", "from dfwidgets.panels import heatmap", "panels: "),
        ("detectors/lite.py", "import dfwidgets.detectors.keras", "detectors: "),
        ("measure/predictions.py", "import dfwidgets.measure.scorecard", "files: "),
    ],
)
def test_an_import_the_wrong_way_is_found_and_named(copy, file, line, contract):
    path = copy / "dfwidgets" / file
    path.write_text(f"{path.read_text()}\n\n{line}\n")
    linted = lint_imports(copy)
    assert linted.returncode == 1
    broken = [said for said in linted.stdout.splitlines() if said.endswith("BROKEN")]
    assert [said for said in broken if said.startswith(contract)], linted.stdout


def test_the_map_in_contributing_names_every_file_of_the_tree():
    package = ROOT / "dfwidgets"
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rows = text.partition("| room in `dfwidgets/` |")[2].partition("\n\n")[0].splitlines()[2:]
    named = {"": set()}
    for row in rows:
        room, content = re.fullmatch(r"\| (?:`([a-z]+)/`|.*?) \| (.*) \|", row).groups()
        names = set(re.findall(r"`([a-z_]+)/?`", content))
        if row.startswith("| `../"):
            continue  # beside the package
        if room is None:
            named[""] |= names
        else:
            named[room] = names
            named[""].add(room)

    for room, names in named.items():
        inside = {path.stem for path in (package / room).iterdir() if path.name[0] not in "_."}
        if room in ("static", ""):  # style sheets; py.typed, and two folders of data
            inside -= {"style", "sheet", "py", "weights"}
        names -= {"adapt", "lessons", "score"}
        assert names == inside, f"the row of {room or 'the door'} in CONTRIBUTING.md"

    places = text.partition("To change ..., open ...:")[2].partition("One way")[0]
    for place in re.findall("`([^`]+)`", places):
        assert (package / place).is_file(), place


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: path.stem)
def test_no_test_takes_anything_from_a_test(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            taken = [f"{node.module or ''}.{alias.name}" for alias in node.names]
            assert node.level == 0, "name the whole way: from tests.helpers import ..."
        elif isinstance(node, ast.Import):
            taken = [alias.name for alias in node.names]
        else:
            continue
        for name in taken:
            parts = name.split(".")
            from_tests = parts[0] == "tests" and {part[:5] for part in parts} & {"test_", "conft"}
            assert not from_tests, f"{name}: what several tests need lies in tests/helpers.py"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_another_user_can_not_read_what_is_locked_and_reads_the_rest(open_place):
    for name, mode in (("open.txt", 0o644), ("locked.txt", 0o000)):
        (open_place / name).write_text(name)
        (open_place / name).chmod(mode)
    code = (
        "for path in sys.argv[1:]:\n"
        "    try: print(open(path).read())\n"
        "    except PermissionError: print('no')\n"
    )
    said = as_another_user(code, open_place / "open.txt", open_place / "locked.txt")
    assert said.split() == ["open.txt", "no"]


def test_what_was_skipped_for_want_of_the_data_beside_the_checkout_is_counted(tmp_path):
    tests = tmp_path / "checkout" / "tests"
    tests.mkdir(parents=True)
    for name in ("__init__.py", "conftest.py", "helpers.py"):
        shutil.copy(TESTS / name, tests)
    (tests / "test_one.py").write_text(
        "from tests.helpers import needs_ancestor\n"
        "def test_a(shared_faces): pass\n"
        "def test_b(shared_faces): pass\n"
        "@needs_ancestor\n"
        "def test_c(): pass\n"
        "def test_d():\n"
        "    from hypothesis import settings\n"
        "    drawn = settings.get_current_profile_name()\n"
        "    assert (drawn, settings().derandomize, settings().deadline) == ('same', True, None)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tests.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tests.parent), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed, 3 skipped" in ran.stdout, ran.stdout + ran.stderr
    assert "2 tests skipped: shared/data is not beside this checkout" in ran.stdout
    assert "1 test skipped: shared/ancestor is not beside this checkout" in ran.stdout
