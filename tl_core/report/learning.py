"""The curves of a run as charts, loss and accuracy, and what they show in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tl_core import wording
from tl_core.i18n import _
from tl_core.report import marks, rates, reference
from tl_core.report.marks import ALL_STAGES, Fields, Piece, number, points
from tl_core.report.reference import Reference
from tl_core.report.theme import (
    FONT_PX,
    Figure,
    Theme,
    axis,
    layout,
    note,
    rounded_up,
    theme,
    tick,
)
from tl_core.spec import Accuracy

HEIGHT = rates.WHOLE_PX + 66
"""Pixels, fixed, so that nothing below the chart jumps."""

_FIRST_EPOCHS = 10  # room before anything is known
_ROOM_EPOCHS = 30
"""An axis with room for more than these grows with the curve, which would be a sliver on it."""
_MARGIN = {"l": 44, "r": 98, "t": 34, "b": 32}  # on the right, the names at the curves' ends


def loss_figure(
    epochs: Sequence[Fields],
    thaws: Sequence[Fields],
    best: Fields | None,
    actions: Sequence[Fields] = (),
    *,
    dark: bool,
    steps: Sequence[Fields] = (),
) -> Figure:
    """Return training and validation loss by epoch, the gap shaded, the best epoch starred.

    Below it stand the learning rates, on the same epochs.

    Args:
        epochs: epoch events in order (`epoch`, `phase`, `train_loss`, `val_loss`, `lr`,
            `epochs_max`).
        thaws: thaw events (`epoch`, `stage`).
        best: `epoch` and `val_loss` of the best epoch.
        actions: of people (`action`, `epoch`, `applied`).
        dark: True for a dark page.
        steps: `at` and `loss` of batches of the epoch that runs now.
    """
    colours = theme(dark=dark)
    training, validation = points(epochs, "train_loss"), points(epochs, "val_loss")
    top = max((y for _x, y in training + validation), default=1.0) * 1.06 or 1.0
    found = _star_at(best, number(best, "val_loss"))
    traces = [
        marks.between(validation, training, colours.gap),
        marks.line(training, _("training loss"), colours.pale, digits=".3f", heavy=False),
        marks.line(validation, _("validation loss"), colours.cool, digits=".3f", heavy=True),
        *marks.star(found, colours),
        *marks.before(_before(epochs, validation), colours),
        marks.batches(steps, colours),
        *rates.steps(epochs, colours),
    ]
    last = int(epochs[-1]["epoch"]) if epochs else 0
    told = [
        *marks.end_names(_ends(training, validation, found, colours), top=top, said=wording.number),
        *marks.thaw_names(thaws, colours),
        *marks.best_name(found, last, colours),
        _name(_("loss, lower is better"), colours),
        *rates.names(epochs, colours),
    ]
    scale = {"range": [0, top], "domain": rates.loss_domain()}
    figure = framed(traces, told, epochs, thaws, colours, scale)
    figure["layout"] |= rates.axes(epochs, colours)
    figure["layout"]["xaxis"]["anchor"] = "y2"  # the epochs stand below the strip
    return marks.with_actions(figure, actions, colours)


def accuracy_figure(
    epochs: Sequence[Fields],
    thaws: Sequence[Fields],
    best: Fields | None,
    *,
    dark: bool,
    compared: Reference | None = None,
) -> Figure:
    """Return training and validation accuracy by epoch, validation with its 95 % interval.

    Takes the same as `loss_figure`; epochs tell `train_accuracy`, `val_accuracy`, `val_low` and
    `val_high`, the best epoch `val_accuracy` with its `value`. `compared` is drawn as a line.
    """
    colours = theme(dark=dark)
    training, validation = points(epochs, "train_accuracy"), points(epochs, "val_accuracy")
    top, before = 1.05, _before(epochs, validation)
    found = _star_at(best, number(best.get("val_accuracy") if best else None, "value"))
    traces = [
        marks.between(points(epochs, "val_high"), points(epochs, "val_low"), colours.band),
        marks.line(training, _("training accuracy"), colours.pale, digits=".1%", heavy=False),
        marks.line(validation, _("validation accuracy"), colours.cool, digits=".1%", heavy=True),
        *marks.star(found, colours),
        *marks.before(before, colours),
        *reference.line(compared, _until(epochs), colours),
    ]
    ends = _ends(training, validation, found, colours)
    told = [
        *marks.end_names(ends, top=top, said=wording.percent, tall_px=rates.WHOLE_PX),
        *marks.before_name(before if len(validation) > 1 else None, colours),
        *reference.name(compared, validation, _until(epochs), colours, star=found),
        _name(_("right answers, with interval"), colours),
    ]
    scale = {"range": [0, top], "tickformat": ".0%", "dtick": 0.25}
    return framed(traces, told, epochs, thaws, colours, scale)


def loss_alt(
    epochs: Sequence[Fields],
    thaws: Sequence[Fields],
    best: Fields | None,
    actions: Sequence[Fields] = (),
) -> str:
    """Return what the loss chart shows, in words."""
    validation, training = points(epochs, "val_loss"), points(epochs, "train_loss")
    if not validation:
        return _("Loss by epoch; there is no epoch yet.")
    text = _("Loss by epoch, {first} to {last}. Validation loss began at {begin} and is {now} now.")
    said = [
        text.format(
            first=validation[0][0],
            last=validation[-1][0],
            begin=wording.number(validation[0][1]),
            now=wording.number(validation[-1][1]),
        )
    ]
    lowest = number(best, "val_loss")
    if best is not None and lowest is not None:
        text = _("Its lowest is {lowest}, at epoch {epoch}.")
        said.append(text.format(lowest=wording.number(lowest), epoch=best["epoch"]))
    if training:
        text = _("Training loss is {now}.")
        said.append(text.format(now=wording.number(training[-1][1])))
    parts = [*said, *rates.said(epochs), *_thaws_said(thaws), *marks.actions_said(actions)]
    return " ".join(parts)


def accuracy_alt(
    epochs: Sequence[Fields],
    thaws: Sequence[Fields],
    best: Fields | None,
    *,
    compared: Reference | None = None,
) -> str:
    """Return what the accuracy chart shows, in words."""
    validation, training = points(epochs, "val_accuracy"), points(epochs, "train_accuracy")
    if not validation:
        return _("Accuracy by epoch; there is no epoch yet.")
    text = _("Accuracy by epoch, {first} to {last}. Validation accuracy is {now} now.")
    now = _with_interval(epochs[-1], validation[-1][1])
    said = [text.format(first=validation[0][0], last=validation[-1][0], now=now)]
    value = number(best.get("val_accuracy") if best else None, "value")
    if best is not None and value is not None:
        text = _("At the best epoch, {epoch}, it is {value}.")
        said.append(text.format(epoch=best["epoch"], value=wording.percent(value)))
    if training:
        text = _("Training accuracy is {now}.")
        said.append(text.format(now=wording.percent(training[-1][1])))
    return " ".join([*said, *reference.said(compared), *_thaws_said(thaws)])


def _with_interval(epoch: Fields, value: float) -> str:
    low, high = number(epoch, "val_low"), number(epoch, "val_high")
    if low is None or high is None:
        return wording.percent(value)
    return wording.percent_interval(Accuracy(value, low, high, int(epoch.get("val_n") or 0)))


def _thaws_said(thaws: Sequence[Fields]) -> list[str]:
    whole = _("Everything was thawed at epoch {epoch}.")
    one = _("Stage {stage} was thawed at epoch {epoch}.")
    return [
        (whole if thaw["stage"] == ALL_STAGES else one).format(
            stage=thaw["stage"], epoch=thaw["epoch"]
        )
        for thaw in thaws
    ]


def _before(epochs: Sequence[Fields], curve: list[marks.Point]) -> marks.Point | None:
    """Return the point of a curve before training, where the run was judged then."""
    first = epochs[0] if epochs else {}
    is_known = first.get("phase") == marks.BEFORE and curve and curve[0][0] == first["epoch"]
    return curve[0] if is_known else None


def _until(epochs: Sequence[Fields]) -> int:
    """Return the last epoch that the axis has room for: the last of all, unless it is far away."""
    last = epochs[-1] if epochs else {}
    now, most = int(last.get("epoch") or 0), int(last.get("epochs_max") or 0)
    near = max(_ROOM_EPOCHS, int(rounded_up(now + 1)))
    return max(now, min(most, near)) or _FIRST_EPOCHS


def _star_at(best: Fields | None, y: float | None) -> marks.Point | None:
    return None if best is None or y is None else (int(best["epoch"]), y)


def _ends(
    training: list[marks.Point],
    validation: list[marks.Point],
    best: marks.Point | None,
    colours: Theme,
) -> list[tuple[list[marks.Point], str, str]]:
    is_best = best is not None and bool(validation) and validation[-1][0] == best[0]
    return [
        (validation, _("validation, best") if is_best else _("validation"), colours.cool),
        (training, _("training"), colours.soft),
    ]


def _name(text: str, colours: Theme) -> Piece:
    """Say at the upper left what the chart shows."""
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "yshift": 18, "xanchor": "left"}
    return note(text, colours.soft, yanchor="middle", **place)


def framed(
    traces: list[Piece],
    told: list[Piece],
    epochs: Sequence[Fields],
    thaws: Sequence[Fields],
    colours: Theme,
    scale: dict[str, Any],
) -> Figure:
    """Put curves, marks and words together; the next epochs have their room already."""
    until = _until(epochs)
    if not epochs:
        wait = note(_("The curve begins with the first epoch."), colours.soft)
        told = [*told, wait | {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}]
    epoch_axis = axis(
        colours,
        title={"text": _("epoch"), "standoff": 4, "font": {"size": FONT_PX}},
        range=[-0.02 * until, until],
        showgrid=False,
        tickformat="d",
        dtick=tick(until),
    )
    return {
        "data": traces,
        "layout": layout(
            colours,
            height=HEIGHT,
            margin=_MARGIN,
            hovermode="x unified",
            xaxis=epoch_axis,
            yaxis=axis(colours, nticks=6, **scale),
            shapes=[marks.thaw_line(thaw) for thaw in thaws],
            annotations=told,
        ),
    }
