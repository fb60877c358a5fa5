"""A decision record as Markdown: for a repository, or as the card of a model on a hub."""

from __future__ import annotations

import re

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

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$&!]|^[-+#=])")
"""What Markdown may take for markup, anywhere or at the beginning of a line."""


def markdown(card: Card, *, level: int = 1) -> str:
    """Return the card as Markdown; pictures, which it cannot carry, are left out.

    Args:
        card: what to say.
        level: of the title.
    """
    parts = [f"{'#' * level} {safe(card.title)}", safe(card.answer)]
    told = (_section(section, level + 1) for section in card.sections)
    parts += [section for section in told if section]
    return "\n\n".join(parts) + "\n"


def safe(text: str) -> str:
    """Return untrusted text so that Markdown shows it as it is, on one line."""
    line = " ".join(text.split())
    return _SPECIAL.sub(r"\\\1", line)


def _section(section: Section, level: int) -> str:
    blocks = [told for block in section.blocks if (told := _block(block))]
    if not blocks:
        return ""
    return "\n\n".join([f"{'#' * level} {safe(section.title)}", *blocks])


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return safe(text)
        case Points(items):
            return "\n".join(f"* {safe(item)}" for item in items)
        case Facts(rows):
            return "\n".join(f"* {safe(name)}: {safe(value)}" for name, value in rows)
        case Table(headings, rows):
            return _table(headings, rows)
        case Code(text):
            fence = "`" * (1 + max([2, *(len(run) for run in re.findall("`+", text))]))
            return f"{fence}\n{text}\n{fence}"
        case Drawing(_svg, alt):
            return safe(alt)
        case Pictures():
            return ""


def _table(headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [headings, tuple("---" for _heading in headings), *rows]
    told = (
        " | ".join(cell if number == 1 else safe(cell) for cell in line)
        for number, line in enumerate(lines)
    )
    return "\n".join(f"| {line} |" for line in told)
