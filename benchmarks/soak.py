"""What a kernel takes in memory that answers about 200 pictures, each with all that is measured.

python benchmarks/soak.py
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import psutil
from jupyter_client.manager import KernelManager, start_new_kernel

PICTURES = [str(path) for path in sorted(Path(__file__).parent.parent.glob("images/*/*.jpg"))]
COUNT = 200
EVERY = 20
SETTLED = 40  # pictures after which all that comes once has come

PAGE = """
import asyncio
import dfwidgets as df

detector = df.load_detector()
page = df.dashboard(detector, df.load_samples())
session = df.Session(detector)
panels = df.UploadPanel(session), df.HeatmapPanel(session), df.FactsPanel(session)

async def answer(path):
    before = session.prediction
    session.open(path)
    while session.prediction in (None, before) or session.explanation is None or session.busy:
        await asyncio.sleep(0.005)
"""


def main() -> None:
    """Print a line every so many pictures, and what was taken after the first of them."""
    manager, client = start_new_kernel()
    try:
        client.execute_interactive(PAGE, timeout=120)
        memory: dict[int, float] = {}
        started = time.perf_counter()
        print(f"{'pictures':>8} {'MB resident':>12} {'seconds':>8}")
        for count in range(0, COUNT + 1, EVERY):
            memory[count] = resident(manager)
            print(f"{count:8} {memory[count]:12.1f} {time.perf_counter() - started:8.0f}")
            paths = [PICTURES[(count + each) % len(PICTURES)] for each in range(EVERY)]
            cell = f"for path in {json.dumps(paths)}:\n    await answer(path)"
            answer = client.execute_interactive(cell, timeout=600)
            assert answer["content"]["status"] == "ok", answer["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

    grown = max(memory[count] for count in memory if count >= SETTLED) - memory[SETTLED]
    print(f"grown from picture {SETTLED} to {COUNT}: {grown:.1f} MB (at most 30)")


def resident(manager: KernelManager) -> float:
    """Megabytes that the kernel's process takes."""
    return psutil.Process(manager.provisioner.pid).memory_info().rss / 2**20


if __name__ == "__main__":
    main()
