"""The strip of stages, early to late, as each page tells it: the same cells with other words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pages.ui import drawing
from tl_core import catalog, wording
from tl_core.catalog import Base
from tl_core.errors import InputError
from tl_core.i18n import _, ngettext
from tl_core.report.forgetting import likeness
from tl_core.report.inside import MOVED
from tl_core.report.strip import State, StripCell, strip_svg
from tl_core.runs.state import RunState
from tl_core.spec import Evidence, Stage

HEAD = "head"


def _draw(cells: Iterable[StripCell], alt: str, *, key: str = "strip") -> None:
    drawing.draw(strip_svg(tuple(cells), alt=alt), key=key)


def _head(note: str = "") -> StripCell:
    return StripCell(name=HEAD, label=_("head"), state="head", note=note)


def inherited(base: Base) -> None:
    """Draw what a base brings: every stage frozen, a head still to be learned."""
    cells = [StripCell(s.name, s.name, "frozen", share=s.cost) for s in base.stages]
    _draw(
        [*cells, _head(_("learned anew"))],
        _("The {n} stages that come with {base}, all frozen, and a new head.").format(
            n=len(cells), base=base.title
        ),
    )


def probed(evidence: Evidence) -> None:
    """Draw how well a linear probe does on each stage."""
    probes = {p.stage: p.accuracy for p in evidence.stage_probes or ()}
    best = max(probes, key=probes.__getitem__, default="")
    cells = [
        StripCell(
            name=stage.name,
            label=wording.percent(probes[stage.name]) if stage.name in probes else stage.name,
            state="frozen",
            note=_("best here") if stage.name == best else "",
            share=stage.cost,
        )
        for stage in evidence.stages
    ]
    alt = _("The stages of the base, early to late.")
    if best:
        alt = _(
            "A linear probe on each stage, early to late: the best is stage {stage} with {value}."
        ).format(stage=best, value=wording.percent(probes[best]))
    _draw([*cells, _head()], alt)


def thawed_of(run: RunState) -> set[str]:
    """Return the stages that have thawed by now; at the end those that stayed so."""
    kept = _at_the_end(run)
    return set(run.thawed if kept is None else kept)


def _at_the_end(run: RunState) -> Iterable[str] | None:
    return (run.finished or {}).get("thawed")


def live(run: RunState) -> None:
    """Draw which stages have thawed by now, and since when; at the end which stayed so."""
    since: dict[str, int] = {}
    for thaw in run.thaws:
        for name in thaw.get("thawed") or (thaw["stage"],):
            since.setdefault(name, thaw["epoch"])
    is_over = _at_the_end(run) is not None
    thawed = thawed_of(run)
    shares = {stage.name: stage.cost for stage in _stages(run)}

    def cell(name: str) -> StripCell:
        if name not in thawed:
            note = _("put back") if is_over and name in since else ""
            return StripCell(name, name, "frozen", note, shares.get(name, 0.0))
        note = _("since epoch {n}").format(n=since[name]) if name in since else ""
        return StripCell(name, name, "thawed", note, shares.get(name, 0.0))

    cells = [cell(name) for name in run.stages]
    if cells:
        _draw([*cells, _head()], _thawing(len(thawed), len(cells), is_over=is_over))


def drifted(drift: Iterable[Mapping[str, Any]], thawed: Iterable[str]) -> None:
    """Draw how like its old features each stage's are; what may move has thawed.

    Args:
        drift: `stage` and `cka`, in [0, 1], early to late.
        thawed: names of the stages that learn.
    """
    told, moving = list(drift), set(thawed)
    cells = [
        StripCell(
            name=str(one["stage"]),
            label=likeness(one),
            state="thawed" if one["stage"] in moving else "frozen",
            note=_("stage {stage}").format(stage=one["stage"]),
        )
        for one in told
    ]
    alt = _("Likeness of each stage's features to what they were, early to late: {values}.")
    _draw(cells, alt.format(values=", ".join(likeness(one) for one in told)), key="strip.drift")


def inside(stages: Iterable[str], base: Base, likenesses: Mapping[str, float | None]) -> str:
    """Return the strip of a network that is looked into, for whoever draws it.

    Args:
        stages: names of those to be seen, early to late.
        base: the network, or what it began as.
        likenesses: of a run's stages: how like the base's they are, in [0, 1].
    """
    shares = {stage.name: stage.cost for stage in base.stages}

    def cell(name: str) -> StripCell:
        alike = likenesses.get(name)
        has_moved = alike is not None and alike < MOVED
        note = _("{share} like it was").format(share=wording.percent(alike)) if has_moved else ""
        state: State = "thawed" if has_moved else "frozen"
        return StripCell(name, name, state, note, shares.get(name, 0.0))

    cells = [cell(name) for name in stages]
    return strip_svg(cells, alt=_("The stages of the network, early to late; press one to see it."))


def _thawing(thawed: int, all_stages: int, *, is_over: bool) -> str:
    """Say how much has thawed, or is in the model that was kept."""
    words = ngettext("{n} of {all} stages has thawed.", "{n} of {all} stages have thawed.", thawed)
    if is_over:
        words = ngettext(
            "In the model that is kept, {n} of {all} stages has thawed.",
            "In the model that is kept, {n} of {all} stages have thawed.",
            thawed,
        )
    return words.format(n=thawed, all=all_stages)


def _stages(run: RunState) -> tuple[Stage, ...]:
    """Return the stages of the run's base; none if nobody knows it any more."""
    try:
        return catalog.find(run.spec.base).stages
    except InputError:
        return ()
