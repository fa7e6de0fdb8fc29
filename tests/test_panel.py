"""What all panels have in common."""

from __future__ import annotations

import asyncio
import threading

import ipywidgets as ipw
import pytest

from dfwidgets import markup
from dfwidgets.panels.panel import Panel, Part
from dfwidgets.panels.parts import Html, button, set_visible


def visible(widget: ipw.Widget) -> bool:
    return widget.layout.display != "none"


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


def test_a_panel_begins_with_its_question():
    panel = Panel("Real <or> fake?", ipw.IntSlider())
    assert panel.children[0].value == "<h2>Real &lt;or&gt; fake?</h2>"
    assert len(panel.children) == 2
    assert "dfw-panel" in panel._dom_classes


def test_a_panel_without_a_question_has_no_heading():
    child = ipw.IntSlider()
    assert Panel("", child).children == (child,)


def test_until_there_is_something_to_show_a_sentence_stands_in_its_place():
    first = ipw.IntSlider()
    second = ipw.IntSlider()
    panel = Panel("Where?", first, second, until="Once it's there, it appears here.")
    panel.set_empty(True)
    assert "Once it&#39;s there" in panel.empty.value
    assert [visible(each) for each in (panel.empty, first, second)] == [True, False, False]
    panel.set_empty(False)
    assert [visible(each) for each in (panel.empty, first, second)] == [False, True, True]
    assert panel.children[1:] == (panel.empty, first, second)


def test_a_handler_hears_a_button_and_the_traits_that_are_named():
    part = Part()
    press = button("Press")
    slider = ipw.IntSlider()
    heard = []
    part.on(press, lambda _: heard.append("pressed"))
    part.on(slider, lambda change: heard.append(change.new), "value")
    press.click()
    slider.value = 3
    slider.max = 50
    assert heard == ["pressed", 3]


def test_what_is_changed_silently_is_not_heard_and_what_follows_is():
    part = Part()
    slider = ipw.IntSlider()
    heard = []
    part.on(slider, lambda change: heard.append(change.new), "value")
    with part.silently():
        slider.value = 3
    with pytest.raises(ValueError, match="no idea"), part.silently():
        raise ValueError("no idea")
    slider.value = 4
    assert heard == [4]


@pytest.mark.parametrize("what", ["button", "trait"])
def test_a_handler_waits_for_its_turn_whichever_thread_calls_it(what):
    threads = []

    async def story():
        part = Part()
        press = button("Press")
        slider = ipw.IntSlider()
        part.on(press, lambda _: threads.append(threading.get_ident()))
        part.on(slider, lambda _: threads.append(threading.get_ident()), "value")
        act = press.click if what == "button" else lambda: slider.set_trait("value", 3)
        elsewhere = threading.Thread(target=act)
        elsewhere.start()
        elsewhere.join()
        assert threads == []
        await until(lambda: threads)

    asyncio.run(story())
    assert threads == [threading.get_ident()]


def test_text_on_a_panel_is_markup_or_nothing():
    text = Html(markup.quiet("<b>"))
    assert text.value == '<div class="dfw"><p class="dfw-quiet">&lt;b&gt;</p></div>'
    text.show()
    assert text.value == ""


def test_a_widget_is_hidden_and_comes_back():
    slider = ipw.IntSlider()
    set_visible(slider, False)
    assert not visible(slider)
    set_visible(slider, True)
    assert slider.layout.display is None
