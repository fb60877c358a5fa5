"""Read the rules, check them, and tell which of them fire on given facts."""

from __future__ import annotations

import string
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tl_core.advisor.declared import FACTS, Value
from tl_core.advisor.vocabulary import (
    ALSO,
    CONFIDENCES,
    EQUALITY,
    LADDER,
    OPERATORS,
    Branch,
    Case,
    Condition,
    Expectation,
    Gain,
    Rule,
    Source,
    Thumb,
    all_hold,
)
from tl_core.spec import STRATEGIES

THUMB_SOURCE = "rule_of_thumb"
_FOLDER = Path(__file__).parent
_MAX_GAIN = 0.3  # nothing published for these rungs promises more than 30 points


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule whose conditions hold: the cases that hold, and the branch that takes effect."""

    rule: Rule
    cases: tuple[Case, ...]
    branch: Branch


def fire(rules: Iterable[Rule], facts: Mapping[str, Value]) -> tuple[Fired, ...]:
    """Return the rules that hold on `facts`, the weightiest first."""
    fired = []
    for rule in sorted(rules, key=lambda rule: rule.order):
        cases = tuple(case for case in rule.case if all_hold(case.all, facts))
        if cases:
            branch = next((b for b in rule.then if all_hold(b.all, facts)), Branch())
            fired.append(Fired(rule, cases, branch))
    return tuple(fired)


@cache
def load_rules() -> tuple[Rule, ...]:
    """Return the rules of `rules.toml`, the weightiest first."""
    rules = (
        Rule(
            **{
                **entry,
                "case": tuple(_case(case) for case in entry["case"]),
                "then": tuple(_branch(branch) for branch in entry.get("then", ())),
            }
        )
        for entry in _table()["rule"]
    )
    return tuple(sorted(rules, key=lambda rule: rule.order))


@cache
def load_thumbs() -> tuple[Thumb, ...]:
    """Return the rule of thumb as data."""
    return tuple(
        Thumb(**{**entry, "all": _conditions(entry["all"])}) for entry in _table()["thumb"]
    )


@cache
def load_expectations() -> tuple[Expectation, ...]:
    """Return what to expect of each strategy where no rule speaks."""
    return tuple(
        Expectation(
            all=_conditions(entry["all"]),
            source=entry["source"],
            confidence=entry["confidence"],
            gain=_gains(entry["gain"]),
        )
        for entry in _table()["expect"]
    )


@cache
def load_sources() -> dict[str, Source]:
    """Return what the rules rest on, by key."""
    text = (_FOLDER / "sources.toml").read_text(encoding="utf-8")
    return {key: Source(**entry) for key, entry in tomllib.loads(text).items()}


def lint(rules: Iterable[Rule]) -> list[str]:
    """Return every fault of the rules and of the tables beside them; empty means sound."""
    rules = tuple(rules)
    faults = [f"id {i} is not unique" for i in _twice(rule.id for rule in rules)]
    faults += [f"order {o} is not unique" for o in _twice(rule.order for rule in rules)]
    ids = {rule.id for rule in rules}
    for rule in rules:
        faults += [f"{rule.id}: {fault}" for fault in _rule_faults(rule, ids)]
    for thumb in load_thumbs():
        if thumb.strategy not in LADDER:
            faults.append(f"thumb: '{thumb.strategy}' is not on the ladder")
        faults += [f"thumb: {fault}" for fault in _condition_faults(thumb.all)]
    for expectation in load_expectations():
        faults += [f"expect: {fault}" for fault in _expectation_faults(expectation)]
    return faults


def _expectation_faults(expectation: Expectation) -> Iterator[str]:
    if expectation.source not in load_sources():
        yield f"no source '{expectation.source}'"
    if expectation.confidence not in CONFIDENCES:
        yield f"confidence '{expectation.confidence}' is none of {CONFIDENCES}"
    yield from _condition_faults(expectation.all)
    yield from _gain_faults(expectation.gain)


def _rule_faults(rule: Rule, ids: set[str]) -> Iterator[str]:
    if rule.confidence not in CONFIDENCES:
        yield f"confidence '{rule.confidence}' is none of {CONFIDENCES}"
    if rule.source not in load_sources():
        yield f"no source '{rule.source}'"
    if not rule.case:
        yield "has no case and can never fire"
    for case in rule.case:
        yield from _condition_faults(case.all)
        named = {case.fact, *(name for text in case.says for name in placeholders(text))}
        yield from (f"no fact '{name}'" for name in sorted(named - set(FACTS)))
        if not case.says:
            yield "a case says nothing"
    if rule.then and rule.then[-1].all:
        yield "the last branch has conditions, so that none may apply"
    for branch in rule.then:
        yield from _branch_faults(branch, ids - {rule.id})


def _branch_faults(branch: Branch, other_ids: set[str]) -> Iterator[str]:
    yield from _condition_faults(branch.all)
    yield from _gain_faults(branch.gain)
    for strategy in (branch.at_least, branch.at_most):
        if strategy is not None and strategy not in LADDER:
            yield f"'{strategy}' is not on the ladder"
    if branch.at_least and branch.at_most:
        first, last = LADDER.index(branch.at_least), LADDER.index(branch.at_most)
        if first > last:
            yield f"at_least {branch.at_least} contradicts at_most {branch.at_most}"
    if branch.also is not None and branch.also not in ALSO:
        yield f"also '{branch.also}' is none of {ALSO}"
    yield from (f"silences '{i}', which is no other rule" for i in set(branch.silences) - other_ids)


def _condition_faults(conditions: tuple[Condition, ...]) -> Iterator[str]:
    for condition in conditions:
        fact = FACTS.get(condition.fact)
        where = f"{condition.fact} {condition.op} {condition.value}"
        if fact is None:
            yield f"no fact '{condition.fact}'"
            continue
        if condition.op not in OPERATORS:
            yield f"{where}: no such operator"
        allowed = (int, float) if fact.kind is float else (fact.kind,)
        if type(condition.value) not in allowed:
            yield f"{where}: {condition.fact} is a {fact.kind.__name__}"
        elif fact.kind in (str, bool):
            if condition.op not in EQUALITY:
                yield f"{where}: words and yes/no compare by == and != only"
            if fact.words and condition.value not in fact.words:
                yield f"{where}: it is never '{condition.value}'"
        elif not fact.low <= float(condition.value) <= fact.high:
            yield f"{where}: out of its range {fact.low:g} to {fact.high:g}"


def _gain_faults(gains: Mapping[str, Gain]) -> Iterator[str]:
    for strategy, gain in gains.items():
        if strategy not in STRATEGIES or strategy == "linear_probe":
            yield f"gain for '{strategy}', which is not a strategy to compare"
        if gain.source and gain.source not in load_sources():
            yield f"gain of {strategy} has no source '{gain.source}'"
        if gain.start not in FACTS or FACTS[gain.start].unit != "share":
            yield f"gain of {strategy} starts from '{gain.start}', which is no accuracy"
        if not (abs(gain.points) <= _MAX_GAIN and 0 <= gain.of_error <= 1):
            yield f"gain of {strategy} is out of bounds"
        if gain.of_error and not 0 < gain.at_most <= _MAX_GAIN:
            yield f"gain of {strategy} needs a bound of at most {_MAX_GAIN}"
        if not 0 < gain.spread <= _MAX_GAIN:
            yield f"spread of {strategy} is out of bounds"


def placeholders(text: str) -> tuple[str, ...]:
    """Return the names of the facts that a sentence quotes."""
    return tuple(name for _text, name, _spec, _conv in string.Formatter().parse(text) if name)


def _twice(items: Iterable[Any]) -> list[Any]:
    return [item for item, times in Counter(items).items() if times > 1]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((_FOLDER / "rules.toml").read_text(encoding="utf-8"))


def _conditions(entries: Iterable[dict[str, Any]]) -> tuple[Condition, ...]:
    return tuple(Condition(**entry) for entry in entries)


def _case(entry: dict[str, Any]) -> Case:
    says = tuple(sentence["because"] for sentence in entry["says"])
    return Case(fact=entry["fact"], all=_conditions(entry["all"]), says=says)


def _branch(entry: dict[str, Any]) -> Branch:
    plain = {**entry, "all": _conditions(entry.get("all", ()))}
    plain["silences"] = tuple(entry.get("silences", ()))
    plain["gain"] = _gains(entry.get("gain", {}))
    return Branch(**plain)


def _gains(entries: Mapping[str, Any]) -> dict[str, Gain]:
    return {strategy: Gain(**entry) for strategy, entry in entries.items()}
