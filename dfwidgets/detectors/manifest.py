"""What a model file is and what its number means: the one place where that is written and read."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets.detector import ModelError, Prediction
from dfwidgets.detectors.model_file import check_file
from dfwidgets.pictures import Face
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
        measured: `threshold`, rising; `reals` and `fakes`, by test set the part of its faces at or
            above each; `on`, what that was measured on; and if need be `about`, what people read of
            a set, and `reals_for`, whose reals stand against the fakes of a set without. None where
            nobody measured.
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
        """1 where a high number of the network means fake, -1 where it means real; for logits and
        maps alike."""
        return 1 if self.speaks_for == "fake" else -1

    def logit(self, value: float) -> float:
        """Turn the network's own number into a logit that is above 0 toward fake."""
        if self.output == "probability":
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
                f"The model “{self.name}” gave no number ({logit}) for this picture. Its file may be damaged."
            )
        p_fake = float(1 / (1 + np.exp(-np.clip(logit / self.temperature, -60, 60))))
        return Prediction(p_fake, logit, self.band, self.frequency(p_fake), reason, face)

    def frequency(self, p_fake: float, band: tuple[float, float] | None = None) -> str:
        """A score in counted test pictures, as people understand it best (Gigerenzer and Hoffrage, 1995); and which.

        Below the lower edge of `band` (the model's own if not given) those are counted that score
        so low, else those that score so high.
        """
        if not self.measured:
            return self.about
        low, high = band or self.band
        reals, fakes = (self._parts_at(p_fake, label) for label in ("reals", "fakes"))
        if p_fake <= low and p_fake < high:
            said = _came_from("low or lower", 1 - fakes, "fake", 1 - reals, "real")
        else:
            said = _came_from("high or higher", reals, "real", fakes, "fake")
        return f"{said} {self.about}"

    @property
    def about(self) -> str:
        """Whether anybody counted how often the model is wrong, and what else people should know of
        it."""
        if not self.measured:
            return f"{NEVER_MEASURED} {self.note}".strip()
        kinds = self.measured.get("about")
        named = (
            listed(["real faces", *map(str, kinds.values())]) if isinstance(kinds, dict) else None
        )
        on = named or self.measured.get("on", "test pictures")
        return f"{COUNTED_ON.format(on=on)} {self.note}".strip()

    def _parts_at(self, p_fake: float, label: str) -> np.ndarray:
        """The part of each set's real or fake test faces that score at least so high: float
        (sets,)."""
        assert self.measured is not None
        at = self.measured["threshold"]
        return np.array([np.interp(p_fake, at, parts) for parts in self.measured[label].values()])


def read_manifest(folder: Path) -> Manifest:
    """Read a model folder's `manifest.json`.

    Raises:
        ModelError: folder or file is missing, is no JSON, or says something that can't be.
    """
    path = folder / "manifest.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if folder.is_dir():
            raise ModelError(
                f"“{folder.name}” holds no manifest.json. models/README.md says how to write one."
            ) from error
        raise ModelError(f"There is no folder “{folder}”. Check the path of the model.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{folder.name}/manifest.json can't be read: {error}") from error
    if not isinstance(said, dict):
        raise ModelError(f"{folder.name}/manifest.json: expected one JSON object, got {said!r:.40}")
    keys = {field.name for field in fields(Manifest)} - {"folder"}
    if set(said) - keys:
        unknown = ", ".join(f"“{key}”" for key in sorted(set(said) - keys))
        raise ModelError(
            f"{folder.name}/manifest.json holds {unknown}, which says nothing. Known: {', '.join(sorted(keys))}."
        )
    needed = {field.name for field in fields(Manifest) if field.default is MISSING} - {"folder"}
    if needed - set(said):
        missing = ", ".join(f"“{key}”" for key in sorted(needed - set(said)))
        raise ModelError(
            f"{folder.name}/manifest.json lacks {missing}. models/README.md says how to write one."
        )
    if isinstance(said.get("band"), list):
        said["band"] = tuple(said["band"])
    manifest = Manifest(folder=folder, **said)
    check(manifest)
    return manifest


def check(manifest: Manifest) -> None:
    """Raise a ModelError where a manifest says something that can't be."""
    band, files, size, heat = manifest.band, manifest.files, manifest.size, manifest.temperature
    plain = isinstance(files, dict) and all(
        isinstance(v, str) and Path(k).name == k for k, v in files.items()
    )
    wrong = [
        (
            not (isinstance(manifest.name, str) and manifest.name.strip()),
            "name",
            "a text that is not blank",
        ),
        (not (files and plain), "files", "at least one file name with its sha256"),
        (manifest.crop not in ("face", "whole"), "crop", "“face” or “whole”"),
        (manifest.output not in ("logit", "probability"), "output", "“logit” or “probability”"),
        (manifest.speaks_for not in ("fake", "real"), "speaks_for", "“fake” or “real”"),
        (type(size) is not int or size < 1, "size", "a number of pixels above 0"),
        (not (_numbers([heat]) and heat > 0), "temperature", "a number above 0"),
        (
            not (_rising(band) and len(band) == 2),
            "band",
            "two numbers from 0 to 1, the lower first",
        ),
        (
            not _is_measured(manifest.measured),
            "measured",
            "thresholds, and as many parts of reals and of fakes",
        ),
        (not isinstance(manifest.note, str), "note", "a text"),
    ]
    for bad, key, expected in wrong:
        if bad:
            raise ModelError(
                f"{manifest.folder.name}/manifest.json: expected {expected} for “{key}”, "
                f"got {getattr(manifest, key)!r:.80}"
            )


def _is_measured(measured: Any) -> bool:
    if not measured or not isinstance(measured, dict):
        return measured in (None, {})
    at: Any = measured.get("threshold")
    sets: list[Any] = [measured.get(label) for label in ("reals", "fakes")]
    if not all(isinstance(named, dict) and named for named in sets) or not _rising(at):
        return False
    about, lent = measured.get("about", {}), measured.get("reals_for", {})
    if not (isinstance(about, dict) and all(isinstance(words, str) for words in about.values())):
        return False
    if not (isinstance(lent, dict) and all(isinstance(names, list) for names in lent.values())):
        return False
    parts: list[Any] = [part for named in sets for part in named.values()]
    return all(_numbers(p) and len(p) == len(at) and min(p) >= 0 and max(p) <= 1 for p in parts)


def _rising(values: Any) -> bool:
    return (
        _numbers(values) and list(values) == sorted(values) and values[0] >= 0 and values[-1] <= 1
    )


def _numbers(values: Any) -> bool:
    listed = isinstance(values, (list, tuple)) and len(values) > 0
    # No math.isfinite: it fails on a whole number that is too large for a float.
    return listed and all(type(v) in (int, float) and abs(v) <= sys.float_info.max for v in values)


def _came_from(side: str, wrong: np.ndarray, wrongly: str, right: np.ndarray, rightly: str) -> str:
    # Every set counts the same, so that the largest does not hide the others.
    means = {"wrong": of_100(float(wrong.mean())), "right": of_100(float(right.mean()))}
    kinds = span(float(wrong.min()), float(wrong.max()))
    return CAME_FROM.format(side=side, wrongly=wrongly, rightly=rightly, span=kinds, **means)
