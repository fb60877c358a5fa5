"""A record as Markdown: what comes from data is no markup."""

from __future__ import annotations

from markdown_it import MarkdownIt

from tests.report.test_card_html import BLOCKS, CARD
from tl_core.report.card import Card, Code, Drawing, Pictures, Section, Table
from tl_core.report.card_markdown import markdown, safe

NAMES = (
    "<b>x</b>",
    "[a](javascript:b)",
    "# head",
    "`code`",
    "a|b",
    "*x*",
    "- item",
    "a\nb",
    "&lt;",
)


def test_names_are_shown_as_they_are() -> None:
    for name in NAMES:
        (paragraph,) = [t for t in MarkdownIt().parse(safe(name)) if t.type == "inline"]
        kinds = {child.type for child in paragraph.children or ()}
        assert kinds == {"text"}, name
        assert "".join(c.content for c in paragraph.children or ()) == " ".join(name.split())


def test_a_whole_card_has_no_markup_of_others() -> None:
    rendered = MarkdownIt().enable("table").render(markdown(CARD))
    assert "<script" not in rendered
    assert rendered.count("<table>") == 1
    assert len([b for b in BLOCKS if isinstance(b, (Table, Code, Drawing, Pictures))]) == 4


def test_code_with_fences_stays_code() -> None:
    text = "```\n````\nx"
    rendered = MarkdownIt().render(markdown(Card("t", "a", (Section("s", (Code(text),)),))))
    assert f"<pre><code>{text}\n</code></pre>" in rendered


def test_a_section_that_cannot_be_told_is_left_out() -> None:
    told = markdown(Card("t", "a", (Section("only pictures", (Pictures(()),)),)))
    assert "only pictures" not in told
