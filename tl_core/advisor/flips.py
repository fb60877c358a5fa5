"""What would change the advice: move one measurement across a threshold and ask again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tl_core.advisor.choose import choose
from tl_core.advisor.declared import FACTS, Facts, Value, show
from tl_core.advisor.facts import distance_of
from tl_core.advisor.rules import load_rules, load_thumbs
from tl_core.advisor.vocabulary import Condition
from tl_core.i18n import _
from tl_core.spec import STRATEGIES

SHOWN = 3
_NOT_MEASURED = ("always", "priority", "modality")


@dataclass(frozen=True, slots=True)
class Flip:
    """One measurement that, on the other side of a threshold, would change the choice."""

    fact: str
    strategy: str
    """What the choice would be."""
    steps: float
    """How far away it is, in changes that matter; comparable across facts."""
    text: str


def flips(facts: Mapping[str, Value]) -> tuple[Flip, ...]:
    """Return the nearest such changes, at most three, the nearest first; one per fact."""
    now = choose(facts).strategy
    found: dict[str, Flip] = {}
    for condition in _conditions():
        changed = _across(facts, condition)
        if changed is None:
            continue
        strategy = choose(changed).strategy
        if strategy == now:
            continue
        flip = Flip(
            condition.fact,
            strategy,
            _steps(condition.fact, facts[condition.fact], changed[condition.fact]),
            _text(condition, facts, changed, strategy),
        )
        if condition.fact not in found or flip.steps < found[condition.fact].steps:
            found[condition.fact] = flip
    return tuple(sorted(found.values(), key=lambda flip: flip.steps)[:SHOWN])


def _conditions() -> Iterator[Condition]:
    for thumb in load_thumbs():
        yield from thumb.all
    for rule in load_rules():
        for case in rule.case:
            yield from case.all
        for branch in rule.then:
            yield from branch.all


def _across(facts: Mapping[str, Value], condition: Condition) -> Facts | None:
    """Return the facts with this one just across its threshold; None where that says nothing."""
    name, now = condition.fact, facts.get(condition.fact)
    derived = name == "distance" and _is_derived(facts)
    if now is None or name in _NOT_MEASURED or derived:
        return None
    if isinstance(now, bool):
        return {**facts, name: not now}
    if isinstance(now, str):
        others = [word for word in FACTS[name].words if word != now]
        return {**facts, name: str(condition.value) if condition.value != now else others[0]}
    threshold = float(condition.value)
    tiny = 1.0 if FACTS[name].kind is int else 1e-6
    up = not condition.holds(facts) if condition.op in (">", ">=") else condition.holds(facts)
    inclusive = condition.op in (">=", "<") if up else condition.op in ("<=", ">")
    value = threshold if inclusive else threshold + (tiny if up else -tiny)
    return _consistent({**facts, name: int(value) if FACTS[name].kind is int else value}, facts)


def _is_derived(facts: Mapping[str, Value]) -> bool:
    """Tell whether the distance follows from the measured shift and LEEP."""
    late, leep = _float(facts.get("shift_late")), _float(facts.get("leep_per_log_c"))
    modality = str(facts["modality"])
    return late is not None and distance_of(late, leep, modality) == facts["distance"]


def _consistent(changed: Facts, before: Mapping[str, Value]) -> Facts:
    """Let the distance follow the shift, as it does when it is measured."""
    if _is_derived(before):
        late, leep = _float(changed["shift_late"]), _float(changed["leep_per_log_c"])
        changed["distance"] = distance_of(late, leep, str(changed["modality"]))
    return changed


def _float(value: Value) -> float | None:
    return None if value is None else float(value)


def _steps(name: str, now: Value, then: Value) -> float:
    """Measure a change: doublings where ratios count, else multiples of the fact's scale."""
    if isinstance(now, (bool, str)) or now is None or then is None:
        return 1.0
    a, b, scale = float(now), float(then), FACTS[name].scale
    if scale:
        return abs(b - a) / scale
    return abs(math.log2(max(b, 1e-9) / max(a, 1e-9)))


def _text(condition: Condition, facts: Mapping[str, Value], changed: Facts, strategy: str) -> str:
    name = condition.fact
    now, then = facts[name], changed[name]
    border = condition.value
    if isinstance(then, bool):
        text = (
            _("If it turned out that {fact}, the choice would be: {strategy}.")
            if then
            else _("Once it is no longer so that {fact}, the choice would be: {strategy}.")
        )
    elif isinstance(then, str):
        text, border = (
            _("If {fact} were {then} (now {now}), the choice would be: {strategy}."),
            then,
        )
    else:
        text = _crossing(condition, up=float(then or 0) > float(now or 0))
    return text.format(
        fact=_(FACTS[name].fact_text),
        now=show(name, now),
        then=show(name, border),
        strategy=_(STRATEGIES[strategy]),
    )


def _crossing(condition: Condition, *, up: bool) -> str:
    """Return the sentence for a number that crosses a border, on the side the border is on."""
    if up and condition.op in (">=", "<"):
        return _("If {fact} rose to {then} or more (now {now}), the choice would be: {strategy}.")
    if up:
        return _("If {fact} rose above {then} (now {now}), the choice would be: {strategy}.")
    if condition.op in (">=", "<"):
        return _("If {fact} fell below {then} (now {now}), the choice would be: {strategy}.")
    return _("If {fact} fell to {then} or less (now {now}), the choice would be: {strategy}.")
