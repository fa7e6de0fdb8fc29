"""A visit to a served dashboard: its page, its kernel, and what a stranger may ask for."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

ENDED = "The session ended. Reload the page."


def open_dashboard(page: Page, url: str) -> None:
    """Opens the page and waits until its widgets are there and their kernel is connected."""
    page.goto(url)
    expect(page.locator("#rendered_cells .jupyter-widgets").first).to_be_visible(timeout=30_000)
    page.wait_for_function(
        "window.jupyterapp?.widgetManager?.kernel.connectionStatus === 'connected'"
    )


def kernel_id(page: Page) -> str:
    """The name of the kernel behind the page."""
    return json.loads(page.locator("#jupyter-config-data").text_content() or "")["kernelId"]


def fetch(url: str, path: str) -> http.client.HTTPResponse:
    """Asks for `path` letter by letter: a browser would resolve its dots first. Follows Voila's one
    redirect."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
    finally:
        connection.close()
    target = response.getheader("Location")
    return fetch(url, target) if target else response
