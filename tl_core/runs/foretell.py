"""What the advisor expects of a run, written into its log by the worker before the run learns.

The data, the advisor and the catalog are imported when a run begins: this runs in the worker only.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tl_core.runs import events, forecast
from tl_core.spec import RunSpec, to_dict

_TOO_LATE = frozenset({"plan", "forecast", "epoch"})
"""Kinds of event after which nothing is foretold: it stands already, or learning has begun."""

Emit = Callable[..., None]


def foretell(spec: RunSpec, dataset: Any, strategy: str, folder: Path, emit: Emit) -> None:
    """Tell what to expect of `strategy`, and what may speak against its base or its data.

    Of strategy and base only if the data were measured already; nothing is measured for it.

    Args:
        spec: the request of the run.
        dataset: its dataset, at the revision asked for.
        strategy: what will be trained.
        folder: the run's.
        emit: writes into its log.
    """
    log, _offset, _bad = events.read_events(folder / events.FILE)
    if any(event["kind"] in _TOO_LATE for event in log):
        return
    from tl_core.data.audit import facts

    known = facts(dataset, val_fraction=spec.val_fraction, seed=spec.seed)
    evidence = _kept(spec, dataset)
    if evidence is None:
        if known.leak.suspected:
            emit("grounds", leak_pairs=known.leak.pairs)
        return
    from tl_core.advisor.plan import advise

    advice = advise(known, evidence)
    if told := forecast.from_advice(to_dict(advice), strategy):
        emit("forecast", **told)
    if advice.grounds is not None:
        emit("grounds", **to_dict(advice.grounds))


def _kept(spec: RunSpec, dataset: Any) -> Any:
    """Return the evidence that is kept for just this request; None if there is none."""
    from tl_core import catalog
    from tl_core.data.measured import read_evidence

    base = catalog.find(spec.base)
    edge = spec.size or base.size
    if edge is None:  # of a base that was not measured by us: its own, known once it is loaded
        return None
    return read_evidence(
        dataset,
        base.id,
        size=edge,
        val_fraction=spec.val_fraction,
        seed=spec.seed,
        weights=base.weights,
    )
