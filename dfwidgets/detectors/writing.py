"""The manifest of somebody's own model: what its files say is read, what they don't is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets.detector import ModelError
from dfwidgets.detectors import streamlit_model
from dfwidgets.detectors.lite_network import inspect_tflite
from dfwidgets.detectors.manifest import Manifest, check
from dfwidgets.detectors.model_file import inspect_keras, sha256_of


def write_manifest(
    folder: str | Path,
    *,
    speaks_for: str,
    size: int | None = None,
    crop: str | None = None,
    output: str | None = None,
    name: str | None = None,
    temperature: float = 1.0,
    band: tuple[float, float] = (0.3, 0.7),
    measured: dict[str, Any] | None = None,
    note: str = "",
    overwrite: bool = False,
) -> Path:
    """Write the `manifest.json` that says what the number of the model in a folder means.

    What the file says of itself without being run, its input size and whether it ends in a sigmoid,
    is read from it, and what is said here must agree. Which class a high number means stands in no
    file: `speaks_for` has to be said, and a wrong one turns every verdict and every map round.

    Args:
        folder: holds one `.keras` file, one `.tflite` of the shipped shape (a `.keras` file may lie
            beside it), or the ancestor's `NAME.json` and `NAME.h5`.
        speaks_for: the class that a high number means, "fake" or "real".
        size: width and height of the input in pixels; read from the file where it says it.
        crop: "face" cuts the judged face out first, "whole" squashes the picture to a square.
            Unless said, "whole" for the ancestor's pair and else "face".
        output: "probability" or "logit". Unless said, "logit" for a `.tflite` and else
            "probability".
        name: what people read; unless said, the folder's name.
        temperature: the logit is divided by it.
        band: the two probabilities of fake between which the answer is "can't tell".
        measured: as `Manifest` describes it; None where nobody counted errors.
        note: a sentence that people should read of this model.
        overwrite: write it anew where there is one already.

    Returns:
        the path of the manifest.

    Raises:
        ModelError: the model is missing, damaged, carries code, or is not what is said of it.
        FileExistsError: there is a manifest already.
    """
    folder = Path(folder)
    path = folder / "manifest.json"
    if path.exists() and not overwrite:
        raise FileExistsError(
            f"{folder.name}/manifest.json is there already. Say overwrite=True to replace it."
        )

    models = _models_in(folder)
    pair = streamlit_model.find_pair(folder) if models[0].suffix == ".h5" else None
    # First, for a file that is only a Git LFS pointer can't be looked into.
    files = {file.name: sha256_of(file) for file in pair or models}
    if not output:
        output = "logit" if models[-1].suffix == ".tflite" else "probability"
    for model in models:
        size = _agreed_size(model, size, output)

    values: dict[str, Any] = {
        "name": folder.resolve().name if name is None else name,
        "files": files,
        "size": size,
        "crop": crop or ("whole" if pair else "face"),
        "output": output,
        "speaks_for": speaks_for,
        "temperature": temperature,
        "band": band,
        "measured": measured,
        "note": note,
    }
    # Checked is what will be read again: NumPy's numbers are numbers in the file.
    values = json.loads(json.dumps(values, default=_plain))
    check(Manifest(folder, **values))

    written = {
        key: value for key, value in values.items() if value or key not in ("measured", "note")
    }
    path.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _agreed_size(model: Path, size: int | None, output: str) -> int:
    """The input size of a model file, which has to agree with what was said of it.

    Raises:
        ModelError: it is damaged, carries code, or says something else.
    """
    its_size, its_output = _inspect(model)
    # Some models take pictures of any size; then only who trained it can know.
    expected = its_size if size is None else size
    if expected is None:
        wrong = "takes pictures of any size. Say on which it was trained, like size=224"
    elif its_size not in (expected, None):
        wrong = (
            f"takes pictures of {its_size} x {its_size} pixels, not of {expected}. Leave “size” out"
        )
    elif its_output != output:
        wrong = (
            f"answers with a {its_output}, not with a {output}. "
            f'If that is right, say output="{its_output}"'
        )
    else:
        return expected
    raise ModelError(f"{model.parent.name}/{model.name} {wrong}.")


def _models_in(folder: Path) -> list[Path]:
    """The one model of a folder: a `.keras` file before its `.tflite` file, or a pair's weights."""
    if not folder.is_dir():
        raise ModelError(f"There is no folder “{folder}”. Check the path of the model.")
    # [!.]: a Mac puts a file of its own, ._NAME, beside each one that it copies.
    models = [
        path
        for ending in (".keras", ".tflite", ".h5")
        for path in sorted(folder.glob(f"[!.]*{ending}"))
    ]

    kinds = [path.suffix for path in models]
    if kinds in ([".keras"], [".tflite"], [".keras", ".tflite"]):
        return models
    if kinds == [".h5"] and streamlit_model.find_pair(folder):
        return models
    got = ", ".join(path.name for path in models) or "none"
    raise ModelError(
        f"expected one model in “{folder.name}”, "
        f"a .keras file, a .tflite file, or NAME.json with NAME.h5; got {got}"
    )


def _plain(value: Any) -> Any:
    """What JSON takes for a number or array of NumPy; for anything else its name in the error."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    return repr(value)


def _inspect(model: Path) -> tuple[int | None, str]:
    """A model file's input size, None where any fits, and its end: "probability" or "logit"."""
    if model.suffix == ".keras":
        return inspect_keras(model)
    if model.suffix == ".tflite":
        return inspect_tflite(model), "logit"
    pair = model.with_suffix(".json"), model
    return streamlit_model.assumed_manifest(model.parent, pair).size, "probability"
