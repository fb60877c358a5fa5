"""A decision record as one HTML file that asks for nothing else: it opens without a network."""

from __future__ import annotations

from html import escape
from importlib import resources

from tl_core.i18n import _
from tl_core.report.card import (
    Block,
    Card,
    Code,
    Drawing,
    Facts,
    Pictures,
    Points,
    Section,
    Table,
    Text,
)

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Even markup that slipped through could neither run nor ask anybody for anything."""


def html(card: Card) -> str:
    """Return the card as an HTML document."""
    style = resources.files("tl_core.report").joinpath("parts", "card_style.txt").read_text("utf-8")
    body = "\n".join(_section(section) for section in card.sections)
    made = escape(_("Made by Thaw. All numbers are measured; intervals are 95 % unless said."))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(card.title)}</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>{escape(card.title)}</h1>
<p class="answer">{escape(card.answer)}</p>
{body}
</main>
<footer>{made}</footer>
</body>
</html>
"""


def _section(section: Section) -> str:
    blocks = "\n".join(_block(block) for block in section.blocks)
    return f"<section>\n<h2>{escape(section.title)}</h2>\n{blocks}\n</section>"


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return f"<p>{escape(text)}</p>"
        case Points(items):
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
        case Facts(rows):
            cells = "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in rows)
            return f"<dl>{cells}</dl>"
        case Table(headings, rows):
            return _table(headings, rows)
        case Code(text):
            return f"<pre>{escape(text)}</pre>"
        case Drawing(svg, alt):
            return f"<figure>{svg}<figcaption>{escape(alt)}</figcaption></figure>"
        case Pictures():
            return _pictures(block)


def _table(headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _pictures(block: Pictures) -> str:
    shown = (
        f'<figure><img src="{escape(p.url)}" alt="{escape(p.caption)}">'
        f"<figcaption>{escape(p.caption)}</figcaption></figure>"
        for p in block.pictures
    )
    return f'<div class="pictures">{"".join(shown)}</div>'
