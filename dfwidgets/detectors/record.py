"""Which model a detector asks: its name, its files, and how often it is wrong, in sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from dfwidgets.detector import Adapted, Detector, ModelError, Prediction, adapt
from dfwidgets.detectors.manifest import Manifest
from dfwidgets.detectors.model_file import sha256_of
from dfwidgets.detectors.streamlit_model import manifest_of
from dfwidgets.wording import FAKE_FROM, NEVER_MEASURED


@dataclass(frozen=True)
class Record:
    """What the folder of a detector's model says of it; for a detector without one, its name alone.

    Attributes:
        name: what people call it: by its manifest, else as `adapt` names it.
        folder: where the model lies; None for a detector that names no folder.
        manifest: what vouches for its files; None where there is none, or it can't be read.
        error: why the manifest can't be read, as a sentence; empty where it can.
    """

    name: str
    folder: Path | None = None
    manifest: Manifest | None = None
    error: str = ""

    @property
    def measured(self) -> str:
        """Whether anybody counted how often it is wrong; empty where its manifest can't be read."""
        if self.manifest is not None:
            return self.manifest.about
        return "" if self.error else NEVER_MEASURED

    @property
    def was_counted(self) -> bool:
        """Whether its answers about test pictures lie beside it, for a scorecard."""
        return self.folder is not None and (self.folder / "predictions.csv").exists()

    @property
    def identity(self) -> str:
        """Which model answered, for a file of verdicts: name and first digits of its sha256.

        Raises:
            ModelError: its manifest is missing or wrong.
        """
        if self.error:
            raise ModelError(self.error)
        if self.manifest is None:
            return self.name
        answering = max(self.manifest.files, key=lambda name: name.endswith(".tflite"))
        return f"{self.name} {self.manifest.files[answering][:8]}".strip()

    @property
    def hashes(self) -> dict[str, str]:
        """The model's files and the sha256 of each; empty where no manifest names any."""
        if self.manifest is None or self.folder is None:
            return {}
        named = self.manifest.files.items()
        return {file: sha256 or sha256_of(self.folder / file) for file, sha256 in named}

    def likely_fake_begins(self, band: tuple[float, float] | None = None) -> str:
        """Where "likely fake" begins and what a score there is worth in counted test faces.

        Args:
            band: the edges of "can't tell" that somebody chose; the model's own if not given.
        """
        if self.manifest is None:
            return self.measured
        edge = (band or self.manifest.band)[1]
        return f"{FAKE_FROM.format(edge=edge)} {self.manifest.frequency(edge, band)}"

    def at_band(self, prediction: Prediction, band: tuple[float, float]) -> Prediction:
        """An answer at other edges of "can't tell", and what its score means beside these."""
        frequency = prediction.frequency
        if self.manifest is not None:
            frequency = self.manifest.frequency(prediction.p_fake, band)
        return replace(prediction, band=band, frequency=frequency)


def read_record(detector: Detector | Adapted) -> Record:
    """Say which model a detector asks; what can't be read of it becomes `Record.error`."""
    detector = adapt(detector)
    if detector.folder is None:
        return Record(detector.name)
    try:
        manifest = manifest_of(detector.folder)
    except ModelError as error:
        return Record(type(detector.detector).__name__, detector.folder, error=str(error))
    return Record(manifest.name, detector.folder, manifest)
