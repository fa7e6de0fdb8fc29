"""Leaf markup that panels and sheets are made of; plain text is escaped on its way in.

What is markup already has the type `Markup`: it is taken as it is, everywhere here and by its own
`format` and `join`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

NOTHING = Markup("")


def heading(question: str) -> Markup:
    """The question that a panel asks."""
    return Markup("<h2>{}</h2>").format(question)


def subheading(question: str) -> Markup:
    """The question of a part of a panel."""
    return Markup("<h3>{}</h3>").format(question)


def paragraphs(*sentences: str) -> Markup:
    """A paragraph for each sentence; none for an empty one."""
    return joined(Markup("<p>{}</p>").format(each) for each in sentences if each)


def quiet(*sentences: str) -> Markup:
    """Sentences that only help."""
    return joined(Markup('<p class="dfw-quiet">{}</p>').format(each) for each in sentences if each)


def strong(sentence: str) -> Markup:
    """The sentence that all this comes to."""
    return Markup('<p class="dfw-result">{}</p>').format(sentence)


def error(sentence: str) -> Markup:
    """A sentence that says what went wrong."""
    return Markup('<div class="dfw-error">{}</div>').format(sentence)


def details(summary: str, lines: Iterable[str]) -> Markup:
    """A line that opens to a list."""
    items = joined(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup("<details><summary>{}</summary><ul>{}</ul></details>").format(summary, items)


def facts(lines: Mapping[str, str]) -> Markup:
    """What there is to say of several things, one below the other."""
    pairs = joined(Markup("<dt>{}</dt><dd>{}</dd>").format(*pair) for pair in lines.items())
    return Markup('<dl class="dfw-facts">{}</dl>').format(pairs)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table whose first column names the rows; on a narrow page each row becomes a list."""
    # The roles stay where the style sheet turns rows into blocks.
    head = Markup('<th scope="col" role="columnheader">{}</th>')
    name = Markup('<th scope="row" role="rowheader">{}</th>')
    cell = Markup('<td role="cell" data-head="{}">{}</td>')
    line = Markup('<tr role="row">{}{}</tr>')

    top = line.format(joined(head.format(each) for each in heads), NOTHING)
    body = joined(
        line.format(
            name.format(row[0]),
            joined(cell.format(*pair) for pair in zip(heads[1:], row[1:], strict=True)),
        )
        for row in rows
    )
    return Markup(
        '<table class="dfw-table" role="table"><thead role="rowgroup">{}</thead>'
        '<tbody role="rowgroup">{}</tbody></table>'
    ).format(top, body)


def wide(picture: Markup) -> Markup:
    """A picture that on a narrow page scrolls by itself, by keyboard too."""
    return Markup(
        '<div class="dfw-wide" role="group" aria-label="Chart" tabindex="0">{}</div>'
    ).format(picture)


def block(*parts: Markup) -> Markup:
    """Markup in the type and colours of the panels; nothing where there is nothing to show."""
    inner = joined(parts)
    return Markup('<div class="dfw">{}</div>').format(inner) if inner else NOTHING


def joined(parts: Iterable[str]) -> Markup:
    """Several pieces of markup, one after the other."""
    return NOTHING.join(parts)
