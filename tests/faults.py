"""The one-line faults that `python -m tests.planted` plants, each with the tests that must notice.

Most were found by hand in November 2026: planted then, they survived the tests of their module.
Whoever finds another adds it here, with a test that notices it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One line as it stands, and as it stands with a fault.

    Attributes:
        what: what goes wrong, as somebody would tell it.
        file: where, as seen from the repository.
        text: the words as they stand; exactly once in that file.
        planted: the words in their place.
        tests: test files, or node ids, one of which must fail.
    """

    what: str
    file: str
    text: str
    planted: str
    tests: tuple[str, ...]


def _fault(what: str, file: str, text: str, planted: str, *tests: str) -> Fault:
    return Fault(what, file, text, planted, tuple(f"tests/{test}" for test in tests))


READ_WRONG = (
    _fault(
        "a sheet judges its changed copies at the model's own edges",
        "dfwidgets/report/evidence.py",
        "band = said.band if known.by_hand else None",
        "band = None",
        "test_evidence.py::test_edges_chosen_by_hand_judge_the_changed_copies_too",
    ),
    _fault(
        "the sentence in counts is the one of the old edges",
        "dfwidgets/detectors/loading.py",
        "manifest.frequency(prediction.p_fake, band)",
        "manifest.frequency(prediction.p_fake)",
        "test_session.py",
    ),
    _fault(
        "the next picture is judged at the model's own edges",
        "dfwidgets/session.py",
        "prediction = at_edges(detector, prediction, self.band)",
        "prediction = prediction",
        "test_session.py",
    ),
    _fault(
        "a score exactly on the lower edge is can't tell",
        "dfwidgets/detector.py",
        "low < self.p_fake < high",
        "low <= self.p_fake < high",
        "test_detector.py",
    ),
    _fault(
        "a score exactly on the upper edge is can't tell",
        "dfwidgets/detector.py",
        "low < self.p_fake < high",
        "low < self.p_fake <= high",
        "test_detector.py",
    ),
)

LOCKS = (
    _fault(
        "a new picture waits for the slow map of the one before",
        "dfwidgets/session.py",
        "        self.cancel()  # a slow map would keep the new picture waiting\n",
        "",
        "test_session.py",
    ),
)

FAULTS: tuple[Fault, ...] = (*READ_WRONG, *LOCKS)
