"""The pieces of a learning chart: curves, fills between them, marks, and words at their places."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tl_core.i18n import N_, _
from tl_core.report.theme import WARM, Figure, Theme, bold, note, safe

Fields = Mapping[str, Any]
Piece = dict[str, Any]
Point = tuple[float, float]
"""An epoch, or a time, and a value."""

ALL_STAGES = "all"
BEFORE = "before"
"""Phase of the epoch before training."""
PLOT_PX = 264
"""Height of the plot itself, between its name and the epochs."""

_LABEL_APART_PX = 34  # two lines of letters
_NEAR_END = 4  # epochs: closer, the star's name would run into the names at the curves' ends


def number(fields: Any, key: str) -> float | None:
    """Return a reading as a number; None where it is missing or not finite."""
    value = fields.get(key) if isinstance(fields, Mapping) else None
    return float(value) if value is not None and math.isfinite(value) else None


def points(epochs: Sequence[Fields], key: str) -> list[Point]:
    """Return what is known of one reading, epoch by epoch."""
    found = [(int(epoch["epoch"]), number(epoch, key)) for epoch in epochs]
    return [(x, y) for x, y in found if y is not None]


def line(curve: list[Point], name: str, colour: str, *, digits: str, heavy: bool) -> Piece:
    """Return one curve: validation heavy and solid, training light and dashed."""
    look = {"color": colour, "width": 3.5, "dash": "solid"}
    return {
        "type": "scatter",
        "mode": "lines" if len(curve) > 1 else "markers",
        "name": name,
        "x": [x for x, _y in curve],
        "y": [y for _x, y in curve],
        "line": look if heavy else look | {"width": 2, "dash": "dash"},
        "marker": {"color": colour, "size": 7},
        "hovertemplate": f"%{{y:{digits}}}<extra>{safe(name)}</extra>",
    }


def between(upper: list[Point], lower: list[Point], fill: str) -> Piece:
    """Return the shape between two curves, filled, over the epochs that both know."""
    known = {x for x, _y in upper} & {x for x, _y in lower}
    around = [p for p in upper if p[0] in known] + [p for p in lower[::-1] if p[0] in known]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for x, _y in around],
        "y": [y for _x, y in around],
        "fill": "toself",
        "fillcolor": fill,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def star(at: Point | None, colours: Theme) -> list[Piece]:
    """Return the star of the best epoch."""
    if at is None:
        return []
    rim = {"color": colours.ink, "width": 1}
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [at[0]],
            "y": [at[1]],
            "marker": {"symbol": "star", "size": 13, "color": colours.cool, "line": rim},
            "hoverinfo": "skip",
        }
    ]


def best_name(at: Point | None, last: int, colours: Theme) -> list[Piece]:
    """Name the star above its curve; where it is the last epoch, the curve's own name says so."""
    if at is None or at[0] == last:
        return []
    text = bold(_("best, epoch {epoch}").format(epoch=at[0]))
    side = "left" if at[0] < 2 else "right" if last - at[0] < _NEAR_END else "center"
    return [note(text, colours.ink, x=at[0], y=at[1], xanchor=side, yshift=20)]


def end_names(
    ends: Sequence[tuple[list[Point], str, str]],
    *,
    top: float,
    said: Callable[[float], str],
    tall_px: int = PLOT_PX,
) -> list[Piece]:
    """Name each curve at its end, with its value; moved apart where the ends meet.

    Args:
        ends: curve, name and colour, at most two.
        top: the value at the upper edge of the plot; the lower edge is 0.
        said: how a value is written.
        tall_px: height of the plot.
    """
    known = [(curve[-1], name, colour) for curve, name, colour in ends if curve]
    shifts = _apart([at[1] / top * tall_px for at, _name, _colour in known], tall_px)
    return [
        note(
            f"{bold(safe(name))}<br>{bold(said(at[1]))}",
            colour,
            x=at[0],
            y=at[1],
            xanchor="left",
            align="left",
            xshift=9,
            yshift=shift,
        )
        for (at, name, colour), shift in zip(known, shifts, strict=True)
    ]


def _apart(heights: list[float], tall_px: int) -> list[float]:
    """Return how many pixels to move each label so that none covers another or leaves the plot.

    Above the plot stands what the chart shows.
    """
    shifts = [0.0] * len(heights)
    if len(heights) == 2:
        missing = max(0.0, _LABEL_APART_PX - abs(heights[0] - heights[1])) / 2
        up = 1 if heights[0] >= heights[1] else -1
        shifts = [up * missing, -up * missing]
    places = [h + s for h, s in zip(heights, shifts, strict=True)]
    half = _LABEL_APART_PX / 2
    lift = max(0.0, half - min(places, default=tall_px))
    sink = max(0.0, max(places, default=0.0) + half - tall_px)
    return [shift + lift - sink for shift in shifts]


def before(at: Point | None, colours: Theme) -> list[Piece]:
    """Return the mark of what there was before training: an open diamond."""
    if at is None:
        return []
    look = {"symbol": "diamond-open", "size": 10, "color": colours.ink, "line": {"width": 2}}
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [at[0]],
            "y": [at[1]],
            "marker": look,
            "hoverinfo": "skip",
        }
    ]


def before_name(at: Point | None, colours: Theme) -> list[Piece]:
    """Name that mark, below it and to the right, where a curve that learns leaves room."""
    if at is None:
        return []
    place = {"x": at[0], "y": at[1], "xanchor": "left", "yanchor": "top", "xshift": 9}
    return [note(_("before training"), colours.soft, **place)]


def batches(steps: Sequence[Fields], colours: Theme) -> Piece:
    """Return the loss of the batches of the epoch that runs now, fine and dotted.

    Args:
        steps: at (in epochs) and loss; of varied examples, so that it may lie above the curves.
    """
    name = _("batches of this epoch, as they are learned from")
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [step["at"] for step in steps],
        "y": [step["loss"] for step in steps],
        "line": {"color": colours.pale, "width": 1.2, "dash": "dot"},
        "hovertemplate": f"%{{y:.3f}}<extra>{safe(name)}</extra>",
    }


def thaw_line(thaw: Fields) -> Piece:
    """Return the dotted line at which a stage was thawed."""
    return {
        "type": "line",
        "x0": int(thaw["epoch"]),
        "x1": int(thaw["epoch"]),
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": WARM, "width": 1.5, "dash": "dot"},
    }


def thaw_names(thaws: Sequence[Fields], colours: Theme) -> list[Piece]:
    """Name each thaw at the top of its line; neighbours on two heights."""
    one, whole = _("thaw {stage}"), _("thaw all")
    return [
        note(
            whole if thaw["stage"] == ALL_STAGES else one.format(stage=safe(str(thaw["stage"]))),
            colours.soft,
            x=int(thaw["epoch"]),
            yref="paper",
            y=1,
            xanchor="left",
            yanchor="top",
            xshift=3,
            yshift=-16 * (place % 2),
        )
        for place, thaw in enumerate(thaws)
    ]


_BELOW_THAWS_PX = 34  # two rows of names
_ACTION_NAMES = {
    "stop_keep_best": N_("stop"),
    "thaw_next": N_("thaw on"),
    "rollback": N_("undo thaw"),
    "lower_lr": N_("rate ÷ 10"),
    "more_augmentation": N_("vary more"),
    "more_regularisation": N_("hold nearer"),
    "ignore": N_("ignore alarms"),
}
"""What people did, in as few words as fit on a line in a chart."""


def with_actions(figure: Figure, actions: Sequence[Fields], colours: Theme) -> Figure:
    """Return a learning chart with a line for each action of a person that was applied.

    The lines are long-dashed, and their names stand upright along them behind a diamond, so that
    they are told from thaws (dotted, with level names) without any colour.

    Args:
        figure: the chart.
        actions: of people (`action`, `epoch`, `applied`).
        colours: of the chart.
    """
    applied = [action for action in actions if action.get("applied")]
    layout = figure["layout"]
    return figure | {
        "layout": layout
        | {
            "shapes": [*layout["shapes"], *(_action_line(action, colours) for action in applied)],
            "annotations": [*layout["annotations"], *_action_names(applied, colours)],
        }
    }


def _action_line(action: Fields, colours: Theme) -> Piece:
    look = {"color": colours.ink, "width": 1.5, "dash": "longdash"}
    return thaw_line(action) | {"line": look}


def _action_names(actions: Sequence[Fields], colours: Theme) -> list[Piece]:
    """Name each line along it, below the names of thaws; those of one epoch share a line."""
    names: dict[int, list[str]] = {}
    for action in actions:
        names.setdefault(int(action["epoch"]), []).append(action_name(str(action["action"])))
    return [
        note(
            "◆ " + safe(", ".join(dict.fromkeys(said))),
            colours.ink,
            x=epoch,
            yref="paper",
            y=1,
            textangle=-90,
            xanchor="left",
            yanchor="top",
            xshift=1,
            yshift=-_BELOW_THAWS_PX,
        )
        for epoch, said in names.items()
    ]


def action_name(action: str) -> str:
    """Return what a person did, in as few words as fit into a chart."""
    return _(_ACTION_NAMES[action]) if action in _ACTION_NAMES else action


def actions_said(actions: Sequence[Fields]) -> list[str]:
    """Say each action that was applied, for those who do not see its line."""
    text = _("At epoch {epoch} you steered it: {action}.")
    return [
        text.format(epoch=action["epoch"], action=action_name(str(action["action"])))
        for action in actions
        if action.get("applied")
    ]
