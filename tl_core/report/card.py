"""A decision record as plain blocks: what it says is decided elsewhere, how it looks in `card_html`
and `card_markdown`. Every text in a block is plain and may come from data; whoever renders it
escapes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Names and what they are."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Rows under headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Code:
    """Something to be typed."""

    text: str


@dataclass(frozen=True)
class Drawing:
    """A chart as SVG of our own, and what it shows in words."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Picture:
    """A picture as a `data:` URL, with what it shows."""

    url: str
    caption: str


@dataclass(frozen=True)
class Pictures:
    """Some pictures side by side."""

    pictures: tuple[Picture, ...]


Block = Text | Points | Facts | Table | Code | Drawing | Pictures


@dataclass(frozen=True)
class Section:
    """What is said under one heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Card:
    """One page."""

    title: str
    answer: str
    """In one sentence."""
    sections: tuple[Section, ...]
