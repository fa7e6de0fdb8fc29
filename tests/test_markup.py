"""Whatever text comes from outside stays text; what was made here stays markup."""

import pytest
from markupsafe import Markup

from dfwidgets import markup

EVIL = "<img src=x onerror=alert(1)> & \"'"

PLACES = {
    "heading": markup.heading,
    "subheading": markup.subheading,
    "paragraph": markup.paragraphs,
    "quiet": markup.quiet,
    "strong": markup.strong,
    "error": markup.error,
    "summary": lambda text: markup.details(text, []),
    "item": lambda text: markup.details("More", [text]),
    "fact": lambda text: markup.facts({"Camera": text}),
    "name of a fact": lambda text: markup.facts({text: "Noted"}),
    "head": lambda text: markup.table(["", text], [["a", "b"]]),
    "name of a row": lambda text: markup.table(["", "Real"], [[text, "b"]]),
    "cell": lambda text: markup.table(["", "Real"], [["a", text]]),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_text_is_escaped_wherever_it_stands(place):
    shown = place(EVIL)
    assert isinstance(shown, Markup)
    assert "<img" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &#34;&#39;" in shown


def test_markup_is_taken_as_it_is():
    bold = Markup("<b>bold</b>")
    assert markup.paragraphs(bold) == "<p><b>bold</b></p>"
    assert markup.block(bold, markup.quiet("a", "b")) == (
        '<div class="dfw"><b>bold</b><p class="dfw-quiet">a</p><p class="dfw-quiet">b</p></div>'
    )


def test_nothing_to_say_makes_no_markup():
    assert markup.paragraphs("", "") == markup.quiet("") == markup.block() == ""
    assert markup.block(markup.NOTHING, markup.quiet("")) == ""
