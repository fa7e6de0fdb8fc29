"""Whole rounds of the game in Voila and in JupyterLab, by mouse, by keyboard, at 320 px; and what
it does not tell."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import check_with_axe
from tests.browser.servers import voila
from tests.helpers import HOW, ROOT, make_samples

SIZE = 6
TRUTH, FAKE = re.compile(r"^It is (real|fake)\."), re.compile(r"^It is fake\.")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, portrait: bytes) -> Path:
    """The folder that is played with."""
    return make_samples(tmp_path_factory.mktemp("game") / "samples", portrait, each=SIZE // 2)


@pytest.fixture(scope="module")
def notebook(samples: Path) -> Path:
    """Two cells: all that the game needs."""
    detector = ROOT / "models" / "detector"
    cells = (
        "import dfwidgets as df\n\n"
        f"game = df.Game(df.load_samples({str(samples)!r}), seed=2, size={SIZE})",
        f"df.GamePanel(game, df.Session(df.load_detector({str(detector)!r})))",
    )
    path = samples.parent / "game.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def game_url(notebook: Path) -> Iterator[str]:
    """The address of the game, as Voila serves it."""
    with voila(notebook) as server:
        yield server.url


def open_voila(page: Page, request: pytest.FixtureRequest) -> None:
    page.goto(request.getfixturevalue("game_url"))
    expect(button(page, "Start")).to_be_visible(timeout=30_000)


def open_lab(page: Page, request: pytest.FixtureRequest) -> None:
    url, notebook = request.getfixturevalue("lab_url"), request.getfixturevalue("notebook")
    name = f"{re.sub(r'[^a-z]', '-', request.node.name)}.ipynb"  # a kernel of its own for each test
    page.goto(f"{url}lab")  # brings the cookie without which JupyterLab takes no file
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "_xsrf")
    answer = page.request.put(
        f"{url}api/contents/{name}",
        headers={"X-XSRFToken": token},
        data={"type": "notebook", "format": "json", "content": json.loads(notebook.read_text())},
    )
    assert answer.ok, answer.text()
    request.getfixturevalue("run_lesson")(name)
    expect(button(page, "Start")).to_be_visible(timeout=60_000)


@pytest.fixture(params=[open_voila, open_lab], ids=["voila", "lab"])
def game(page: Page, request: pytest.FixtureRequest) -> Page:
    """The page with the game before its first round."""
    request.param(page, request)
    return page


def button(page: Page, name: str) -> Locator:
    return page.locator(".dfw-panel").get_by_role("button", name=name, exact=True)


def picture(page: Page, number: int) -> Locator:
    return button(page, f"Picture {number} of {SIZE}")


def here(page: Page, words: str | re.Pattern[str]) -> Locator:
    return page.locator(".dfw-panel").get_by_role("heading", name=words)


def line(page: Page, words: str | re.Pattern[str]) -> Locator:
    return page.locator(".dfw-panel .dfw p").filter(has_text=words)


def end_of_round(page: Page) -> Locator:
    return here(page, re.compile(rf"You got \d of {SIZE} right, the model \d"))


def test_a_round_by_mouse(game, shot, request):
    name = request.node.callspec.id
    shot(f"game-start-{name}")
    button(game, "Start").click()
    expect(here(game, "Pick a picture")).to_be_visible()
    shot(f"game-table-{name}")
    check_with_axe(game)
    for number in range(1, SIZE + 1):
        picture(game, number).click()
        expect(here(game, f"Picture {number} of {SIZE}: real or fake?")).to_be_visible()
        expect(
            game.locator(".dfw-panel").get_by_role("img", name=f"Picture {number} of {SIZE}")
        ).to_be_visible()
        if number == 1:
            shot(f"game-guess-{name}")
            check_with_axe(game)
        button(game, "Fake").click()
        expect(line(game, "You said fake.")).to_be_visible()
        button(game, "Next step").click()
        expect(line(game, "that it is fake.")).to_be_visible()
        expect(line(game, TRUTH)).to_have_count(0)
        button(game, "Show all").click()
        expect(line(game, TRUTH)).to_be_visible()
        expect(line(game, re.compile(rf"You \d, model \d, of {number}\."))).to_be_visible()
        if number == SIZE:
            break
        button(game, "Back to the pictures").click()
        expect(here(game, "Pick a picture")).to_be_visible()
        expect(picture(game, number)).to_have_count(0)
        expect(line(game, re.compile(r"You: fake \((right|wrong)\)"))).to_have_count(number)
    button(game, "See how it went").click()
    expect(end_of_round(game)).to_be_visible()
    expect(line(game, re.compile(r"Model: (real|fake), .*\((right|wrong)\)"))).to_have_count(SIZE)
    expect(line(game, "too few to tell skill from luck")).to_be_visible()
    shot(f"game-end-{name}")
    check_with_axe(game)
    button(game, "Play again").click()
    expect(picture(game, SIZE)).to_be_visible()
    expect(line(game, "You: fake")).to_have_count(0)


def test_the_reveal_shows_where_a_fake_was_changed_and_where_the_model_looked(game, shot, request):
    name = request.node.callspec.id
    game.get_by_text("One after the other").click()
    button(game, "Start").click()
    while True:
        button(game, "Real").click()
        button(game, "Show all").click()
        expect(line(game, TRUTH)).to_be_visible()
        if line(game, FAKE).count():
            break
        button(game, "Next picture").click()
    expect(line(game, HOW[:-5])).to_be_visible()
    expect(game.get_by_role("img", name="Changed here, at the middle left")).to_be_visible()
    shot(f"game-reveal-{name}")
    check_with_axe(game)
    button(game, "Where did the model look?").click()
    expect(line(game, "not where a picture was changed")).to_be_visible()
    expect(game.get_by_role("img", name="Heat where the model looked")).to_be_visible()
    shot(f"game-heat-{name}")
    check_with_axe(game)
    game.get_by_label("Changed here").uncheck()
    expect(game.get_by_role("img", name="Changed here")).to_be_hidden()
    button(game, "Next picture").click()
    expect(game.get_by_label("Changed here")).to_be_hidden()
    expect(game.get_by_role("img", name="Heat where the model looked")).to_be_hidden()


def test_a_round_by_keyboard_alone(game):
    press = game.keyboard.press

    def tab_to(name: str) -> None:
        for _ in range(30):
            press("Tab")
            if game.evaluate("document.activeElement.textContent") == name:
                return
        raise AssertionError(f"Tab never reached {name}")

    def expect_focus(name: str) -> None:
        game.wait_for_function(
            "name => (it => it.closest('.dfw-panel')"
            " && (it.querySelector('img')?.alt || it.textContent) === name)"
            "(document.activeElement)",
            arg=name,
        )

    game.get_by_role("heading", name="Can you beat the model?").click()  # where Tab starts from
    tab_to("Start")
    assert game.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", (
        "focus must be seen"
    )
    press("Enter")
    expect_focus(f"Picture 1 of {SIZE}")
    press("ArrowRight")
    expect_focus(f"Picture 2 of {SIZE}")
    press("ArrowLeft")
    keys = {
        "r": "real",
        "F": "fake",
        "ArrowLeft": "real",
        "ArrowRight": "fake",
        "R": "real",
        "f": "fake",
    }
    for number, (key, word) in enumerate(keys.items(), 1):
        on = "See how it went" if number == SIZE else "Back to the pictures"
        expect_focus(f"Picture {number} of {SIZE}")
        press("Enter")
        expect_focus(f"Picture {number} of {SIZE}: real or fake?")
        press("Enter")  # no guess, and neither is the next one
        press("Alt+f")
        press(key)
        expect_focus("Next step")
        expect(line(game, f"You said {word}.")).to_be_visible()
        press("ArrowRight")
        expect(line(game, "that it is fake.")).to_be_visible()
        press("Space")
        expect(line(game, TRUTH)).to_be_visible()
        if line(game, FAKE).count():
            press("Enter")
            expect(line(game, HOW[:-5])).to_be_visible()
        expect_focus(on)
        press("ArrowRight")  # one too many: it opens nothing and guesses nothing
        expect_focus(on)
        press("Enter")
    expect(end_of_round(game)).to_be_focused()
    tab_to("Play again")
    press("Space")
    expect_focus(f"Picture 1 of {SIZE}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_round_on_a_phone(page, game_url, shot, scheme):
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme=scheme)
    page.goto(game_url)

    def check(name: str) -> None:
        shot(f"game-320-{scheme}-{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        check_with_axe(page)

    expect(button(page, "Start")).to_be_visible(timeout=30_000)
    check("start")
    page.get_by_text("One after the other").click()
    button(page, "Start").click()
    fakes = 0
    for number in range(1, SIZE + 1):
        expect(here(page, f"Picture {number} of {SIZE}: real or fake?")).to_be_visible()
        if number == 1:
            expect(button(page, "Fake")).to_be_in_viewport(ratio=1)
            check("guess")
        button(page, "Fake").click()
        button(page, "Show all").click()
        expect(line(page, TRUTH)).to_be_visible()
        fakes += line(page, FAKE).count()
        if fakes == 1 and line(page, FAKE).count():
            button(page, "Where did the model look?").click()
            expect(page.get_by_role("img", name="Heat where the model looked")).to_be_in_viewport()
            expect(
                button(page, "See how it went" if number == SIZE else "Next picture")
            ).to_be_in_viewport()
            check("reveal")
        page.locator(".dfw-panel .dfw-next").click()
    expect(end_of_round(page)).to_be_visible()
    check("end")


def test_a_narrow_jupyterlab_in_the_dark(page, request, shot):
    open_lab(page, request)
    page.get_by_role("menuitem", name="Settings").click()
    page.get_by_text("Theme", exact=True).hover()
    page.get_by_text("JupyterLab Dark", exact=True).click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    page.keyboard.press("Control+b")
    page.set_viewport_size({"width": 430, "height": 900})  # 320 px beside JupyterLab's own bars
    # JupyterLab lays its panes out again in its own time.
    page.wait_for_function(
        "document.querySelector('.dfw-panel').getBoundingClientRect().right <= innerWidth"
    )
    button(page, "Start").click()
    picture(page, 1).click()
    button(page, "Real").click()
    button(page, "Show all").click()
    expect(button(page, "Back to the pictures")).to_be_focused()
    if line(page, FAKE).count():
        expect(page.get_by_role("img", name="Changed here")).to_be_visible()
    shot("game-lab-narrow-dark")
    check_with_axe(page)
    page.wait_for_function(
        "(it => it.scrollWidth <= it.clientWidth + 1)(document.querySelector('.dfw-panel'))"
    )


def parts(frame: bytes | str) -> list[bytes]:
    """What a message of a kernel's websocket is made of: a channel, four pieces of JSON, and the
    buffers of widgets."""
    if isinstance(frame, str):
        return [frame.encode()]
    count = int.from_bytes(frame[:8], "little")
    places = [int.from_bytes(frame[8 * i : 8 * i + 8], "little") for i in range(1, count + 1)]
    return [frame[start:end] for start, end in itertools.pairwise(places)]


@pytest.mark.parametrize("opened", [open_voila, open_lab], ids=["voila", "lab"])
def test_nothing_that_the_browser_gets_tells_the_truth_before_the_guess(
    page, request, samples, opened
):
    messages: list[list[bytes]] = []
    urls: list[str] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: messages.append(parts(frame))),
    )
    page.on("request", lambda sent: urls.append(sent.url))
    opened(page, request)
    page.get_by_text("One after the other").click()
    button(page, "Start").click()
    files = [path.read_bytes() for path in samples.glob("*/*")]
    middles = [data[len(data) // 2 :][:60] for data in files]
    never = [b"medlar", b"quince", b"masks/", b"samples.csv"]
    never += [*middles, *(base64.b64encode(middle) for middle in middles)]
    once = [
        b"It is ",
        b"How it was made",
        b"The outline shows",
        b"Changed here, ",
        b'"real"',
        b'"fake"',
        b"p_fake",
    ]
    hidden = [HOW.format(i)[-20:].encode() for i in range(SIZE // 2)]

    def told() -> bytes:
        return b" ".join(
            [*itertools.chain(*messages), *(url.encode() for url in urls), page.content().encode()]
        )

    for number in range(1, SIZE + 1):
        expect(here(page, f"Picture {number} of {SIZE}: real or fake?")).to_be_visible()
        expect(
            page.locator(".dfw-panel").get_by_role("img", name=f"Picture {number} of {SIZE}")
        ).to_be_visible()
        everything = told()
        assert not [word for word in never + hidden + once if word in everything]
        buffers = [part for message in messages for part in message[5:] if part]
        pictures = [Image.open(io.BytesIO(part)) for part in buffers]
        assert [shown.format for shown in pictures].count("PNG") == SIZE // 2 - len(hidden), (
            "no mask, no map"
        )
        assert {shown.size for shown in pictures} == {(480, 480)}
        assert not any("exif" in shown.info or "comment" in shown.info for shown in pictures)
        assert (
            len(
                {
                    len(part)
                    for part, shown in zip(buffers, pictures, strict=True)
                    if shown.format == "JPEG"
                }
            )
            == 1
        )
        button(page, "Real").click()
        button(page, "Show all").click()
        expect(line(page, TRUTH)).to_be_visible()
        # Now it is there, so that all this can fail.
        if line(page, FAKE).count():
            expect(page.get_by_role("img", name="Changed here")).to_be_visible()
            everything = told()
            shown_now = [how for how in hidden if how in everything]
            assert len(shown_now) == 1
            hidden.remove(shown_now[0])
        once = []
        page.locator(".dfw-panel .dfw-next").click()
    assert not hidden
    expect(end_of_round(page)).to_be_visible()
    everything = told()
    assert not [word for word in never if word in everything]
