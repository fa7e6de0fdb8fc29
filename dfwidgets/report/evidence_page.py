"""The evidence sheet as a page that stands alone: no script, and nothing from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup

from dfwidgets import markup
from dfwidgets.report import evidence_sections as sections
from dfwidgets.report.evidence import Evidence
from dfwidgets.wording import NO_PROOF

_STATIC = Path(__file__).parents[1] / "static"
# Should markup ever slip through unescaped, it still runs nothing and fetches nothing.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
)

_PAGE = Markup("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evidence sheet: {verdict}</title>
<style>
{style}</style>
</head>
<body class="dfw dfw-panel dfw-sheet">
<main>
<h1>Evidence sheet</h1>
<p>Made on {date:%Y-%m-%d %H:%M} UTC.</p>
<p class="dfw-error">{no_proof}</p>
{sections}</main>
</body>
</html>
""")


def sheet(known: Evidence, when: datetime) -> str:
    """Make the page of what is known; but for the date the same makes the same.

    Args:
        known: what `complete` gives.
        when: the date on it, in UTC where it names no time zone.

    Returns:
        HTML, to be written as UTF-8.
    """
    if not when.tzinfo:
        when = when.replace(tzinfo=UTC)
    # The style travels along, as the sheet has to look the same where there is no network.
    style = "".join((_STATIC / name).read_text("utf-8") for name in ("style.css", "sheet.css"))

    answers = {
        "Is this face real?": sections.verdict_section(known),
        "Where did it look?": sections.map_section(known),
        "What the file says": sections.file_section(known),
        "Where is the line drawn?": sections.edges_section(known),
        "Does the verdict hold?": sections.copies_section(known),
        "What it can't tell": sections.blind_spots_section(),
        "How this sheet was made": sections.making_section(known),
    }
    section = Markup("<section>{}{}</section>\n")
    page = _PAGE.format(
        policy=_POLICY,
        verdict=known.prediction.verdict,
        style=Markup(style),
        date=when.astimezone(UTC),
        no_proof=NO_PROOF,
        sections=Markup("").join(
            section.format(markup.heading(question), answer) for question, answer in answers.items()
        ),
    )
    # A lone half of a character, as a name or a JSON can hold it, can't be written as UTF-8.
    return page.encode("utf-8", "replace").decode()
