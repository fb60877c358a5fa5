"""The decision path as a tree: the way taken heavy, the others pale, all of it in words."""

from __future__ import annotations

import re

from tl_core.report.tree import Fork, Twig, tree_alt, tree_html

FORKS = (
    Fork("How many?", "240", "fewer than 3,000", (Twig("3,000 or more", "would end at “All”"),)),
    Fork("How far?", "", "far", (Twig("near", "would end the same"), Twig("middling", "so"))),
    Fork("Rule of thumb?", "freeze", "Thaw"),
)


def drawn(forks: tuple[Fork, ...] = FORKS, end: str = "Thaw", alt: str = "Three.") -> str:
    return tree_html(forks, end, alt=alt).partition("</style>")[2]


def test_questions_stand_in_their_order_and_end_in_the_choice() -> None:
    found = re.findall(r'class="asked">([^<]*)', drawn())

    assert found == ["How many?", "How far?", "Rule of thumb?"]
    assert drawn().endswith('<li class="end"><b>Thaw</b></li></ol></div>')
    assert 'aria-label="Three."' in drawn()


def test_the_way_taken_is_strong_and_the_others_are_not() -> None:
    html = drawn()

    assert re.findall(r"<b>([^<]*)</b>", html) == ["fewer than 3,000", "far", "Thaw", "Thaw"]
    assert re.findall(r'class="other">([^<]*)</span>: ([^<]*)', html) == [
        ("3,000 or more", "would end at “All”"),
        ("near", "would end the same"),
        ("middling", "so"),
    ]


def test_what_has_no_other_answer_has_no_branch() -> None:
    assert drawn((FORKS[2],)).count("twigs") == 0
    assert drawn((FORKS[1],)).count('class="found"') == 0


def test_the_alternative_text_tells_the_way() -> None:
    assert tree_alt(FORKS, "Thaw") == (
        "The way through 3 questions. How many? fewer than 3,000; How far? far; "
        "Rule of thumb? Thaw. It ends at: Thaw."
    )


def test_words_are_escaped() -> None:
    odd = Fork("<q>", "<f>", "<t>", (Twig("<a>", "<l>"),))
    html = drawn((odd,), end="<e>", alt='"><x>')

    assert not re.search(r"<[qftalex]>", html)
    assert "&lt;q&gt;" in html


def test_no_rule_of_it_reaches_beyond_the_tree() -> None:
    """The style comes with the drawing; only classes of its own are named."""
    style = tree_html(FORKS, "Thaw", alt="").partition("</style>")[0]
    selectors = re.findall(r"(?m)^\s*([^@{}\s][^{}]*)\{", style.removeprefix("<style>"))
    assert selectors
    assert all(part.strip().startswith(".") for s in selectors for part in s.split(","))
