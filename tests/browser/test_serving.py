"""What Voila serves, what it does not, and what its page says when the kernel is gone."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.helpers import choose, expect_answer
from tests.browser.servers import JUPYTER_PLACES, NOTEBOOKS, Server, voila
from tests.browser.visits import ENDED, another_site, fetch, kernel_id, open_dashboard


def test_the_page_has_a_name_and_a_language(page, voila_url):
    open_dashboard(page, voila_url)
    expect(page).to_have_title("dfwidgets")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("main")).to_be_visible()


def test_the_page_says_that_it_starts_before_the_kernel_does(page, voila_url):
    page.goto(voila_url, wait_until="commit")
    expect(page.get_by_text("Starting...")).to_be_visible()
    expect(page.locator("#rendered_cells .jupyter-widgets").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Starting...")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 1400])
def test_the_page_never_scrolls_sideways(page, voila_url, shot, width):
    page.set_viewport_size({"width": width, "height": 800})
    open_dashboard(page, voila_url)
    shot(f"dashboard-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_follows_light_and_dark(page, voila_url, shot):
    background = "getComputedStyle(document.body).backgroundColor"
    open_dashboard(page, voila_url)
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    assert page.evaluate(background) == "rgb(17, 17, 17)"
    shot("dashboard-dark")


@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/dashboard.ipynb",
        "/voila/files/voila.json",
        "/voila/files/anything.png",
        "/voila/files/../images/Real/eileen-collins.jpg",
        "/voila/files/%2e%2e/images/Real/eileen-collins.jpg",
        "/voila/files/..%2fmodels%2fdetector%2fmanifest.json",
        "/images/Real/eileen-collins.jpg",
        "/dashboard.ipynb",
        "/voila/render/01-upload.ipynb",
        "/voila/tree",
        "/voila/static/../../../etc/passwd",
        "/voila/templates/dfwidgets/static/../../../../notebooks/voila.json",
        "/voila/templates/dfwidgets/static/..%2findex.html.j2",
        "/api/contents",
        "/api/kernels",
    ],
)
def test_nothing_but_the_one_page_is_served(voila_url, path):
    assert fetch(voila_url, path).status >= 400


def test_the_browser_is_told_to_ask_no_other_host(voila_url):
    policy = fetch(voila_url, "/").getheader("Content-Security-Policy")
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy
    assert "*" not in policy


def test_a_visitor_can_not_choose_another_template(page, voila_url):
    open_dashboard(page, voila_url + "?template=lab&theme=dark")
    expect(page).to_have_title("dfwidgets")


@pytest.fixture(scope="module")
def below_a_path() -> Iterator[str]:
    """The dashboard behind a proxy of a site that shows it in a frame."""
    with voila(None, "--base-url=faces/here", "--embed-in=http://127.0.0.1:*") as server:
        yield f"{server.url}faces/here/"


def test_below_a_path_it_is_the_same_page(page, below_a_path, portrait):
    open_dashboard(page, below_a_path)
    expect(page).to_have_title("dfwidgets")
    choose(page, portrait)
    expect_answer(page)
    assert fetch(below_a_path, "/").status == 404


def test_a_site_that_was_named_may_show_the_page_in_a_frame_and_no_other(
    page, below_a_path, problems
):
    with another_site(f'<iframe src="{below_a_path}" width="900" height="700">') as port:
        inside = page.frame_locator("iframe")
        page.goto(f"http://127.0.0.1:{port}/")
        button = inside.get_by_role("button", name="Choose a picture").first
        expect(button).to_be_enabled(timeout=30_000)
        assert not problems

        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.goto(f"http://another.localhost:{port}/")
        expect(inside.get_by_role("main")).to_have_count(0)
        page.goto("about:blank")
    problems.clear()  # the browser noted the frame that it refused


def test_an_error_in_the_notebook_shows_neither_traceback_nor_source(page, tmp_path):
    notebook = nbformat.read(NOTEBOOKS / "dashboard.ipynb", 4)
    notebook.cells = [nbformat.v4.new_code_cell("secret_word = 1 / 0")]
    broken = tmp_path / "broken.ipynb"
    nbformat.write(notebook, broken)
    with voila(broken) as server:
        page.goto(server.url)
        said = page.get_by_text("There was an error when executing cell")
        expect(said).to_be_visible(timeout=30_000)
        content = page.content()
        assert "ZeroDivisionError" not in content
        assert "secret_word" not in content
        assert "ZeroDivisionError" in server.log.read_text()
        page.goto("about:blank")


def test_the_terminal_holds_one_line_at_the_start_and_one_at_the_stop(page):
    with voila() as server:
        open_dashboard(page, server.url)
        kernel = server.kernel(kernel_id(page))
        assert fetch(server.url, "/voila/files/favicon.png").status >= 400
        page.goto("about:blank")
        kernel.wait(timeout=20)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(15) == 0
        assert server.log.read_text().splitlines() == [
            f"The dashboard is at {server.url}  (Ctrl+C stops it)",
            "The dashboard has stopped.",
        ]


def test_it_needs_no_home_of_its_own():
    # A service account and a container may have none that can be written to.
    nowhere = dict.fromkeys(JUPYTER_PLACES, "") | {"HOME": "/dev/null/home"}
    with voila(variables=nowhere) as server:
        assert fetch(server.url, "/").status == 200
        assert len(server.log.read_text().splitlines()) == 1


def test_a_killed_kernel_is_said(page, voila_server: Server, shot):
    open_dashboard(page, voila_server.url)
    voila_server.kernel(kernel_id(page)).kill()
    expect(page.get_by_role("alert")).to_have_text(ENDED, timeout=20_000)
    expect(page.locator("#rendered_cells")).to_have_attribute("inert", "")
    shot("session-ended")
    page.get_by_role("link", name="Reload the page.").click()
    expect(page.locator("#rendered_cells .jupyter-widgets").first).to_be_visible(timeout=30_000)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_kernel_that_was_culled_while_the_computer_slept_is_said(page, voila_url, problems):
    open_dashboard(page, voila_url)
    page.request.post(f"{voila_url}voila/api/shutdown/{kernel_id(page)}")
    page.evaluate("window.jupyterapp.widgetManager.kernel._ws.close()")
    expect(page.get_by_role("alert")).to_have_text(ENDED, timeout=20_000)
    page.goto("about:blank")
    problems.clear()  # the browser noted that the kernel is not there


def test_leaving_the_page_frees_its_kernel(page, voila_server: Server):
    # Voila's page says so when it closes, without the token that Jupyter Server asks of it: hence
    # disable_check_xsrf in voila.json. Nobody else can: a kernel is named by a number that only its
    # own page knows.
    open_dashboard(page, voila_server.url)
    kernel = voila_server.kernel(kernel_id(page))
    page.goto("about:blank")
    kernel.wait(timeout=20)


def test_a_server_that_stops_is_said(page, problems):
    with voila() as server:
        open_dashboard(page, server.url)
        server.process.terminate()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_role("alert")).to_have_text("The connection was lost. Trying again...")
        page.goto("about:blank")
    problems.clear()  # the browser noted each failed attempt


def test_jupyter_lab_runs_a_lesson(page, run_lesson, shot):
    run_lesson("01-upload.ipynb")
    expect(page.locator(".jp-OutputArea .jupyter-widgets").first).to_be_visible(timeout=30_000)
    shot("lab")
