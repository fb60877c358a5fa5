"""How much of the base is left, by epoch and by mixture: charts, and what they show in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.i18n import _
from tl_core.report import marks
from tl_core.report.learning import framed
from tl_core.report.marks import Fields, Piece, Point, number, points
from tl_core.report.theme import FONT_PX, Figure, Theme, axis, layout, note, theme
from tl_core.spec import Accuracy

TOP = 1.05
HEIGHT = 260  # pixels of the chart of mixtures
_MARGIN = {"l": 44, "r": 98, "t": 34, "b": 46}
_TALL_PX = HEIGHT - 80
_SHARES = {"range": [0, TOP], "tickformat": ".0%", "dtick": 0.25}

_KEYS = ("agreement", "low", "high")
Ends = tuple[list[Point], str, str]


def retained(epochs: Sequence[Fields], *, on_source: bool = False) -> list[dict[str, Any]]:
    """Return what is known of each epoch: epoch, agreement, low, high and n; agreement in [0, 1].

    Args:
        epochs: epoch events in order (`epoch`, `retention`).
        on_source: whether measured on examples of the base's own kind.
    """
    found = []
    for epoch in epochs:
        told = epoch.get("retention") or {}
        told = (told.get("source") or {}) if on_source else told
        if number(told, "agreement") is not None:
            found.append({"epoch": epoch["epoch"], **{k: told.get(k) for k in (*_KEYS, "n")}})
    return found


def retention_figure(
    epochs: Sequence[Fields], thaws: Sequence[Fields], *, dark: bool
) -> Figure:  # fmt: skip
    """Return by epoch how many of the base's old answers are left, with the 95 % interval.

    The same axis of epochs as the chart of accuracy, beside which it stands. On the user's own
    examples the line is solid; on those of the base's own kind it is heavy, and the other dashed.

    Args:
        epochs: epoch events in order (`epoch`, `retention`).
        thaws: thaw events (`epoch`, `stage`).
        dark: True for a dark page.
    """
    colours = theme(dark=dark)
    own, source = (retained(epochs, on_source=on) for on in (False, True))
    curves = [(own, _("your examples"), not source)]
    curves += [(source, _("its own kind"), True)] if source else []
    traces: list[Piece] = []
    ends: list[Ends] = []
    for told, name, heavy in curves:
        curve, colour = points(told, "agreement"), colours.cool if heavy else colours.pale
        if heavy:
            traces.append(marks.between(points(told, "high"), points(told, "low"), colours.band))
        traces.append(marks.line(curve, name, colour, digits=".0%", heavy=heavy))
        ends.append((curve, name, colour if heavy else colours.soft))
    told_ends = marks.end_names(ends, top=TOP, said=wording.percent)
    title = note(_("old answers left, with interval"), colours.soft, yanchor="middle", **_CORNER)
    return framed(traces, [*told_ends, title], epochs, thaws, colours, _SHARES)


_CORNER = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "yshift": 18, "xanchor": "left"}


def retention_alt(epochs: Sequence[Fields]) -> str:
    """Return what the chart of retention shows, in words."""
    own, source = (retained(epochs, on_source=on) for on in (False, True))
    if not own:
        return _("Old answers left, by epoch; there is none yet.")
    said = [_along(own, _("Of the base's old answers on your examples, {now} are left after epoch "
                          "{epoch}; the fewest were {least}, after epoch {worst}."))]  # fmt: skip
    if source:
        said.append(_along(source, _("On examples of its own kind, {now} are left after epoch "
                                     "{epoch}; the fewest were {least}, after epoch {worst}."))
        )  # fmt: skip
    return " ".join(said)


def _along(told: Sequence[Fields], text: str) -> str:
    worst, last = min(told, key=lambda one: float(one["agreement"])), told[-1]
    return text.format(
        now=share_of(last),
        epoch=last["epoch"],
        least=wording.percent(float(worst["agreement"])),
        worst=worst["epoch"],
    )


def share_of(told: Fields) -> str:
    """Return an agreement with its interval, in words."""
    value, low, high = (number(told, key) for key in _KEYS)
    if value is None:
        return "–"
    if low is None or high is None:
        return wording.percent(value)
    return wording.percent_interval(Accuracy(value, low, high, int(told.get("n") or 0)))


def retention_table(epochs: Sequence[Fields]) -> pd.DataFrame:
    """Return old answers left and likeness of each stage by epoch, in words, the newest first."""
    rows = []
    for epoch in reversed(epochs):
        told = epoch.get("retention") or {}
        if not told:
            continue
        row = {_("epoch"): epoch["epoch"], _("on your examples"): share_of(told)}
        if told.get("source"):
            row[_("on its own kind")] = share_of(told["source"])
        rows.append(row | {_stage(d): likeness(d) for d in told.get("drift") or ()})
    return pd.DataFrame(rows)


def _stage(drift: Fields) -> str:
    return _("stage {stage}").format(stage=drift["stage"])


def likeness(drift: Fields) -> str:
    """Return how like its old features a stage's are, in words."""
    value = number(drift, "cka")
    return "–" if value is None else wording.percent(value)


def mixes_figure(measured: Sequence[Fields], share: float | None, *, dark: bool) -> Figure:
    """Return accuracy and old answers left by share of the trained weights, with intervals.

    Args:
        measured: share, val_accuracy (value, low, high) and retention, by rising share.
        share: where the slider stands; None for nowhere.
        dark: True for a dark page.
    """
    colours = theme(dark=dark)
    right = [{"share": one["share"], **one["val_accuracy"]} for one in measured]
    left = [{"share": one["share"], **(one.get("retention") or {})} for one in measured]
    curves = [
        (right, "value", _("new task"), colours.cool, True),
        (left, "agreement", _("old answers"), colours.pale, False),
    ]
    traces: list[Piece] = []
    ends: list[Ends] = []
    for told, key, name, colour, heavy in curves:
        at = _by_share(told)
        traces.append(marks.between(at("high"), at("low"), colours.band if heavy else colours.gap))
        curve = at(key)
        line = marks.line(curve, name, colour, digits=".0%", heavy=heavy)
        traces.append(line | {"mode": "lines+markers"})
        ends.append((curve, name, colour if heavy else colours.soft))
    told_ends = marks.end_names(ends, top=TOP, said=wording.percent, tall_px=_TALL_PX)
    return {"data": traces, "layout": _mixes_layout(told_ends, share, colours)}


def _by_share(told: Sequence[Fields]) -> Callable[[str], list[Point]]:
    def points_of(key: str) -> list[Point]:
        found = [(float(one["share"]), number(one, key)) for one in told]
        return [(x, y) for x, y in found if y is not None]

    return points_of


def _mixes_layout(told: list[Piece], share: float | None, colours: Theme) -> dict[str, Any]:
    here = {"type": "line", "x0": share, "x1": share, "yref": "paper", "y0": 0, "y1": 1}
    look = {"color": colours.ink, "width": 1.5, "dash": "dot"}
    return layout(
        colours,
        height=HEIGHT,
        margin=_MARGIN,
        hovermode="x unified",
        xaxis=axis(
            colours,
            title={"text": _("share of what was learned"), "font": {"size": FONT_PX}},
            range=[-0.03, 1],
            tickformat=".0%",
            dtick=0.25,
            showgrid=False,
        ),
        yaxis=axis(colours, nticks=6, **_SHARES),
        shapes=[] if share is None else [here | {"line": look}],
        annotations=told,
    )


def mixes_alt(measured: Sequence[Fields]) -> str:
    """Return what the chart of mixtures shows, in words."""
    text = _("At {share}: right on {right} of new examples, {left} of the old answers left.")
    said = [
        text.format(
            share=wording.percent(float(one["share"])),
            right=wording.percent(float(one["val_accuracy"]["value"])),
            left=share_of(one.get("retention") or {}),
        )
        for one in measured
    ]
    return " ".join(
        [_("Accuracy and old answers left, from the base to the trained network."), *said]
    )


def mixes_table(measured: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return what was measured of each mixture, in words, from the base on."""
    rows = [
        {
            _("share of what was learned"): wording.percent(float(one["share"])),
            _("right on new examples"): wording.percent_interval(Accuracy(**one["val_accuracy"])),
            _("old answers left"): share_of(one.get("retention") or {}),
            _("validation loss"): wording.number(float(one["val_loss"])),
        }
        for one in measured
    ]
    return pd.DataFrame(rows)
