"""Average two trained models.

python -m models.training.making.average FIRST.keras SECOND.keras --share 0.75 --out FILE

Between a model and what it became when it learnt something more, the average of their weights often
keeps the old and has most of the new (Wortsman et al., "Robust fine-tuning of zero-shot models",
CVPR 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras


def average(first: keras.Model, second: keras.Model, share: float) -> keras.Model:
    """Give `first` the weights that lie `share` (0 to 1) of the way to those of `second`; both are
    built alike."""
    # Means and variances of the normalisation are weights here, and are averaged with the rest.
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    first.set_weights([(1 - share) * a + share * b for a, b in pairs])
    return first


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument(
        "--share", type=float, default=0.5, help="how far to go toward the second, 0 to 1"
    )
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    models = [
        keras.saving.load_model(path, compile=False) for path in (options.first, options.second)
    ]
    average(*models, options.share).save(options.out)


if __name__ == "__main__":
    main()
