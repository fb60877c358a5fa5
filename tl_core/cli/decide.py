"""`thaw probe` and `thaw advise`: measure the evidence, rank bases, recommend a strategy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from tl_core import advisor, catalog, files, spec, wording
from tl_core.advisor.bases import Ranked, rank, recommended, sentence, standing
from tl_core.analysis import unseen
from tl_core.cli import follow, output
from tl_core.cli.data import dataset_dict
from tl_core.cli.options import Base, Data, Json, Minutes, Seed, Size, Val, prepare, settled
from tl_core.errors import Cancelled, Issue
from tl_core.i18n import N_, _
from tl_core.report.distance import distance_sentence
from tl_core.report.language import misfit_sentence
from tl_core.report.pilot import pilot_sentence
from tl_core.report.reading import reading_sentences
from tl_core.runs import store
from tl_core.spec import DEFAULT_VAL_FRACTION, STRATEGIES, Evidence, RunSpec

if TYPE_CHECKING:
    from tl_core.data.dataset import Dataset

ALL = "all"
Pilot = Annotated[
    bool,
    typer.Option(
        "--pilot",
        help=N_("Try a short thaw first, in a fifth of the time that training may take."),
    ),
]
_CONFIDENCES = {"high": N_("high"), "medium": N_("medium"), "low": N_("low")}


def add_to(thaw: typer.Typer) -> None:
    """Register the commands."""
    thaw.command("probe", help=N_("Measure the evidence on your data; rank base models."))(probe)
    thaw.command("advise", help=N_("Recommend how much of the base should change, and why."))(
        advise
    )


def probe(
    data: Data,
    base: Base = "",
    bases: Annotated[
        str,
        typer.Option(
            "--bases",
            show_default=False,
            help=N_("Several to rank: ID,ID (or 'all', with what your runs have made)."),
        ),
    ] = "",
    size: Size = None,
    val: Val = DEFAULT_VAL_FRACTION,
    seed: Seed = 0,
    minutes: Minutes = None,
    pilot: Pilot = False,
    as_json: Json = False,
) -> None:
    """Measure `data` under one base or several; the first named is the one told about."""
    started = time.monotonic()
    drafts = [_draft(data, name, size, val, seed, minutes) for name in _named(bases, base)]
    dataset = prepare(data, *drafts)
    if bases.strip() == ALL:
        able = catalog.choices(dataset.modality, unseen.in_tests(dataset))
        drafts = [_draft(data, one.id, size, val, seed, minutes) for one in able]
    asked = [settled(draft, dataset) for draft in drafts]
    measured = [evidence_of(dataset, draft, pilot=pilot and draft == asked[0]) for draft in asked]
    ranking = rank(measured, {e.base: catalog.find(e.base).static_rank for e in measured})
    seconds = round(time.monotonic() - started, 2)
    if as_json:
        facts = dataset_dict(dataset, val_fraction=val, seed=seed)
        output.write_json(
            {
                "dataset": facts,
                "base": measured[0].base,
                "evidence": spec.to_dict(measured[0]),
                "ranking": [_rank_dict(place) for place in ranking],
                "seconds": seconds,
            }
        )
        return
    output.tell(*evidence_lines(measured[0], pilot=pilot), *_misfit(dataset, measured[0]))
    if len(ranking) > 1:
        output.tell(
            _ranking_table(ranking), "", sentence(ranking, recommended(ranking).evidence.base)
        )


def advise(
    data: Data,
    base: Base = "",
    priority: Annotated[
        str, typer.Option("--priority", help=N_("What matters most: accuracy, speed, retention."))
    ] = "accuracy",
    size: Size = None,
    val: Val = DEFAULT_VAL_FRACTION,
    seed: Seed = 0,
    minutes: Minutes = None,
    pilot: Pilot = False,
    as_json: Json = False,
) -> None:
    """Recommend a strategy, with the reasons, what would change it and what to expect."""
    issues = []
    if priority not in advisor.PRIORITIES:
        message = _("'{found}' is not a priority.").format(found=priority)
        fix = _("Use one of: {known}.").format(known=", ".join(advisor.PRIORITIES))
        issues.append(Issue("priority", message, fix))
    draft = _draft(data, base, size, val, seed, minutes)
    dataset = prepare(data, draft, issues=issues)
    advice = advice_for(dataset, settled(draft, dataset), priority=priority, pilot=pilot)
    if as_json:
        output.write_json(spec.to_dict(advice))
    else:
        lines = evidence_lines(advice.evidence, pilot=pilot), _misfit(dataset, advice.evidence)
        output.tell(*lines[0], *lines[1], *advice_lines(advice))


def advice_for(
    dataset: Dataset, draft: RunSpec, *, priority: str = "accuracy", pilot: bool = False
) -> advisor.Advice:
    """Return the advice for a dataset; measures first where that was not done yet."""
    from tl_core.data import audit, measured

    evidence = evidence_of(dataset, draft, pilot=pilot)
    facts = audit.facts(dataset, val_fraction=draft.val_fraction, seed=draft.seed)
    others = measured.under_other_bases(dataset, evidence)
    return advisor.advise(facts, evidence, priority=priority, others=others)


def evidence_of(dataset: Dataset, draft: RunSpec, *, pilot: bool = False) -> Evidence:
    """Return what is measured about `dataset` as `draft` asks; a job measures what is missing.

    With `pilot` a short thaw is tried too, again where an earlier one had too little time and more
    is given now.

    Raises:
        Cancelled: if a person stopped the measurement.
    """
    from tl_core.data import measured

    base = catalog.find(draft.base)
    size = draft.size or base.size
    if size is not None:
        known = measured.read_evidence(
            dataset,
            draft.base,
            size=size,
            val_fraction=draft.val_fraction,
            seed=draft.seed,
            weights=base.weights,
        )
        if known is not None and not (pilot and _wants_trial(known, draft)):
            return known
    state = follow.run_job(replace(draft, kind="pilot") if pilot else draft)
    if state.status != "finished":
        raise Cancelled(_("The measurement was stopped."))
    stored = files.read_json(store.run_dir(state.id) / "artifacts" / "evidence.json")
    return spec.from_dict(Evidence, stored)


def _wants_trial(known: Evidence, draft: RunSpec) -> bool:
    """Tell whether a short thaw is still to be tried."""
    return known.pilot is None or (known.pilot.stopped_early and draft.minutes is not None)


def _named(bases: str, base: str) -> list[str]:
    """Return the ids of the bases to measure, each once, in the order typed; `` is the usual."""
    if bases.strip() == ALL:
        return [""]
    names = [name.strip() for name in bases.split(",") if name.strip()]
    return list(dict.fromkeys(names)) or [base]


def _draft(
    data: str, base: str, size: int | None, val: float, seed: int, minutes: float | None
) -> RunSpec:
    return RunSpec(
        kind="evidence",
        dataset=data,
        base=base,
        size=size,
        val_fraction=val,
        seed=seed,
        minutes=minutes,
    )


def _rank_dict(place: Ranked) -> dict[str, Any]:
    evidence = place.evidence
    return {
        "base": evidence.base,
        "linear_probe": spec.to_dict(evidence.linear_probe),
        "seconds": evidence.seconds,
        "forward_per_second": evidence.forward_per_second,
        "static_rank": place.static_rank,
        "p_vs_best": place.p_vs_best,
        "p_holm": place.p_holm,
        "is_tied": place.is_tied,
        "is_recommended": place.is_recommended,
    }


def evidence_lines(evidence: Evidence, *, pilot: bool = False) -> list[str]:
    """Return the evidence for people, a sentence each; with `pilot` a trial thaw was asked for."""
    base = catalog.find(evidence.base)
    lines = [distance_sentence(evidence, base.title)]
    probes = (
        (_("With the base frozen, a simple classifier gets {share} right."), evidence.linear_probe),
        (_("On the raw pixels it gets {share} right."), evidence.controls.pixels),
        (_("On a bag of words it gets {share} right."), evidence.controls.bag_of_words),
        (_("On an untrained network it gets {share} right."), evidence.controls.random_init),
    )
    lines += [
        text.format(share=wording.percent_interval(accuracy))
        for text, accuracy in probes
        if accuracy is not None
    ]
    if evidence.pilot:
        lines.append(pilot_sentence(evidence.pilot, base.modality))
    elif pilot:
        lines.append(_("The time was too short for a trial thaw; allow more with --minutes."))
    if evidence.reading:
        lines.append(" ".join(reading_sentences(evidence.reading, evidence.size)))
    measured = {
        "text": _(
            "Measured on {n} training texts with {base}, at most {size} tokens of each, in {time}."
        ),
    }.get(
        base.modality,
        _("Measured on {n} training pictures with {base} at {size} pixels in {time}."),
    )
    lines.append(
        measured.format(
            n=wording.count(evidence.n),
            base=evidence.base,
            size=evidence.size,
            time=wording.duration(evidence.seconds),
        )
    )
    return lines


def _misfit(dataset: Dataset, evidence: Evidence) -> list[str]:
    """Return that the base has not read the language of the texts, if so."""
    base = catalog.find(evidence.base)
    said = misfit_sentence(base.title, base.languages, dataset.languages)
    return [said] if said else []


def _ranking_table(ranking: Sequence[Ranked]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(_("base"), no_wrap=True)
    for heading in (_("right with the base frozen"), _("standing"), _("examples a second")):
        table.add_column(heading)
    for place in ranking:
        evidence = place.evidence
        table.add_row(
            output.cell(evidence.base),
            wording.percent_interval(evidence.linear_probe),
            standing(place),
            wording.number(evidence.forward_per_second),
        )
    return table


def advice_lines(advice: advisor.Advice) -> list[str | Table]:
    """Return the advice for people: the sentence, the reasons, what would change it."""
    chosen = advice.recommendation
    lines: list[str | Table] = ["", advice.answer]
    confidence = _(_CONFIDENCES[chosen.confidence])
    lines.append(_("Confidence: {level}.").format(level=confidence))
    if chosen.also:
        lines.append(_(advisor.BESIDE[chosen.also]))
    lines.append(_("Why:"))
    lines += [f"- {reason.text}" for reason in chosen.reasons if not reason.outweighed]
    if overruled := [reason for reason in chosen.reasons if reason.outweighed]:
        lines.append(_("Weighed and found lighter:"))
        lines += [f"- {reason.text}" for reason in overruled]
    if chosen.what_would_change:
        lines.append(_("What would change this:"))
        lines += [f"- {text}" for text in chosen.what_would_change]
    table = Table(box=None, pad_edge=False)
    for heading in (_("strategy"), _("expected right"), _("minutes"), _("parameters that learn")):
        table.add_column(heading)
    for candidate in advice.candidates:
        share = wording.percent_interval(candidate.accuracy)
        learn = wording.count(candidate.trainable_parameters)
        name = _(STRATEGIES[candidate.strategy])
        table.add_row(name, share, wording.number(candidate.minutes), learn)
    return [*lines, "", table]
