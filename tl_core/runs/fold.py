"""What a run's events add up to: its state, derived and never stored. Pure; no files, no locks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tl_core.runs import forecast
from tl_core.runs.best import best_of
from tl_core.runs.control import Want
from tl_core.runs.events import ENVELOPE, Event
from tl_core.runs.state import TERMINAL, RunState
from tl_core.spec import RunSpec

START_SECONDS = 10.0
"""A launched worker that has not taken the lock by then never will."""

_LIFE = {
    "created": "created",
    "launched": "launched",
    "started": "running",
    "waiting": "waiting",
    "ready": "running",
    "paused": "paused",
    "resumed": "running",
} | {kind: kind for kind in TERMINAL}
_WHILE_LOCKED = {"running": "running", "paused": "paused"}


class Fold:
    """Adds up events, one after the other; it can go on whenever more have come."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self.life = ""
        self.bad = 0
        self.attempt = 0
        self.last_seq = 0
        self.created = 0.0
        self.updated = 0.0
        self._launched = 0.0
        self._seconds = 0.0
        self._curve_attempt = 0
        self._phase = ""
        self._what = ""
        self._epochs: list[dict[str, Any]] = []
        self._marks: dict[str, list[dict[str, Any]]] = {"thaw": [], "rollback": [], "alert": []}
        self._stages: tuple[str, ...] = ()
        self._thawed: tuple[str, ...] = ()
        self._progress: dict[str, Any] | None = None
        self._plan: dict[str, Any] | None = None
        self._end: dict[str, Any] | None = None
        self._race = ""
        self._decisions: list[dict[str, Any]] = []
        self._forecast: dict[str, Any] | None = None
        self._latest: dict[str, dict[str, Any]] = {}

    @classmethod
    def of(cls, events: Iterable[Event]) -> Fold:
        """Add up `events`."""
        fold = cls()
        for event in events:
            fold.add(event)
        return fold

    def add(self, event: Event) -> None:
        """Take one event in; a malformed one is counted, an unknown kind ignored."""
        try:
            self._keep_time(event)
            if handle := _HANDLERS.get(event["kind"]):
                handle(self, event)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.bad += 1

    def status(self, locked: bool, want: Want, now: float) -> str:
        """Return the status, see `store.derive_status`."""
        if self.life in TERMINAL:
            return self.life
        if not locked:
            if self.life in ("", "created"):
                return "queued"
            is_fresh = self.life == "launched" and now - self._launched < START_SECONDS
            if not is_fresh:
                return "interrupted"
        if want == "stop":
            return "stopping"
        return _WHILE_LOCKED.get(self.life, "queued")

    @property
    def has_ended(self) -> bool:
        """Tell whether the last attempt came to an end of its own."""
        return self.life in TERMINAL

    @property
    def was_launched(self) -> bool:
        """Tell whether a worker was ever started for it."""
        return self.life not in ("", "created")

    def state(self, run_id: str, spec: RunSpec, status: str, now: float) -> RunState:
        """Return everything known, under a status that was derived."""
        end = self._end or {}
        is_training = spec.kind == "train"
        planned = (self._plan or {}).get("strategy") or spec.strategy
        has_results = self.life == "finished" or (self.life == "stopped" and "best" in end)
        is_running = status in ("running", "stopping") and self.life == "running"
        seconds = self._seconds + (max(0.0, now - self.updated) if is_running else 0.0)
        return RunState(
            id=run_id,
            spec=spec,
            status=status,
            stop_reason=end.get("stop_reason"),
            strategy=planned if is_training else "",
            phase=self._phase,
            what=self._what,
            epochs=tuple(self._epochs),
            thaws=tuple(self._marks["thaw"]),
            rollbacks=tuple(self._marks["rollback"]),
            alerts=tuple(self._marks["alert"]),
            best=end.get("best") or best_of(self._epochs, self._marks["rollback"]),
            stages=self._stages,
            thawed=self._thawed,
            progress=self._progress,
            plan=self._plan,
            error=end if self.life == "failed" else None,
            created=self.created,
            seconds=round(seconds, 3),
            last_seq=self.last_seq,
            finished=end if has_results else None,
            attempt=self.attempt,
            bad_lines=self.bad,
            updated=self.updated,
            launched=self.was_launched,
            waiting=status == "queued" and self.life == "waiting",
            race=self._race,
            standing=self._latest.get("standing"),
            decisions=tuple(self._decisions),
            forecast=self._forecast,
            first_look=self._latest.get("first_look"),
            grounds=self._latest.get("grounds"),
            control=self._latest.get("control"),
        )

    def _keep_time(self, event: Event) -> None:
        t = float(event["t"])
        # Nobody worked between a kill and the event by which others noticed it.
        if self.life == "running" and event["kind"] != "launched" and not event.get("was_dead"):
            self._seconds += max(0.0, t - self.updated)
        self.updated = t
        self.last_seq = max(self.last_seq, int(event["seq"]))
        self.attempt = max(self.attempt, int(event["attempt"]))
        life = _LIFE.get(event["kind"])
        # Only a new launch or start brings a run back from its end.
        if life and (self.life not in TERMINAL or event["kind"] in ("launched", "started")):
            self.life = life
            if life in ("launched", "running"):
                self._end = None

    def _on_created(self, event: Event) -> None:
        self.created = float(event["t"])
        self._race = str(event.get("race") or "")

    def _on_launched(self, event: Event) -> None:
        self._launched = float(event["t"])
        self._progress = None
        self._forget_control()

    def _on_phase(self, event: Event) -> None:
        self._phase = str(event["phase"])
        self._what = str(event.get("what") or "")
        self._progress = None
        if stages := event.get("stages"):
            self._stages = tuple(str(s) for s in stages)
        if (thawed := event.get("thawed")) is not None:
            self._thawed = tuple(thawed)

    def _on_step(self, event: Event) -> None:
        told: dict[str, Any] = {key: event[key] for key in ("what", "done", "total")}
        if event.get("loss") is not None:
            begin = int(event["epoch"]) - 1
            at = begin + event["done"] / event["total"]
            before = (self._progress or {}).get("losses", ())
            known = (step for step in before if begin < step["at"] < at)
            told["losses"] = (*known, {"at": at, "loss": event["loss"]})
        self._progress = told

    def _on_latest(self, event: Event) -> None:
        self._latest[event["kind"]] = _fields(event)

    def _on_control(self, event: Event) -> None:
        self._forget_control()
        self._on_latest(event)

    def _forget_control(self) -> None:
        """Drop a verdict that rests on what either of the two has not come to any more."""
        self._latest.pop("control", None)
        alerts = self._marks["alert"]
        alerts[:] = [alert for alert in alerts if "control" not in alert]

    def _on_decision(self, event: Event) -> None:
        """Note what was decided on the way; told again after a resume, it is replaced."""
        told = {**_fields(event), "what": event["kind"]}
        same = _identity(told)
        self._decisions[:] = [d for d in self._decisions if _identity(d) != same] + [told]

    def _on_plan(self, event: Event) -> None:
        self._plan = _fields(event)
        if grounds := event["advice"].get("grounds"):
            self._latest["grounds"] = grounds
        self._foretell(forecast.from_advice(event["advice"], event["strategy"]))

    def _on_forecast(self, event: Event) -> None:
        self._foretell(forecast.checked(event))

    def _foretell(self, told: dict[str, Any] | None) -> None:
        if told is not None:
            self._forecast = told | {"after_seconds": round(self._seconds, 3)}

    def _on_epoch(self, event: Event) -> None:
        epoch, attempt = int(event["epoch"]), int(event["attempt"])
        if attempt > self._curve_attempt:  # begun anew: there was nothing to resume from
            self._rewind(epoch - 1, attempt)
        while self._epochs and self._epochs[-1]["epoch"] >= epoch:
            self._epochs.pop()
        self._epochs.append(_fields(event) | {"attempt": attempt})
        self._phase = str(event.get("phase") or self._phase)
        if (thawed := event.get("thawed")) is not None:
            self._thawed = tuple(thawed)

    def _on_resumed(self, event: Event) -> None:
        if event.get("epoch") is not None and event["attempt"] > self._curve_attempt:
            self._rewind(int(event["epoch"]), int(event["attempt"]))

    def _rewind(self, epoch: int, attempt: int) -> None:
        """Drop what earlier attempts told beyond `epoch`: this attempt tells it again."""
        self._curve_attempt = attempt
        for entries in (self._epochs, *self._marks.values()):
            entries[:] = [e for e in entries if e["epoch"] <= epoch or e["attempt"] >= attempt]
        if self._epochs:
            self._phase = str(self._epochs[-1].get("phase") or "")
            self._thawed = tuple(self._epochs[-1].get("thawed") or ())

    def _on_mark(self, event: Event) -> None:
        """Note a thaw, a rollback or an alert; what was told already is replaced."""
        kind = event["kind"]
        mark = _fields(event) | {"epoch": int(event["epoch"]), "attempt": int(event["attempt"])}
        if kind == "alert":
            mark["kind"] = str(mark.pop("alert_kind"))
        key = "kind" if kind == "alert" else "stage"
        same = (mark["epoch"], mark[key])
        marks = self._marks[kind]
        marks[:] = [m for m in marks if (m["epoch"], m[key]) != same] + [mark]
        if kind == "rollback":
            left = tuple(s for s in self._thawed if s != mark["stage"])
            self._thawed = tuple(mark.get("thawed", left))
        elif kind == "thaw" and mark["stage"] in self._stages:
            self._thawed = tuple(dict.fromkeys((mark["stage"], *self._thawed)))

    def _on_end(self, event: Event) -> None:
        if event["kind"] == self.life:
            self._end = _fields(event)
            self._progress = None


_HANDLERS: dict[str, Callable[[Fold, Event], None]] = {
    "created": Fold._on_created,
    "launched": Fold._on_launched,
    "phase": Fold._on_phase,
    "step": Fold._on_step,
    "plan": Fold._on_plan,
    "forecast": Fold._on_forecast,
    "standing": Fold._on_latest,
    "first_look": Fold._on_latest,
    "grounds": Fold._on_latest,
    "control": Fold._on_control,
    "ladder": Fold._on_decision,
    "augmentation": Fold._on_decision,
    "rung": Fold._on_decision,
    "interpolation": Fold._on_decision,
    "action": Fold._on_decision,
    "epoch": Fold._on_epoch,
    "resumed": Fold._on_resumed,
    "thaw": Fold._on_mark,
    "rollback": Fold._on_mark,
    "alert": Fold._on_mark,
    "finished": Fold._on_end,
    "stopped": Fold._on_end,
    "failed": Fold._on_end,
}


def _identity(decision: dict[str, Any]) -> tuple[Any, ...]:
    """Return what makes a decision the same as one told before; what a person asked has an id."""
    if asked := decision.get("id"):
        return (asked,)
    return decision["what"], decision.get("stage"), decision.get("epoch")


def _fields(event: Event) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in ENVELOPE}
