"""A visit to a served dashboard: its page, its kernel, and what a stranger may ask for."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def another_site(html: str) -> Iterator[int]:
    """A site of somebody else, which answers everything with one page; its port."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<!DOCTYPE html><link rel="icon" href="data:,">{html}'.encode())

        def log_message(self, *words: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site.server_port
        site.shutdown()
