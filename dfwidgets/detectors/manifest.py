"""What a model file is and what its number means: the one place where that is written and read."""

from __future__ import annotations

import json
import math
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets.detector import ModelError, Prediction
from dfwidgets.detectors.manifest_values import find_problem
from dfwidgets.detectors.model_file import check_file
from dfwidgets.pictures import Face, WhichFace
from dfwidgets.wording import CAME_FROM, COUNTED_ON, NEVER_MEASURED, listed, of_100, span


@dataclass(frozen=True, eq=False)
class Manifest:
    """A model folder's `manifest.json`.

    Attributes:
        folder: where the model lies.
        files: file name to the sha256 that it must have.
        size: width and height of the network's input, in pixels.
        speaks_for: the class that a high number means, "fake" or "real".
        crop: "face" (the judged face is cut out) or "whole" (the picture is squashed to a square).
        output: "logit" or "probability", the network's one number.
        temperature: the logit is divided by it (Guo et al., "On Calibration", ICML 2017).
        band: the two probabilities of fake between which the answer is "can't tell".
        measured: `threshold`, rising; `reals` and `fakes`, by test set the fraction of its faces
            at or above each; `on`, what that was measured on; and if need be `about`, what people
            read of a set, and `reals_for`, whose reals stand against the fakes of a set without.
            None where nobody measured.
        note: a sentence that people should read with each verdict.
    """

    folder: Path
    name: str
    files: dict[str, str]
    size: int
    speaks_for: str
    crop: str = "face"
    output: str = "logit"
    temperature: float = 1.0
    band: tuple[float, float] = (0.3, 0.7)
    measured: dict[str, Any] | None = None
    note: str = ""

    def path(self, suffix: str) -> Path:
        """The path of the one listed file with this ending, checked against its sha256.

        Raises:
            ModelError: it is not listed, missing, a Git LFS pointer, cut short or another file.
        """
        names = [name for name in self.files if name.endswith(suffix)]
        if len(names) != 1:
            raise ModelError(
                f"expected one {suffix} file in {self.folder.name}/manifest.json, got {len(names)}"
            )
        check_file(self.folder / names[0], self.files[names[0]])
        return self.folder / names[0]

    @property
    def sign(self) -> int:
        """1 where a high number of the network means fake, -1 where it means real.

        For logits and maps alike.
        """
        return 1 if self.speaks_for == "fake" else -1

    def judged(self, face: WhichFace) -> WhichFace:
        """The face that the network sees when it is asked about `face`; None: the whole picture."""
        return face if self.crop == "face" else None

    def logit(self, value: float) -> float:
        """Turn the network's own number into a logit that is above 0 toward fake."""
        if self.output == "probability":
            # A saturated sigmoid is exactly 0 or 1, of which there is no logit.
            value = min(max(float(value), 1e-7), 1 - 1e-7)
            value = math.log(value / (1 - value))
        return self.sign * float(value)

    def prediction(self, logit: float, face: Face | None, reason: str = "") -> Prediction:
        """Say what a logit (above 0 toward fake) means.

        Raises:
            ModelError: the logit is no number.
        """
        if not math.isfinite(logit):
            raise ModelError(
                f"The model “{self.name}” gave no number ({logit}) for this picture. "
                "Its file may be damaged."
            )
        calibrated = np.clip(logit / self.temperature, -60, 60)  # beyond, exp overflows
        p_fake = float(1 / (1 + np.exp(-calibrated)))
        return Prediction(p_fake, logit, self.band, self.frequency(p_fake), reason, face)

    def frequency(self, p_fake: float, band: tuple[float, float] | None = None) -> str:
        """A score in counted test pictures, and which those were.

        So people understand it best (Gigerenzer and Hoffrage, 1995). Below the lower edge of `band`
        (the model's own if not given) those are counted that score so low, else those that score so
        high.
        """
        if not self.measured:
            return self.about
        low, high = band or self.band
        reals = self._fractions_at(p_fake, "reals")
        fakes = self._fractions_at(p_fake, "fakes")
        # With both edges on one place a score there is "likely fake", as in `Prediction.verdict`.
        if p_fake <= low and p_fake < high:
            sentence = _came_from("low or lower", 1 - fakes, "fake", 1 - reals, "real")
        else:
            sentence = _came_from("high or higher", reals, "real", fakes, "fake")
        return f"{sentence} {self.about}"

    @property
    def about(self) -> str:
        """Whether anybody counted how often the model is wrong, and on what; and its note."""
        if not self.measured:
            return f"{NEVER_MEASURED} {self.note}".strip()
        on = self.measured.get("on", "test pictures")
        # The kinds of faces say more than the names of data sets.
        kinds = self.measured.get("about")
        if isinstance(kinds, dict):
            on = listed(["real faces", *map(str, kinds.values())])
        return f"{COUNTED_ON.format(on=on)} {self.note}".strip()

    def _fractions_at(self, p_fake: float, label: str) -> np.ndarray:
        """How many of each set's real or fake test faces score at least so high: float (sets,)."""
        assert self.measured is not None
        thresholds = self.measured["threshold"]
        by_set = self.measured[label].values()
        return np.array([np.interp(p_fake, thresholds, fractions) for fractions in by_set])


def read_manifest(folder: Path) -> Manifest:
    """Read a model folder's `manifest.json`.

    Raises:
        ModelError: folder or file is missing, is no JSON, or says something that can't be.
    """
    name = f"{folder.name}/manifest.json"
    values = _read_json(folder)
    if not isinstance(values, dict):
        raise ModelError(f"{name}: expected one JSON object, got {values!r:.40}")

    keys = {field.name for field in fields(Manifest)} - {"folder"}
    if set(values) - keys:
        unknown = ", ".join(f"“{key}”" for key in sorted(set(values) - keys))
        raise ModelError(
            f"{name} holds {unknown}, which says nothing. Known: {', '.join(sorted(keys))}."
        )
    needed = {field.name for field in fields(Manifest) if field.default is MISSING} - {"folder"}
    if needed - set(values):
        missing = ", ".join(f"“{key}”" for key in sorted(needed - set(values)))
        raise ModelError(f"{name} lacks {missing}. models/README.md says how to write one.")

    if isinstance(values.get("band"), list):
        values["band"] = tuple(values["band"])
    manifest = Manifest(folder=folder, **values)
    check(manifest)
    return manifest


def check(manifest: Manifest) -> None:
    """Raise a ModelError where a manifest says something that can't be."""
    problem = find_problem(vars(manifest))
    if problem:
        raise ModelError(f"{manifest.folder.name}/manifest.json: {problem}")


def _read_json(folder: Path) -> Any:
    path = folder / "manifest.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if folder.is_dir():
            raise ModelError(
                f"“{folder.name}” holds no manifest.json. models/README.md says how to write one."
            ) from error
        raise ModelError(f"There is no folder “{folder}”. Check the path of the model.") from error
    except (OSError, ValueError, RecursionError) as error:  # nested without end it is no ValueError
        raise ModelError(f"{folder.name}/manifest.json can't be read: {error}") from error


def _came_from(side: str, wrong: np.ndarray, wrongly: str, right: np.ndarray, rightly: str) -> str:
    return CAME_FROM.format(
        side=side,
        wrongly=wrongly,
        rightly=rightly,
        span=span(float(wrong.min()), float(wrong.max())),
        # Every set counts the same, so that the largest does not hide the others.
        wrong=of_100(float(wrong.mean())),
        right=of_100(float(right.mean())),
    )
