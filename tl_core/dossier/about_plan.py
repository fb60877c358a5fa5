"""What a decision record says of the choice: base, evidence, advice, and what was promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tl_core import catalog, wording
from tl_core.catalog import Base
from tl_core.data import measured
from tl_core.data.dataset import Dataset
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.report.card import Block, Facts, Points, Table, Text
from tl_core.report.distance import distance_sentence
from tl_core.runs import forecast
from tl_core.runs.state import RunState
from tl_core.spec import STRATEGIES, Accuracy, Evidence, Expected, from_dict
from tl_core.watch import foretold


def base(run: RunState) -> tuple[Block, ...]:
    """Return what the run began with: its source, its licence, its hash."""
    found = find_base(run)
    if found is None:
        gone = _("The base {id} is not on this computer any more.")
        return (Text(gone.format(id=run.spec.base)),)
    is_inherited = run.strategy != "from_scratch"
    rows = [
        (_("name"), found.title),
        (_("id"), found.id),
        (_("architecture"), found.architecture),
        (_("trained on"), _(found.trained_on) if found.trained_on else _("not known to Thaw")),
        (_("licence of the weights"), found.licence or _("not known to Thaw: look it up")),
        (_("about the licence"), _(found.licence_note) if found.licence_note else ""),
        (_("source"), found.source),
        (_("SHA-256 of the weights"), found.weights or found.sha256),
    ]
    blocks: list[Block] = [Facts(tuple(row for row in rows if row[1]))]
    if not is_inherited:
        blocks.append(Text(_("The run took its architecture alone, and none of its weights.")))
    return tuple(blocks)


def find_base(run: RunState) -> Base | None:
    """Return the base of a run, or None if it is gone."""
    try:
        return catalog.find(run.spec.base)
    except InputError:
        return None


def evidence(run: RunState, dataset: Dataset | None) -> tuple[Block, ...]:
    """Return what was measured on the data before training, if it was."""
    found = _measured(run, dataset)
    origin = find_base(run)
    if found is None or origin is None:
        return (Text(_("The data were not measured under this base before training.")),)
    rows = [
        (_("linear classifier on frozen features"), found.linear_probe),
        (_("the same on the features of all stages"), found.multi_stage_probe),
        (_("nearest neighbours by features"), found.knn),
        (_("the base's own answers, untrained"), found.zero_training),
        (_("control: pixels alone"), found.controls.pixels),
        (_("control: untrained network"), found.controls.random_init),
    ]
    told = tuple((name, wording.percent_interval(acc)) for name, acc in rows if acc is not None)
    return (
        Text(distance_sentence(found, origin.title)),
        Table((_("held-out accuracy of"), _("right, with interval")), told),
    )


def _measured(run: RunState, dataset: Dataset | None) -> Evidence | None:
    advice_told = (run.plan or {}).get("advice") or {}
    if "evidence" in advice_told:
        try:
            return from_dict(Evidence, advice_told["evidence"])
        except (InputError, TypeError, ValueError):
            return None
    origin = find_base(run)
    if dataset is None or origin is None:
        return None
    return measured.read_evidence(
        dataset,
        origin.id,
        size=run.spec.size or origin.size or 0,
        val_fraction=run.spec.val_fraction,
        seed=run.spec.seed,
        weights=origin.weights,
    )


def advice(run: RunState) -> tuple[Block, ...]:
    """Return what was recommended and why, and what the other strategies promised."""
    told: Mapping[str, Any] = (run.plan or {}).get("advice") or {}
    chosen = _(STRATEGIES.get(run.strategy, run.strategy))
    if not told:
        blocks: list[Block] = [Text(_("A person chose: {strategy}.").format(strategy=chosen))]
        recommended = (run.forecast or {}).get("recommended")
        if recommended and recommended != run.strategy:
            text = _("Thaw had recommended: {strategy}.")
            name = _(STRATEGIES.get(recommended, recommended))
            blocks.append(Text(text.format(strategy=name)))
        return tuple(blocks)
    recommendation = told.get("recommendation") or {}
    blocks = [Text(str(told.get("answer") or _("Chosen by Thaw: {name}.").format(name=chosen)))]
    reasons = [_reason(reason) for reason in recommendation.get("reasons", ())]
    if reasons:
        blocks.append(Points(tuple(reasons)))
    rows = tuple(_candidate(one, run.strategy) for one in told.get("candidates", ()))
    if rows:
        headings = (_("strategy"), _("expected accuracy"), _("time"), "")
        blocks.append(Table(headings, rows))
    changes = tuple(str(text) for text in recommendation.get("what_would_change", ()))
    if changes:
        blocks += [Text(_("What would change the choice:")), Points(changes)]
    return tuple(blocks)


def _reason(reason: Mapping[str, Any]) -> str:
    text = str(reason.get("text", ""))
    if reason.get("outweighed"):
        text = _("{text} (outweighed)").format(text=text)
    source = reason.get("citation")
    return _("{text} Source: {source}").format(text=text, source=source) if source else text


def _candidate(one: Mapping[str, Any], chosen: str) -> tuple[str, ...]:
    share = from_dict(Expected, one["accuracy"])
    return (
        _(STRATEGIES.get(one["strategy"], one["strategy"])),
        wording.percent_interval(share),
        wording.duration(60 * one["minutes"]),
        _("chosen") if one["strategy"] == chosen else "",
    )


def promise(run: RunState) -> tuple[Block, ...]:
    """Return what was expected of the run and what it reached."""
    found = forecast.outcome(run)
    if found is None:
        return (Text(_("Nothing was foretold of this run.")),)
    return (Text(" ".join([foretold.sentence(found), *foretold.remarks(found)])),)


def share_of(told: Any) -> Accuracy | None:
    """Return an accuracy as events tell it, or None."""
    return from_dict(Accuracy, told) if told else None
