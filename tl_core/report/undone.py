"""Thaws that were undone, on a learning chart: where it was, and which stage is frozen again."""

from __future__ import annotations

from collections.abc import Sequence

from tl_core.i18n import _
from tl_core.report.marks import ALL_STAGES, Fields, Piece, thaw_line, with_actions
from tl_core.report.theme import Figure, note, safe, theme

_ABOVE_PX = 4  # over the axis, away from the names of thaws at the top


def with_rollbacks(figure: Figure, rollbacks: Sequence[Fields], *, dark: bool) -> Figure:
    """Return a learning chart with a line for each thaw that did not pay and was undone.

    The lines are dashed and dotted in turn, and named at their foot, so that they are told from
    thaws and from what people did without any colour. What a person undid is among their actions.

    Args:
        figure: the chart.
        rollbacks: `epoch` and `stage`; with `kept` if a person asked for it.
        dark: True for a dark page.
    """
    colours = theme(dark=dark)
    look = {"color": colours.cool, "width": 1.5, "dash": "dashdot"}
    layout, undone = figure["layout"], _by_themselves(rollbacks)
    return figure | {
        "layout": layout
        | {
            "shapes": [*layout["shapes"], *(thaw_line(one) | {"line": look} for one in undone)],
            "annotations": [*layout["annotations"], *(_name(one, colours.cool) for one in undone)],
        }
    }


def with_steering(
    figure: Figure, actions: Sequence[Fields], rollbacks: Sequence[Fields], *, dark: bool
) -> Figure:
    """Return a learning chart with what people did, and with the thaws that were undone."""
    figure = with_actions(figure, actions, theme(dark=dark))
    return with_rollbacks(figure, rollbacks, dark=dark)


def _by_themselves(rollbacks: Sequence[Fields]) -> list[Fields]:
    return [one for one in rollbacks if "kept" not in one]


def _name(rollback: Fields, colour: str) -> Piece:
    stage = str(rollback["stage"])
    text = _("all frozen again") if stage == ALL_STAGES else _("{stage} frozen again")
    return note(
        safe(text.format(stage=stage)),
        colour,
        x=int(rollback["epoch"]),
        yref="y domain",
        y=0,
        textangle=-90,
        xanchor="right",
        yanchor="bottom",
        xshift=-1,
        yshift=_ABOVE_PX,
    )


def rollbacks_said(rollbacks: Sequence[Fields]) -> str:
    """Say each thaw that was undone, for those who do not see its line."""
    whole = _("At epoch {epoch} everything was frozen again.")
    one = _("At epoch {epoch} stage {stage} was frozen again.")
    return " ".join(
        (whole if told["stage"] == ALL_STAGES else one).format(
            epoch=told["epoch"], stage=told["stage"]
        )
        for told in _by_themselves(rollbacks)
    )
