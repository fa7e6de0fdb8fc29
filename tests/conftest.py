"""What several tests need: the repository's places, real pictures, a detector of six lines."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import numpy as np
import pytest

import dfwidgets as df

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"


class Redness:
    """A student's detector: the redder the middle of the picture, the more fake."""

    def predict(self, image, face="largest"):
        return df.Prediction(
            p_fake=float(image[..., 0].mean() / 255), face=None if face == "largest" else face
        )

    def explain(
        self, image, face="largest", *, toward="fake", method="Grad-CAM", progress=lambda part: None
    ):
        progress(0.5)
        red = image[..., 0] / 255 if toward == "fake" else np.zeros(image.shape[:2])
        return red.astype(np.float32)


@pytest.fixture
def redness() -> Redness:
    """A detector whose answers can be told by hand."""
    return Redness()


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A photograph with one face: the bytes of a JPEG file."""
    return (ROOT / "images" / "Real" / "eileen-collins.jpg").read_bytes()


@pytest.fixture(scope="session")
def two_faces(portrait: bytes) -> np.ndarray:
    """One picture with two faces, the smaller on the left."""
    large = df.open_image(portrait)
    small = large[::2, ::2]
    picture = np.full((512, 768, 3), 128, np.uint8)
    picture[:256, :256] = small
    picture[:, 256:] = large
    return picture


@pytest.fixture(scope="session")
def shipped():
    """The detector that the repository ships."""
    return df.load_detector(ROOT / "models" / "detector")


@pytest.fixture(scope="session")
def shared_faces() -> list[tuple[str, bytes]]:
    """Eight labelled test faces (label, bytes) of the data beside the repository; skips where it is
    missing."""
    if not (SHARED / "manifest.csv").exists():
        pytest.skip("the labelled faces (shared/data) are not beside this checkout")
    with (SHARED / "manifest.csv").open(newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["split"] == "test" and row["set"] == "stylegan2"
        ]
    chosen = [r for r in rows if r["label"] == "real"][:4] + [
        r for r in rows if r["label"] == "fake"
    ][:4]
    return [(r["label"], zipfile.ZipFile(SHARED / r["archive"]).read(r["path"])) for r in chosen]
