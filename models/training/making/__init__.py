"""From labelled pictures to the shipped files: pictures, batches, network, training, export."""

from pathlib import Path

SETTINGS = Path(__file__).parent / "settings.toml"
