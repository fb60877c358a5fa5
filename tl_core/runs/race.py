"""A race: several strategies on the same split and seed, within one budget of time.

Successive halving (Jamieson and Talwalkar 2016): in each round everyone left trains for an equal
share of the time, one after the other; then the worse half drops out, but for those that a paired
test cannot tell from the better half. Each competitor is a run of its own, see `competitor`. A
race that was killed reads from its log and those of its competitors where it stood.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tl_core.errors import Cancelled
from tl_core.i18n import _
from tl_core.runs import competitor, events
from tl_core.runs.competitor import Competitor
from tl_core.runs.model import WEIGHTS_FILE
from tl_core.spec import STRATEGIES, RunSpec

DEFAULT_MINUTES = 10.0
"""In total, for all: on two cores a few epochs of everything on some thousand pictures."""
DEFAULT_STRATEGIES = tuple(STRATEGIES)
"""All six. Those with a frozen base take seconds. The control costs one share of the first round,
and without it nobody would see that the base stands in the way."""

REPORT_SECONDS = 1.0
LEFT_SECONDS = 1.0  # a shorter rest of the budget is not shared out any more

Emit = Callable[..., None]
Ask = Callable[[], bool]


def run_race(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Run the race of `folder` from its beginning, or from where it stood, to its end.

    Returns:
        The fields of the finished event: stop_reason, best, ranking, verdict, seconds.

    Raises:
        Cancelled: if it was stopped before anybody had a result.
        Exception: the first competitor's, if all have failed.
    """
    emit("phase", phase="race", what=_("Getting ready"))
    race = Race(spec, emit, should_continue)
    with contextlib.ExitStack() as stack:
        for strategy in spec.strategies:
            state = competitor.run_of(folder.name, spec, strategy)
            entered = competitor.entered(state, should_continue, race.report)
            race.everyone.append(stack.enter_context(entered))
        race.tell_standing()
        race.hold(events.read_events(folder / events.FILE)[0])
        return _outcome(race)


class Race:
    """The rounds of a race."""

    def __init__(self, spec: RunSpec, emit: Emit, should_continue: Ask) -> None:
        """Begin without competitors."""
        self.everyone: list[Competitor] = []
        self.was_stopped = False
        self._emit = emit
        self._should_continue = should_continue
        self._budget = 60 * (spec.minutes or DEFAULT_MINUTES)
        self._rounds = math.ceil(math.log2(len(spec.strategies)))
        self._round = 0
        self._until: dict[str, float] = {}
        self._reported = 0.0

    @property
    def seconds(self) -> float:
        """Seconds of training of all together."""
        return sum(one.seconds for one in self.everyone)

    @property
    def is_out_of_time(self) -> bool:
        """Tell whether the budget is used up."""
        return self._budget - self.seconds <= LEFT_SECONDS

    def hold(self, told: Sequence[events.Event]) -> None:
        """Go through the rounds, from the last one that the log tells of, and end everyone."""
        racing, until = self._resumed(told) or self._shared(self.everyone)
        while racing:
            self._train(racing, until)
            if self.was_stopped:
                break
            if self._round < self._rounds:
                racing = self._halved(racing)
            elif self.is_out_of_time:
                break
            racing, until = self._shared(racing)
        reason = "person" if self.was_stopped else "time"
        for one in self.everyone:
            one.conclude(reason)
        self.tell_standing()

    def _resumed(
        self, told: Sequence[events.Event]
    ) -> tuple[list[Competitor], dict[str, float]] | None:
        """Return who was racing, and until when, in the round that was cut short."""
        for event in told:
            if event["kind"] == "dropped":
                self._one(event["strategy"]).dropped = event["round"]
        last = next((e for e in reversed(told) if e["kind"] == "round"), None)
        if last is None:
            return None
        self._round = int(last["round"])
        self._until = last["until"]
        return [self._one(strategy) for strategy in last["racing"]], last["until"]

    def _one(self, strategy: str) -> Competitor:
        return next(one for one in self.everyone if one.strategy == strategy)

    def _shared(self, racing: list[Competitor]) -> tuple[list[Competitor], dict[str, float]]:
        """Begin a round: share its time out among those who can use it; nobody left ends it."""
        able = [one for one in racing if not one.has_ended]
        if not able:
            return [], {}
        self._round += 1
        rounds_left = max(1, self._rounds - self._round + 1)
        share = max(0.0, self._budget - self.seconds) / rounds_left / len(able)
        until = {one.strategy: round(one.seconds + share, 3) for one in able}
        self._until = until
        names = [one.strategy for one in racing]
        rounds = max(self._round, self._rounds)
        self._emit("round", round=self._round, rounds=rounds, racing=names, until=until)
        return racing, until

    def _train(self, racing: Sequence[Competitor], until: dict[str, float]) -> None:
        """Give everyone their turn of this round."""
        self.tell_standing()
        for one in racing:
            for waiting in self.everyone:
                waiting.notice_stop()
            self.was_stopped = not self._should_continue()
            if self.was_stopped:
                return
            if one.has_ended or until[one.strategy] <= one.seconds:
                continue
            self._emit("phase", phase="race", what=self._what(one))
            one.train(until[one.strategy])
            self.tell_standing()
        self.was_stopped = not self._should_continue()

    def _what(self, one: Competitor) -> str:
        text = _("Round {n} of {all}: {strategy}")
        rounds = max(self._round, self._rounds)
        return text.format(n=self._round, all=rounds, strategy=_(STRATEGIES[one.strategy]))

    def _halved(self, racing: Sequence[Competitor]) -> list[Competitor]:
        """End a round: the worse half drops out, but for those that no test tells from the rest."""
        from tl_core.engine.compare import surviving

        judged = [one for one in racing if one.has_trained]
        kept = surviving({one.strategy: one.losses() for one in judged}) if judged else ()
        for one in judged:
            if one.strategy not in kept:
                one.dropped = self._round
                one.conclude("time")
                self._emit("dropped", strategy=one.strategy, run=one.run_id, round=self._round)
        self.tell_standing()
        # Who is still at the first epoch cannot be judged yet, and stays.
        return [one for one in racing if one.dropped is None and one.error is None]

    def tell_standing(self) -> None:
        """Tell where everyone stands."""
        rows = [
            {
                "strategy": one.strategy,
                "run": one.run_id,
                "is_racing": one.dropped is None and one.error is None,
                "dropped": one.dropped,
                "seconds": round(one.seconds, 1),
                "until": self._until.get(one.strategy),
                "accuracy": (one.best or {}).get("val_accuracy"),
            }
            for one in self.everyone
        ]
        rounds = max(self._round, self._rounds)
        self._emit("standing", round=self._round, rounds=rounds, competitors=rows)

    def report(self) -> None:
        """Tell now and then how much of the time is used."""
        if time.monotonic() - self._reported < REPORT_SECONDS:
            return
        self._reported = time.monotonic()
        done = min(round(self.seconds), round(self._budget))
        what = _("seconds of training")
        self._emit("step", what=what, done=done, total=max(1, round(self._budget)))


def _outcome(race: Race) -> dict[str, Any]:
    """Return the fields of the event that ends the race."""
    from tl_core.engine import compare

    judged = {one.strategy: one for one in race.everyone if one.result.get("best")}
    if not judged:
        error = next((one.error for one in race.everyone if one.error is not None), None)
        raise error or Cancelled
    standings = compare.rank(
        compare.Entry(
            strategy=one.strategy,
            rights=compare.read_rights(one.folder),
            val_loss=float(one.result["best"]["val_loss"]),
            seconds=one.seconds,
        )
        for one in judged.values()
    )
    end = "time" if race.is_out_of_time else "done"
    return {
        "stop_reason": "person" if race.was_stopped else end,
        "best": judged[standings[0].strategy].result["best"],
        "ranking": [_row(place, judged[place.strategy]) for place in standings],
        "verdict": compare.verdict(standings),
        "seconds": round(race.seconds, 3),
    }


def _row(place: Any, one: Competitor) -> dict[str, Any]:
    """Return one place of the ranking, as programs read it."""
    weights = one.folder / WEIGHTS_FILE
    return {
        "strategy": one.strategy,
        "run": one.run_id,
        "accuracy": place.accuracy,
        "minutes": round(one.seconds / 60, 3),
        "p_vs_best": place.p_vs_best,
        "val_loss": one.result["best"]["val_loss"],
        "dropped": one.dropped,
        "trainable_parameters": one.result.get("trainable_parameters"),
        "bytes": weights.stat().st_size if weights.is_file() else None,
    }
