"""Where the branches not taken would lead: the same choice, with one question answered otherwise.

What comes after a question is answered as it was, or measured anew where it follows from the same
fact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from tl_core.advisor.advice import Exit
from tl_core.advisor.choose import Choice, choose, decide
from tl_core.advisor.declared import FACTS, WORDS, Facts, Value
from tl_core.advisor.facts import FAR_LEEP, LATE_SHIFT_BORDERS
from tl_core.advisor.rules import Fired, fire
from tl_core.advisor.vocabulary import Case, Condition, Rule
from tl_core.i18n import _

_TINY = 1e-6


def of_number(facts: Mapping[str, Value], border: int, answer: str) -> tuple[Exit, ...]:
    """Return where the other side of `border` would lead; `answer` is what it is called."""
    is_few = int(facts["n"] or 0) < border
    return (_exit(answer, choose({**facts, "n": border if is_few else border - 1})),)


def of_distance(facts: Mapping[str, Value]) -> tuple[Exit, ...]:
    """Return where other distances would lead; all three where none was measured."""
    is_known = facts.get("shift_late") is not None or facts.get("leep_per_log_c") is not None
    others = [w for w in FACTS["distance"].words if not (is_known and w == facts["distance"])]
    return tuple(_exit(_(WORDS[word]), choose(_at_distance(facts, word))) for word in others)


def of_rule(rule: Rule, choice: Choice, facts: Mapping[str, Value]) -> tuple[Exit, ...]:
    """Return where the other answer to a rule's question would lead; none if there is no other."""
    without = tuple(f for f in choice.fired if f.rule.id != rule.id)
    if len(without) < len(choice.fired):
        return (_exit(_("no"), decide(facts, without)),)
    supposed = _supposed(rule, facts)
    if supposed is None:
        return ()
    fired = sorted((*choice.fired, supposed), key=lambda f: f.rule.order)
    return (_exit(_("yes"), decide(facts, tuple(fired))),)


def agreeing_leep(leep: float | None, distance: str) -> float | None:
    """Return LEEP as measured, or None where by itself it would contradict the distance."""
    return None if leep is not None and leep <= FAR_LEEP and distance != "far" else leep


def _exit(answer: str, choice: Choice) -> Exit:
    return Exit(answer, choice.strategy, choice.blocked)


def _at_distance(facts: Mapping[str, Value], word: str) -> Facts:
    """Return the facts of a task that is so far; the shift, where there is one, goes along."""
    changed = {**facts, "distance": word}
    near_until, far_from = LATE_SHIFT_BORDERS[str(facts["modality"])]
    lates = {"near": near_until, "middling": math.sqrt(near_until * far_from), "far": far_from}
    if facts.get("shift_late") is not None:
        changed["shift_late"] = lates[word]
    leep = facts.get("leep_per_log_c")
    if leep is not None:
        changed["leep_per_log_c"] = agreeing_leep(float(leep), word)
    return changed


def _supposed(rule: Rule, facts: Mapping[str, Value]) -> Fired | None:
    """Return the rule as it would fire if its first case that fits the kind of data held."""
    case = next((case for case in rule.case if _can_hold(case, facts)), None)
    if case is None:
        return None
    held = {**facts, **{c.fact: _holding(c) for c in case.all}}
    return next(iter(fire((rule,), held)), None)


def _can_hold(case: Case, facts: Mapping[str, Value]) -> bool:
    """Tell whether measurements alone could make the case hold: the kind of data is no such."""
    return all(c.holds(facts) for c in case.all if c.fact in ("modality", "priority"))


def _holding(condition: Condition) -> Value:
    """Return a value, as near to the threshold as can be, with which the condition holds."""
    if condition.op not in ("<", ">"):
        return condition.value
    step = 1 if FACTS[condition.fact].kind is int else _TINY
    return float(condition.value) + (step if condition.op == ">" else -step)
