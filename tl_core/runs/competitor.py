"""One strategy in a race: an ordinary run of its own, trained in turns by the race's worker.

The race holds the lock of the run and is its only writer, from its first turn to the end of the
race; between its turns the run says that it waits.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tl_core.errors import Cancelled, RunFailed
from tl_core.i18n import _
from tl_core.runs import alarms, control, events, failures, locks, store
from tl_core.runs.foretell import foretell
from tl_core.runs.request import read_spec
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

log = logging.getLogger(__name__)

LOCK_SECONDS = 5.0
STOPPED = {"stop_reason": "person"}

Emit = Callable[..., None]
Ask = Callable[[], bool]
News = Callable[[], None]


class Competitor:
    """A strategy with its run while a race is going on."""

    def __init__(self, state: RunState, writer: events.EventWriter, ask: Ask, news: News) -> None:
        """Take up the run of a strategy, which may have come to its end already.

        Args:
            state: its run.
            writer: writes the log of its run.
            ask: whether the race goes on; blocks while it is paused.
            news: called now and then while it trains.
        """
        self.strategy = state.spec.strategy
        self.run_id = state.id
        self.folder = store.run_dir(state.id)
        self.result: dict[str, Any] = {}
        """The fields of its last event, once it has ended."""
        self.error: Exception | None = None
        """Why it failed."""
        self.dropped: int | None = None
        """The round after which it dropped out."""
        self._run: Any = None
        self._seconds = 0.0
        self._best = state.best
        self._losses: list[float] | None = None
        self._emit = alarms.watched(writer.emit, state.spec, self.folder)
        self._ask = ask
        self._news = news
        gate = control.Gate(self.folder, writer.emit, None, is_terminated=lambda: not ask())
        self._wanted = gate.wanted
        if state.status == "finished":
            self.result = dict(state.finished or {})
            self._seconds = float(self.result.get("seconds") or 0.0)

    @property
    def has_ended(self) -> bool:
        """Tell whether it has nothing left to do."""
        return bool(self.result)

    @property
    def best(self) -> dict[str, Any] | None:
        """Its best epoch so far: epoch, val_loss, val_accuracy."""
        if self._run is not None:
            return self._run.progress.best or None
        return self.result.get("best") or self._best

    @property
    def has_trained(self) -> bool:
        """Tell whether it has finished an epoch of training, by which it can be judged."""
        if self._run is not None:
            return int(self._run.progress.epoch) > 0
        return bool(self.result.get("best"))

    @property
    def seconds(self) -> float:
        """Seconds of training so far; 0 for a run that goes on and was not opened yet."""
        return self._seconds

    def losses(self) -> list[float]:
        """Return the loss per validation example at its best, in nats."""
        if self._run is not None:
            return [float(loss) for loss in self._run.progress.best_losses]
        if self._losses is None:
            import numpy as np

            every = np.load(self.folder / alarms.LOSSES_FILE, allow_pickle=False)
            self._losses = every[self.result["best"]["epoch"]].tolist()
        return self._losses

    def train(self, until: float) -> None:
        """Give it a turn: train until it has had so many seconds, or has come to its end."""
        self._emit("ready")
        with self._failing():
            from tl_core.engine import train

            run = self._opened()
            left = until - run.progress.seconds
            if left > 0 and train.advance(run, left):
                self._end()
            else:
                self._seconds = run.progress.seconds
        if not self.has_ended:
            self._emit("waiting")

    def conclude(self, reason: str) -> None:
        """Let it end with what it has; `reason` is `time`, or `person` for a stop."""
        if self.has_ended:
            return
        with self._failing():
            from tl_core.engine import train

            if reason == "person" and self._run is None:
                raise Cancelled
            run = self._opened()
            run.began = time.monotonic()  # what the others took is not its time
            if run.progress.epoch < 0:
                train.advance(run, 0.0)
            train.conclude(run, reason)
            self._end()

    def notice_stop(self) -> None:
        """End it if a person has stopped it while it waited."""
        if not self.has_ended and self._wanted() == "stop" and self._ask():
            self.conclude("person")

    def _opened(self) -> Any:
        """Return the engine's run, at the beginning or where it stood."""
        if self._run is None:
            from tl_core.data.store import load
            from tl_core.engine import train

            spec = read_spec(self.folder)
            dataset = load(spec.dataset, spec.revision)
            foretell(spec, dataset, self.strategy, self.folder, self._emit)
            self._run = train.open_run(
                spec, dataset, self.strategy, self.folder, self._tell, self._may_go_on
            )
            self._seconds = self._run.progress.seconds
        return self._run

    def _may_go_on(self) -> bool:
        return self._wanted() != "stop"

    def _tell(self, kind: str, /, **fields: Any) -> None:
        self._emit(kind, **fields)
        if kind == "epoch":
            self._seconds = float(fields["seconds"])
        self._news()

    def _end(self) -> None:
        """Tell what it has come to and let go of its memory."""
        from tl_core.engine import train

        fields = train.summary(self._run)
        self._losses = self.losses()
        self._close("stopped" if fields["stop_reason"] == "person" else "finished", fields)
        self._seconds = float(fields["seconds"])

    def _close(self, kind: str, fields: dict[str, Any]) -> None:
        self._emit(kind, **fields)
        self.result = fields
        self._run = None

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """End this one alone if it cannot go on: what others have learned is not lost with it."""
        try:
            yield
        except Cancelled:
            self._close("stopped", dict(STOPPED))
        except Exception as error:
            log.exception("%s has failed", self.strategy)
            self.error = error
            self._close("failed", failures.describe(error))


@contextmanager
def entered(state: RunState, ask: Ask, news: News) -> Iterator[Competitor]:
    """Take up the run of a strategy for the time of a race.

    Raises:
        RunFailed: if another process is at work on it.
    """
    folder = store.run_dir(state.id)
    with locks.hold(folder, wait_seconds=LOCK_SECONDS) as is_ours:
        if not is_ours:
            message = _("The run {id} takes part in this race, and another process is at it.")
            fix = _("Let it end or stop it, then resume the race.")
            raise RunFailed("busy", message.format(id=state.id), fix)
        is_new = state.status != "finished"
        with events.EventWriter(folder / events.FILE, new_attempt=is_new) as writer:
            if is_new:
                # No process id: whoever wants to kill this run must not kill the others.
                writer.emit("started")
                writer.emit("waiting")
            yield Competitor(state, writer, ask, news)


def run_of(race_id: str, spec: RunSpec, strategy: str) -> RunState:
    """Return the run of a strategy in a race; it is made if there is none yet."""
    for state in store.list_runs():
        if state.race == race_id and state.spec.strategy == strategy:
            return state
    child = dataclasses.replace(spec, kind="train", strategy=strategy, strategies=(), minutes=None)
    return store.read_run(store.new_run(child, race=race_id))
