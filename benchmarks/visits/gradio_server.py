"""The same model behind Gradio, for comparison: python -m benchmarks.visits.gradio_server PORT"""

from __future__ import annotations

import os
import sys

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio
import numpy as np

import dfwidgets as df

detector = df.load_detector("models/detector")
detector.load()


def look(picture: np.ndarray) -> tuple[str, np.ndarray]:
    """Verdict and map of one picture."""
    prediction = detector.predict(picture)
    heatmap = detector.explain(picture)
    return f"{prediction.p_fake:.2f} that it is fake", df.overlay(picture, heatmap, opacity=0.5)


page = gradio.Interface(look, gradio.Image(), [gradio.Textbox(), gradio.Image()])
page.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
