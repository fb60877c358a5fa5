"""Turn what was measured into advice: a ranking with reasons, costs and what would change it."""

from __future__ import annotations

from collections.abc import Sequence

from tl_core.advisor import costs
from tl_core.advisor.advice import Advice, Candidate, Prior, Recommendation
from tl_core.advisor.choose import Choice, choose
from tl_core.advisor.declared import PRIORITIES, Facts
from tl_core.advisor.facts import facts_from
from tl_core.advisor.flips import flips
from tl_core.advisor.gains import Corrections
from tl_core.advisor.grounds import grounds
from tl_core.advisor.predict import basis, expected
from tl_core.advisor.reasons import answer, compare, how_sure, path, reasons
from tl_core.advisor.rules import THUMB_SOURCE
from tl_core.advisor.thaw import thaw_cuts
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.spec import STRATEGIES, DatasetFacts, Evidence


def advise(
    dataset: DatasetFacts,
    evidence: Evidence,
    *,
    priority: str = "accuracy",
    others: Sequence[Evidence] = (),
    corrections: Corrections | None = None,
) -> Advice:
    """Return which strategy fits, why, what to expect of each, and what would change it.

    Args:
        dataset: facts of the dataset; `splits["train"]` is the number of training examples.
        evidence: what was measured under one base.
        priority: `accuracy`, `speed` or `retention`.
        others: what was measured of the same data under other bases.
        corrections: of the gains to expect; None for those that recorded runs taught.

    Raises:
        InputError: if there is no such priority.
    """
    if priority not in PRIORITIES:
        message = _("'{found}' is not a priority.").format(found=priority)
        fix = _("Use one of: {known}.").format(known=", ".join(PRIORITIES))
        raise InputError([Issue("priority", message, fix)])
    facts = facts_from(dataset, evidence, priority=priority, others=others)
    choice = choose(facts, corrections)
    near = flips(facts)
    best, *rest = _candidates(choice, facts, dataset, evidence, corrections)
    recommendation = Recommendation(
        strategy=choice.strategy,
        base=evidence.base,
        also=choice.also,
        reasons=reasons(choice, facts),
        what_would_change=tuple(flip.text for flip in near)
        or (_("No single measurement, moved across its threshold, would change this choice."),),
        confidence=how_sure(choice, facts, near),
        blocked=choice.blocked,
        thaw_from=evidence.stages[thaw_cuts(evidence)[0]].name,
    )
    return Advice(
        evidence=evidence,
        recommendation=recommendation,
        candidates=(best, *rest),
        prior=Prior(choice.thumb.strategy, _(choice.thumb.text), THUMB_SOURCE),
        decision_path=path(choice, facts),
        answer=answer(best, choice),
        comparison=compare(best, rest),
        grounds=grounds(facts, evidence),
    )


def _candidates(
    choice: Choice,
    facts: Facts,
    dataset: DatasetFacts,
    evidence: Evidence,
    corrections: Corrections | None,
) -> tuple[Candidate, ...]:
    """Return what each strategy promises: the chosen one first, then by expected accuracy."""
    added = costs.ADDED[dataset.modality]
    everything = costs.all_parameters(evidence, added)

    def candidate(strategy: str) -> Candidate:
        trained = costs.trainable_parameters(strategy, evidence, added)
        rests_on = basis(strategy, facts, choice.active)
        return Candidate(
            strategy=strategy,
            accuracy=expected(strategy, facts, choice.active, corrections),
            minutes=costs.minutes(strategy, dataset, evidence),
            trainable_parameters=trained,
            trainable_share=float(f"{trained / everything:.2g}"),
            known=rests_on.known,
            source=rests_on.source,
        )

    found = [candidate(strategy) for strategy in STRATEGIES]
    return tuple(
        sorted(
            found,
            key=lambda c: (c.strategy != choice.strategy, -c.accuracy.value, c.minutes),
        )
    )
