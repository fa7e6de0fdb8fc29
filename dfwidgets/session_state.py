"""What a session knows, as traits that panels observe, and what it can be waiting for."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
import traitlets as t

from dfwidgets.detector import Adapted, Prediction, adapt
from dfwidgets.explain import Explanation
from dfwidgets.facts import FileFacts
from dfwidgets.pictures import Face


class Pending(StrEnum):
    """What a session waits for, or what went wrong with it."""

    NOTHING = ""
    """No answer is waited for; nothing went wrong."""
    LOAD = "load"
    """The model gets ready."""
    OPEN = "open"
    """A picture is read and its faces are looked for."""
    JUDGE = "judge"
    """The detector is asked about a face."""
    EXPLAIN = "explain"
    """A map is drawn."""
    DELETION = "deletion"
    """The map's brightest places are blurred and compared with random ones."""
    SANITY = "sanity"
    """The map is drawn again with shuffled weights."""


OF_VERDICTS = (Pending.OPEN, Pending.JUDGE)
"""What ends in another verdict; whatever is worked out of the one that stands gives way."""

OF_MAPS = (Pending.EXPLAIN, Pending.DELETION, Pending.SANITY)
"""What concerns the map alone; the verdict stands while it is waited for."""


_OLD_WORDS = {Pending.DELETION: "check", Pending.SANITY: "shuffle"}  # what version 0.1 said


class SessionState(t.HasTraits):
    """One picture, the face in it that is judged, and what a detector says of it; read only."""

    detector: t.Instance[Any] = t.Instance(object, allow_none=True, read_only=True)
    """The detector that is asked; `use_detector` chooses another."""

    image: t.Instance[Any] = t.Instance(np.ndarray, allow_none=True, read_only=True)
    """The picture, uint8 (height, width, 3), or None before the first."""

    facts = t.Instance(FileFacts, allow_none=True, read_only=True)
    """What the file of the picture says; None where the picture came as an array."""

    faces = t.Tuple(read_only=True)
    """The faces found in it, largest first."""

    face = t.Instance(Face, allow_none=True, read_only=True)
    """The face that is judged; None for the whole picture."""

    prediction = t.Instance(Prediction, allow_none=True, read_only=True)
    """What the detector says; None until it has answered."""

    explanation = t.Instance(Explanation, allow_none=True, read_only=True)
    """Where it looked, how that was found out and what the map is worth; None before `explain`."""

    heatmap: t.Instance[Any] = t.Instance(np.ndarray, allow_none=True, read_only=True)
    """The map of `explanation`, float32 (height, width), 0..1."""

    band = t.Tuple(default_value=None, allow_none=True, read_only=True)
    """The edges of "can't tell" that somebody chose, (low, high); None for the detector's own."""

    busy = t.Int(0, read_only=True)
    """How many questions wait for an answer."""

    progress = t.Float(0.0, read_only=True)
    """The fraction of a slow map that is done, 0 to 1."""

    pending = t.UseEnum(Pending, Pending.NOTHING, read_only=True)
    """What is waited for."""

    error = t.Unicode("", read_only=True)
    """What went wrong with the last thing asked for, as a sentence; empty where nothing did."""

    failed = t.UseEnum(Pending, Pending.NOTHING, read_only=True)
    """Which of them went wrong."""

    @property
    def adapted(self) -> Adapted:
        """The detector, with a plain default for each thing that it can't do."""
        return adapt(self.detector)

    # The names of version 0.1, as they were.
    doing = property(lambda self: _OLD_WORDS.get(self.pending, self.pending))
    method = property(lambda self: self.explanation.method if self.explanation else "Grad-CAM")
    toward = property(lambda self: self.explanation.toward if self.explanation else "fake")
    deletion = property(lambda self: self.explanation and self.explanation.deletion)
    sanity = property(lambda self: self.explanation and self.explanation.sanity)
