"""The curves of a run as a drawing that stands still, for a page without scripts.

Colours are variables of the page's style, so that one drawing serves light and dark.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from tl_core import wording
from tl_core.i18n import _
from tl_core.report.card import Drawing
from tl_core.report.learning import accuracy_alt, loss_alt
from tl_core.report.marks import ALL_STAGES, Fields, Point, number, points

WIDTH, HEIGHT = 800, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 110, 26, 34
_TICKS = 4
_MOST_EPOCHS = 10
"""Numbers on the axis of epochs, at most about as many."""

Place = Callable[[float, float], tuple[float, float]]


def loss_drawing(epochs: Sequence[Fields], thaws: Sequence[Fields], best: Fields) -> Drawing:
    """Return training and validation loss by epoch."""
    training, validation = points(epochs, "train_loss"), points(epochs, "val_loss")
    top = max((y for _x, y in training + validation), default=1.0) * 1.06 or 1.0
    star = (int(best["epoch"]), number(best, "val_loss") or 0.0)
    title = _("loss, lower is better")
    svg = _drawn(title, training, validation, thaws, star, top, wording.number, ())
    return Drawing(svg, loss_alt(epochs, thaws, best))


def accuracy_drawing(epochs: Sequence[Fields], thaws: Sequence[Fields], best: Fields) -> Drawing:
    """Return training and validation accuracy by epoch, the latter with its 95 % interval."""
    training, validation = points(epochs, "train_accuracy"), points(epochs, "val_accuracy")
    band = [*points(epochs, "val_high"), *reversed(points(epochs, "val_low"))]
    star = (int(best["epoch"]), number(best.get("val_accuracy"), "value") or 0.0)
    title = _("right answers, with interval")
    svg = _drawn(title, training, validation, thaws, star, 1.05, wording.percent, band)
    return Drawing(svg, accuracy_alt(epochs, thaws, best))


def _drawn(
    title: str,
    training: Sequence[Point],
    validation: Sequence[Point],
    thaws: Sequence[Fields],
    star: Point,
    top: float,
    said: Callable[[float], str],
    band: Sequence[Point],
) -> str:
    last = int(max([1, *(x for x, _y in validation)]))

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / last * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(TOP + (1 - y / top) * (HEIGHT - TOP - BOTTOM), 1)

    parts = [
        *_axes(place, last, top, said),
        *_thaws(thaws, place, top),
        f'<polygon points="{_path(band, place)}" fill="var(--band)"/>' if band else "",
        _line(training, place, 'stroke="var(--pale)" stroke-width="1.5" stroke-dasharray="5 4"'),
        _line(validation, place, 'stroke="var(--cool)" stroke-width="2.5"'),
        _star(star, place),
        *_ends(training, validation, place),
        f'<text x="{LEFT}" y="14">{escape(title)}</text>',
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )


def _path(curve: Sequence[Point], place: Place) -> str:
    return " ".join("{},{}".format(*place(x, y)) for x, y in curve)


def _line(curve: Sequence[Point], place: Place, style: str) -> str:
    return f'<polyline points="{_path(curve, place)}" fill="none" {style}/>'


def _axes(place: Place, last: int, top: float, said: Callable[[float], str]) -> list[str]:
    parts = []
    for tick in range(_TICKS + 1):
        value = tick * (1.0 if top == 1.05 else top) / _TICKS
        x, y = place(0, value)
        parts.append(
            f'<line x1="{x}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="var(--grid)"/>'
            f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{escape(said(value))}</text>'
        )
    for epoch in range(0, last + 1, max(1, -(-last // _MOST_EPOCHS))):
        x, _y = place(epoch, 0)
        parts.append(f'<text x="{x}" y="{HEIGHT - 14}" text-anchor="middle">{epoch}</text>')
    name = escape(_("epoch"))
    parts.append(f'<text x="{LEFT - 10}" y="{HEIGHT - 14}" text-anchor="end">{name}</text>')
    return parts


def _thaws(thaws: Sequence[Fields], place: Place, top: float) -> list[str]:
    parts = []
    for thaw in thaws:
        x, y = place(int(thaw["epoch"]), top)
        stage = str(thaw["stage"])
        one = _("stage {stage} thawed").format(stage=stage)
        words = _("all thawed") if stage == ALL_STAGES else one
        parts.append(
            f'<line x1="{x}" y1="{y}" x2="{x}" y2="{HEIGHT - BOTTOM}" stroke="var(--warm)" '
            f'stroke-dasharray="2 3"/><text x="{x + 5}" y="{y + 12}">{escape(words)}</text>'
        )
    return parts


def _star(star: Point, place: Place) -> str:
    x, y = place(*star)
    said = escape(_("best epoch"))
    return (
        f'<circle cx="{x}" cy="{y}" r="6" fill="var(--page)" stroke="var(--warm)" '
        f'stroke-width="2.5"><title>{said}</title></circle>'
    )


def _ends(training: Sequence[Point], validation: Sequence[Point], place: Place) -> list[str]:
    """Name the curves where they end, apart from one another."""
    if not training or not validation:
        return []
    named = sorted(
        [(place(*validation[-1])[1], _("validation")), (place(*training[-1])[1], _("training"))]
    )
    (first, one), (second, other) = named
    second = max(second, first + 15)
    right = WIDTH - RIGHT + 8
    return [
        f'<text x="{right}" y="{y + 4}">{escape(name)}</text>'
        for y, name in ((first, one), (second, other))
    ]
