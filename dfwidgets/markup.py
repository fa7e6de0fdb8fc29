"""Leaf markup that panels and sheets are made of; whatever came from outside is escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape


def details(summary: str, items: str) -> str:
    """A line that opens to a list; `items` is markup made here."""
    return f"<details><summary>{escape(summary)}</summary><ul>{items}</ul></details>"


def facts(lines: Mapping[str, str]) -> str:
    """What there is to say of several things, one below the other."""
    said = "".join(
        f"<dt>{escape(what)}</dt><dd>{escape(sentence)}</dd>" for what, sentence in lines.items()
    )
    return f'<dl class="dfw-facts">{said}</dl>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column names the rows; on a narrow page each row becomes a list."""
    said = "".join(f'<th scope="col" role="columnheader">{escape(head)}</th>' for head in heads)
    body = "".join(
        f'<tr role="row"><th scope="row" role="rowheader">{escape(name)}</th>'
        + "".join(
            f'<td role="cell" data-head="{escape(h)}">{escape(c)}</td>'
            for h, c in zip(heads[1:], cells, strict=True)
        )
        + "</tr>"
        for name, *cells in rows
    )
    # The roles stay where the style sheet turns rows into blocks.
    return (
        f'<table class="dfw-table" role="table"><thead role="rowgroup"><tr role="row">{said}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>'
    )


def wide(picture: str) -> str:
    """A picture that on a narrow page scrolls by itself, by keyboard too; `picture` is markup made
    here."""
    return f'<div class="dfw-wide" role="group" aria-label="Chart" tabindex="0">{picture}</div>'


def error(sentence: str) -> str:
    """A sentence that says what went wrong."""
    return f'<div class="dfw-error">{escape(sentence)}</div>'


def quiet(sentence: str) -> str:
    """A sentence that only helps."""
    return f'<p class="dfw-quiet">{escape(sentence)}</p>'


def heading(words: str) -> str:
    """The question that a panel asks."""
    return f"<h2>{escape(words)}</h2>"


def block(markup: str) -> str:
    """Markup in the type and colours of the panels."""
    return f'<div class="dfw">{markup}</div>'
