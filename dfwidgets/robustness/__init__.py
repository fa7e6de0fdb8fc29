"""Does it hold: the picture sent again changed, and changed to fool the model."""

from dfwidgets.robustness.adversarial import (
    NO_GRADIENT,
    STRONGEST,
    Attack,
    attack_sentence,
    find_attack,
)
from dfwidgets.robustness.stability import Copy, Strip, send_again

__all__ = [
    "NO_GRADIENT",
    "STRONGEST",
    "Attack",
    "Copy",
    "Strip",
    "attack_sentence",
    "find_attack",
    "send_again",
]
