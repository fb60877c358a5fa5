"""Say why, in plain words: reasons, the decision path, how sure, how the runner-up compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tl_core import wording
from tl_core.advisor import branches
from tl_core.advisor.advice import Candidate, Exit, Level, Reason, Step
from tl_core.advisor.choose import SPEED_MARGIN, Choice
from tl_core.advisor.declared import FACTS, Value, show
from tl_core.advisor.flips import Flip
from tl_core.advisor.ranking import runner_up
from tl_core.advisor.rules import (
    THUMB_SOURCE,
    Fired,
    load_rules,
    load_sources,
    load_thumbs,
    placeholders,
)
from tl_core.advisor.vocabulary import CONFIDENCES, Case, Rule
from tl_core.i18n import _
from tl_core.spec import STRATEGIES

FEW_PICTURES = 100  # below this, an accuracy of 90 % is known to about 6 points either way
CLOSE_STEPS = 0.15  # a threshold this near could lie on the other side by chance alone
MUCH_LONGER = 1.4

_LEVELS: tuple[Level, ...] = ("low", "medium", "high")


def reasons(choice: Choice, facts: Mapping[str, Value]) -> tuple[Reason, ...]:
    """Return the reasons, weightiest first, overruled ones last.

    Where no rule binds the choice, the rule of thumb is the reason and comes first.
    """
    given = [reason for fired in choice.fired for reason in _of_rule(fired, choice, facts)]
    if not choice.deciding and not choice.blocked:
        given.insert(0, _of_thumb(choice, facts))
    if choice.thawing_gain is not None:
        given.append(_of_labelling(choice.thawing_gain, facts))
    if choice.hurried:
        given.insert(int(choice.blocked), _of_hurry(choice, facts))
    return tuple(sorted(given, key=lambda reason: reason.outweighed))


def _of_rule(fired: Fired, choice: Choice, facts: Mapping[str, Value]) -> Iterator[Reason]:
    """Give one reason per fact that the rule's cases quote."""
    outweighed = fired.rule.id in choice.outweighed
    told: set[str] = set()
    for case in fired.cases:
        if case.fact in told:
            continue
        told.add(case.fact)
        text = sentence(case, facts) or _(fired.rule.title)
        if outweighed:
            text = _("Also so, but outweighed: {reason}").format(reason=text)
        yield Reason(
            rule=fired.rule.id,
            fact=case.fact,
            value=facts.get(case.fact),
            text=text,
            source=fired.rule.source,
            citation=load_sources()[fired.rule.source].citation,
            outweighed=outweighed,
        )


def _of_thumb(choice: Choice, facts: Mapping[str, Value]) -> Reason:
    text = _("Nothing measured speaks against the rule of thumb: {thumb}.").format(
        thumb=_(choice.thumb.text)
    )
    fact = choice.thumb.all[0].fact
    return Reason(THUMB_SOURCE, fact, facts[fact], text, THUMB_SOURCE, "")


def _of_labelling(thawing_gain: float, facts: Mapping[str, Value]) -> Reason:
    """Say that more examples are expected to bring as much as thawing, or more (R9)."""
    text = _(
        "Twice as many examples are expected to bring {doubling}, thawing {thawing}: labelling "
        "more pays at least as much as changing more of the base."
    ).format(
        doubling=show("doubling_gain", facts["doubling_gain"]),
        thawing=wording.points(thawing_gain),
    )
    citation = load_sources()["learning_curve"].citation
    return Reason("R9", "doubling_gain", facts["doubling_gain"], text, "learning_curve", citation)


def _of_hurry(choice: Choice, facts: Mapping[str, Value]) -> Reason:
    text = _(
        "You asked for speed: {strategy} is expected to come within {margin} of what takes longer."
    ).format(strategy=_(STRATEGIES[choice.strategy]), margin=wording.points(SPEED_MARGIN))
    return Reason("speed", "priority", facts["priority"], text, "your_wish", "")


def sentence(case: Case, facts: Mapping[str, Value]) -> str | None:
    """Return the first sentence of `case` whose facts are all known, with their values."""
    for template in case.says:
        names = placeholders(template)
        if all(facts.get(name) is not None for name in names):
            return _(template).format(**{name: show(name, facts[name]) for name in names})
    return None


def path(choice: Choice, facts: Mapping[str, Value]) -> tuple[Step, ...]:
    """Return the questions on the way to the choice, in order, with what was answered."""
    thumbs = (condition for thumb in load_thumbs() for condition in thumb.all)
    most = next(condition for condition in thumbs if condition.fact == "n").value
    few = _number(facts["n"]) < _number(most)
    sides = [
        words.format(border=show("n", most))
        for words in (_("fewer than {border}"), _("{border} or more"))
    ]
    steps = [
        Step(
            "n",
            _("How many examples are there to train on?"),
            show("n", facts["n"]),
            sides[not few],
            None,
            branches.of_number(facts, round(_number(most)), sides[few]),
        ),
        _distance_step(facts),
        Step(
            "prior",
            _("What does the rule of thumb say?"),
            _(choice.thumb.text),
            _(STRATEGIES[choice.thumb.strategy]),
            choice.thumb.strategy,
        ),
    ]
    stands = choice.thumb.strategy
    for rule in load_rules():
        binds = any(b.at_least or b.at_most or b.blocks_verdict for b in rule.then)
        wish = {c.fact for case in rule.case for c in case.all} == {"priority"}
        if not binds or (wish and rule.id not in choice.stands):
            continue
        stands = choice.stands.get(rule.id, stands)
        steps.append(_step(rule, choice, facts, stands))
    if facts.get("priority") == "speed":
        steps.append(_speed_step(choice, stands))
    title = _(STRATEGIES[choice.strategy])
    steps.append(Step("choice", _("What to do?"), title, title, choice.strategy))
    return tuple(steps)


def _distance_step(facts: Mapping[str, Value]) -> Step:
    late = facts.get("shift_late")
    answer = taken = show("distance", facts["distance"])
    if late is not None:
        measured = _("late shift {value}").format(value=show("shift_late", late))
        answer = f"{answer} ({measured})"
    elif facts.get("leep_per_log_c") is None:
        answer, taken = _("not measured"), _("unknown")
    question = _("How far is your task from what the base knows?")
    return Step("distance", question, answer, taken, None, branches.of_distance(facts))


def _speed_step(choice: Choice, stands: str) -> Step:
    """Return the question that is asked of who is in a hurry."""
    answer = _("within {margin} or not").format(margin=wording.points(SPEED_MARGIN))
    question = _("Is something quicker expected to be about as good?")
    if not choice.hurried:
        return Step("speed", question, answer, _("no"), choice.strategy)
    exits = (Exit(_("no"), stands, choice.blocked),)
    return Step("speed", question, answer, _("yes"), choice.strategy, exits)


def _step(rule: Rule, choice: Choice, facts: Mapping[str, Value], stands: str) -> Step:
    named = dict.fromkeys(condition.fact for case in rule.case for condition in case.all)
    if len(named) > 1:
        named.pop("modality", None)  # no measurement, and known to the person
    known = [name for name in named if facts.get(name) is not None]
    answer = "; ".join(f"{_(FACTS[name].fact_text)}: {show(name, facts[name])}" for name in known)
    taken = _("no") if known else _("unknown")
    if rule.id in {fired.rule.id for fired in choice.fired}:
        taken = _("yes, but outweighed") if rule.id in choice.outweighed else _("yes")
    exits = branches.of_rule(rule, choice, facts)
    return Step(rule.id, _(rule.text), answer or _("not measured"), taken, stands, exits)


def how_sure(choice: Choice, facts: Mapping[str, Value], near: Sequence[Flip]) -> Level:
    """Return how sure the advice is.

    It starts from the strongest rule that decided (none: the rule of thumb alone, hence low) and
    rises by one where a second rule or the rule of thumb agrees. It falls by one each for a rule
    overruled, for few examples, for a threshold close by, for controls that are not clearly as
    good as the base, and for all depths that are not clearly better than the last stage. A blocked
    verdict is always low.
    """
    if choice.blocked or not choice.deciding:
        return "low"
    places = [CONFIDENCES.index(fired.rule.confidence) for fired in choice.deciding]
    level = len(CONFIDENCES) - 1 - min(places)
    level += len(choice.deciding) > 1 or choice.thumb.strategy == choice.strategy
    level -= any(f.rule.id in choice.outweighed for f in choice.fired)
    level -= _number(facts["n"]) < FEW_PICTURES
    level -= bool(near) and near[0].steps < CLOSE_STEPS
    level -= _controls_unclear(choice, facts)
    level -= choice.strategy == "multi_stage_probe" and _number(facts["multi_stage_gain_low"]) <= 0
    return _LEVELS[min(max(level, 0), len(_LEVELS) - 1)]


def _controls_unclear(choice: Choice, facts: Mapping[str, Value]) -> bool:
    """Tell whether the choice rests on controls whose interval allows a clear lead of the base."""
    for fired in choice.deciding:
        for condition in fired.cases[0].all:
            if condition.fact == "probe_minus_best_control":
                upper = facts.get("probe_minus_best_control_high")
                return upper is not None and _number(upper) > _number(condition.value)
    return False


def answer(best: Candidate, choice: Choice) -> str:
    """Return the recommendation as one sentence with what to expect of it."""
    title = _(STRATEGIES[best.strategy])
    if choice.blocked:
        return _("{strategy}, but no accuracy can be promised: split your data again.").format(
            strategy=title
        )
    return _("{strategy}: expect {accuracy} in about {time}.").format(
        strategy=title,
        accuracy=wording.percent_interval(best.accuracy),
        time=wording.duration(60 * best.minutes),
    )


def compare(best: Candidate, others: Sequence[Candidate]) -> str:
    """Return how the strongest other rung compares with `best`, as one sentence."""
    other = runner_up(others)
    words = {
        "strategy": _(STRATEGIES[other.strategy]),
        "times": wording.number(other.minutes / best.minutes),
        "time": wording.duration(60 * other.minutes),
        "accuracy": wording.percent_interval(other.accuracy),
    }
    apart = other.accuracy.low > best.accuracy.high or best.accuracy.low > other.accuracy.high
    if apart:
        text = _("“{strategy}” would give {accuracy} in about {time}.")
    elif other.minutes > MUCH_LONGER * best.minutes:
        text = _("“{strategy}” is too close to call, and takes {times} times as long.")
    else:
        text = _("“{strategy}” is too close to call, and takes about {time}.")
    return text.format(**words)


def _number(value: Value) -> float:
    return float(value) if value is not None else 0.0
