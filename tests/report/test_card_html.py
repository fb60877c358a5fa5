"""A record as a page: nothing in it is asked for elsewhere, and nothing from data is markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from tl_core.report.card import (
    Card,
    Code,
    Drawing,
    Facts,
    Picture,
    Pictures,
    Points,
    Section,
    Table,
    Text,
)
from tl_core.report.card_html import html

EVIL = '<script>alert("x")</script>'
BLOCKS = (
    Text(EVIL),
    Points((EVIL,)),
    Facts(((EVIL, EVIL),)),
    Table((EVIL,), ((EVIL,),)),
    Code(EVIL),
    Drawing("<svg></svg>", EVIL),
    Pictures((Picture("data:image/jpeg;base64,AA==", EVIL),)),
)
CARD = Card(EVIL, EVIL, (Section(EVIL, BLOCKS),))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)


def test_what_comes_from_data_is_shown_as_it_is() -> None:
    page = html(CARD)
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert {"h1", "h2", "table", "dl", "pre", "ul", "img", "svg"} <= set(tags.seen)
    assert page.count("&lt;script&gt;") >= 10


def test_it_asks_nobody_for_anything() -> None:
    page = html(CARD)
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert "url(" not in page
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
