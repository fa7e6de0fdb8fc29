"""Does it hold: the picture sent again changed, and changed to fool the model."""

from dfwidgets.robustness.adversarial import NO_GRADIENT, STRONGEST, Attack, find_attack, sentence
from dfwidgets.robustness.stability import Copy, Strip, send_again

__all__ = [
    "NO_GRADIENT",
    "STRONGEST",
    "Attack",
    "Copy",
    "Strip",
    "find_attack",
    "send_again",
    "sentence",
]
