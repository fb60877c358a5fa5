"""How many examples each class has, as bars."""

from __future__ import annotations

from collections.abc import Mapping

from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.report.theme import Figure, axis, layout, safe, theme

MOST_CLASSES = 30
"""More bars than these cannot be read; the largest and the smallest are shown."""

_ROW_PX = 22
_FRAME_PX = 30
_LONGEST_NAME = 24  # letters


def class_counts_figure(counts: Mapping[str, int], *, dark: bool) -> Figure:
    """Return one bar per class, the largest first.

    Args:
        counts: pictures per class name; names may be untrusted text.
        dark: True for a dark page.
    """
    colours = theme(dark=dark)
    shown = _shown(counts)
    names = [name for name, _n in shown]
    most = max((n for _name, n in shown), default=1)
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [n for _name, n in shown],
        "y": list(range(len(shown))),
        "text": [wording.count(n) for _name, n in shown],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [safe(name) for name in names],
        "marker": {"color": colours.cool},
        "hovertemplate": "%{customdata}: %{x}<extra></extra>",
    }
    return {
        "data": [bars],
        "layout": layout(
            colours,
            height=_FRAME_PX + _ROW_PX * max(len(shown), 1),
            margin={"l": 8, "r": 8, "t": 6, "b": 24},
            bargap=0.25,
            xaxis=axis(colours, range=[0, 1.15 * most], tickformat=",d", fixedrange=True),
            yaxis=axis(
                colours,
                autorange="reversed",
                showgrid=False,
                tickvals=list(range(len(shown))),
                ticktext=[safe(_short(name)) for name in names],
                fixedrange=True,
            ),
        ),
    }


def class_counts_alt(counts: Mapping[str, int]) -> str:
    """Return what the bars show, in words; holds class names."""
    if not counts:
        return _("Examples per class; there are no classes.")
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    (most, n_most), (least, n_least) = ordered[0], ordered[-1]
    text = ngettext(
        "Examples in {n} class, from {most} ({n_most}) to {least} ({n_least}).",
        "Examples in {n} classes, from {most} ({n_most}) to {least} ({n_least}).",
        len(counts),
    )
    return text.format(
        n=len(counts),
        most=most,
        n_most=wording.count(n_most),
        least=least,
        n_least=wording.count(n_least),
    )


def _shown(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    if len(ordered) <= MOST_CLASSES:
        return ordered
    half = MOST_CLASSES // 2
    return ordered[:half] + ordered[-half:]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
