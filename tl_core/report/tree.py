"""The decision path as a tree: questions from top to bottom, the way taken heavy, others pale.

It is HTML, not SVG, so that long questions wrap on a phone and every word can be read aloud,
selected and enlarged. The way is told by weight, by a solid line and in words; colour only helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tl_core.i18n import _
from tl_core.report.strip import WARM


@dataclass(frozen=True, slots=True)
class Twig:
    """A branch that was not taken."""

    answer: str
    leads: str
    """Where it would end, in words."""


@dataclass(frozen=True, slots=True)
class Fork:
    """One question, the answer that was given, and the other answers."""

    question: str
    found: str
    """What was measured; empty where that is the answer."""
    taken: str
    twigs: tuple[Twig, ...] = ()


def tree_html(forks: Sequence[Fork], end: str, *, alt: str) -> str:
    """Return the tree as HTML that takes colour and font of the text around it.

    Args:
        forks: in the order in which they are asked. All words may be untrusted text.
        end: what is chosen.
        alt: what the tree shows, in words.
    """
    items = "".join(_fork(fork) for fork in forks)
    return (
        f'<style>{_CSS}</style><div class="tree-room">'
        f'<ol class="tree" aria-label="{escape(alt)}">{items}'
        f'<li class="end"><b>{escape(end)}</b></li></ol></div>'
    )


def tree_alt(forks: Sequence[Fork], end: str) -> str:
    """Return the way through the questions, in words."""
    way = "; ".join(f"{fork.question} {fork.taken}" for fork in forks)
    return _("The way through {n} questions. {way}. It ends at: {end}.").format(
        n=len(forks), way=way, end=end
    )


def _fork(fork: Fork) -> str:
    found = f'<div class="found">{escape(fork.found)}</div>' if fork.found else ""
    twigs = "".join(
        f'<li><span class="other">{escape(twig.answer)}</span>: {escape(twig.leads)}</li>'
        for twig in fork.twigs
    )
    others = f'<ul class="twigs">{twigs}</ul>' if twigs else ""
    return (
        f'<li class="fork"><div><div class="asked">{escape(fork.question)}</div>{found}'
        f'<div class="taken"><b>{escape(fork.taken)}</b></div></div>{others}</li>'
    )


_CSS = f"""
.tree-room {{ container-type: inline-size; }}
.tree, .twigs {{ list-style: none; margin: 0; padding: 0; }}
.tree {{ font-size: 0.92rem; line-height: 1.4; }}
.fork, .end {{ position: relative; padding: 0 0 0.85rem 2rem; }}
.fork::before {{ content: ""; position: absolute; left: 7px; top: 0.7em; bottom: -0.7em;
  width: 4px; background: {WARM}; }}
.fork::after {{ content: ""; position: absolute; left: 2px; top: 0.3em; width: 10px; height: 10px;
  border: 2px solid {WARM}; border-radius: 50%; background: var(--st-background-color); }}
.found {{ opacity: 0.72; font-size: 0.85em; }}
.taken {{ margin: 0.15rem 0; }}
.taken b {{ border-left: 4px solid {WARM}; padding-left: 0.5rem; }}
.end {{ padding-bottom: 0; }}
.end::before {{ content: ""; position: absolute; left: 0; top: 0.25em; width: 18px; height: 18px;
  border-radius: 4px; background: {WARM}; }}
.end b {{ font-size: 1.1em; }}
.twigs li {{ position: relative; padding-left: 2rem; opacity: 0.72; font-size: 0.92em; }}
.twigs li::before {{ content: ""; position: absolute; left: 0; top: 0.65em; width: 1.5rem;
  border-top: 2px dashed currentColor; opacity: 0.7; }}
.twigs .other {{ font-style: italic; }}
@container (max-width: 639px) {{
  .twigs li {{ margin-left: -1.3rem; }}
}}
@container (min-width: 640px) {{
  .fork {{ display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }}
  .fork:has(.twigs) .asked {{ display: flex; gap: 0.75rem; }}
  .fork:has(.twigs) .asked::after {{ content: ""; flex: 1; min-width: 1rem; margin-top: 0.65em;
    border-top: 2px dashed currentColor; opacity: 0.5; }}
  .found {{ padding-right: 1rem; }}
}}
"""
