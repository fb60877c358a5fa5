"""A lesson on paper for who teaches it: one page of plain HTML that prints without a network."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from tl_core.i18n import _
from tl_core.lessons.course import Answer, Lesson, Option
from tl_core.lessons.scenes import scene, told

_STYLE = """
body { font: 11.5pt/1.45 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; color: #111; }
h1 { font-size: 18pt; margin: 0; } h2 { font-size: 12.5pt; margin: 1.2em 0 .2em; }
.term { color: #555; margin: 0 0 1em; } li { margin: .35em 0; }
.lines { border-bottom: 1px solid #999; height: 1.9em; } .right::after { content: " \\2713"; }
section { break-inside: avoid; }
@page { margin: 18mm; }
"""


def of_lesson(lesson: Lesson) -> str:
    """Return the sheet of a lesson: what to ask, what to show, what to say, what to check."""
    source = escape(_("All results are of real runs, recorded with Thaw."))
    parts = [
        f"<h1>{escape(_(lesson.title))}</h1>",
        f'<p class="term">{escape(_(lesson.term))}</p>',
        _section(_("The idea"), f"<p>{escape(_(lesson.idea))}</p>"),
        _section(
            _("Ask before showing anything"),
            f"<p>{escape(_(lesson.guess))}</p>" + '<div class="lines"></div>' * 2,
        ),
        _section(_("Show"), _list(_shown(lesson, option) for option in lesson.options)),
        _section(_("To take home"), f"<p><b>{escape(_(lesson.takeaway))}</b></p>"),
        _section(
            _("Check"),
            f"<p>{escape(_(lesson.question))}</p>" + _list(map(_answer, lesson.answers)),
        ),
        f"<p class='term'>{source}</p>",
    ]
    title = f"<title>{escape(_(lesson.title))}</title>"
    head = f'<meta charset="utf-8">{title}<style>{_STYLE}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _section(heading: str, content: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>{content}</section>"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _shown(lesson: Lesson, option: Option) -> str:
    found = scene(lesson.id, option.id)
    said = told(option, found) if found else _("This installation has no recording of it.")
    return f"<b>{escape(_(option.label))}</b>: {escape(said)}"


def _answer(answer: Answer) -> str:
    mark = ' class="right"' if answer.is_right else ""
    return f"<span{mark}>{escape(_(answer.label))}</span><br><i>{escape(_(answer.feedback))}</i>"
