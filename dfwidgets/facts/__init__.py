"""What a file says of itself."""

from dfwidgets.facts.file_facts import FileFacts, read_facts
from dfwidgets.facts.metadata import clean

__all__ = [
    "FileFacts",
    "clean",
    "read_facts",
]
