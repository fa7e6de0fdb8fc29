"""Imported last by the warm process: what a page needs, and what its forks are to share."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

# A page has no use for a debugger, which is large.
sys.modules["debugpy"] = None  # type: ignore[assignment]

import ai_edge_litert.interpreter  # noqa: E402, F401, TID253
import anywidget  # noqa: E402, F401, TID251
import ipykernel.debugger  # noqa: E402
import ipykernel.ipkernel  # noqa: E402
import ipykernel.kernelapp  # noqa: E402
import ipykernel.zmqshell  # noqa: E402, F401
import jupyter_client.provisioning  # noqa: E402, F401

import dfwidgets  # noqa: E402
from dfwidgets import shipped  # noqa: E402
from dfwidgets.detector import ModelError  # noqa: E402
from dfwidgets.detectors.lite import LiteDetector  # noqa: E402
from dfwidgets.serve import warm  # noqa: E402, F401

dfwidgets.dashboard  # noqa: B018

# The model that the page begins with. What is wrong with it, the page says.
with suppress(ModelError, OSError):
    folder = os.environ.get("DFWIDGETS_MODELS") or shipped.MODELS
    for detector in list(dfwidgets.find_detectors(folder).values())[:1]:
        if isinstance(detector, LiteDetector):
            detector.load_ahead()

# What is here by now is left alone by the forks' garbage collection, or they would each get a copy.
gc.collect()
gc.freeze()
