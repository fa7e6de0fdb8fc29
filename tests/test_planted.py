"""The list of planted faults fits the tree: each is where it says, and each test is there."""

import ast

import pytest

from tests.helpers import ROOT
from tests.planted import Fault, read_faults


@pytest.mark.parametrize("fault", read_faults(), ids=lambda fault: fault.what)
def test_a_fault_on_the_list_can_be_planted_and_its_tests_can_be_run(fault: Fault) -> None:
    whole = (ROOT / fault.file).read_text("utf-8")
    assert whole.count(fault.text) == 1, f"mend its text in tests/faults.toml: {fault.text!r}"
    planted = whole.replace(fault.text, fault.planted)
    assert planted != whole
    if fault.file.endswith(".py"):
        ast.parse(planted)  # else everything that imports it would notice

    assert fault.tests
    for test in fault.tests:
        file, _, name = test.partition("::")
        text = (ROOT / "tests" / file).read_text("utf-8")
        assert not name or f"def {name.partition('[')[0]}(" in text, test


def test_no_two_faults_are_called_the_same():
    names = [fault.what for fault in read_faults()]
    assert len(names) == len(set(names))
