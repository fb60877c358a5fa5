"""What runs were asked to do, side by side: all of it, or only where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.i18n import N_, _
from tl_core.report.marks import Fields, action_name
from tl_core.spec import RETENTIONS, STRATEGIES, Accuracy, RunSpec

SETTINGS: dict[str, str] = {
    "dataset": N_("data"),
    "revision": N_("changes made to the data"),
    "base": N_("base model"),
    "strategy": N_("strategy"),
    "size": N_("picture edge, or most tokens"),
    "val_fraction": N_("share held out"),
    "seed": N_("seed"),
    "epochs": N_("at most epochs"),
    "patience": N_("patience in epochs"),
    "minutes": N_("at most minutes"),
    "retention": N_("hold on the base"),
    "actions": N_("steered on the way"),
}
"""Everything that can make two runs differ, and what it is called."""

_FILLS = {
    "size": N_("the base's own"),
    "epochs": N_("the strategy's own"),
    "minutes": N_("no limit"),
}
"""What it means where nothing was asked for."""
_NAMED_BY = ("base", "size", "seed", "retention", "epochs", "minutes")
"""What tells runs of one strategy apart in a name, the more telling first."""


@dataclass(frozen=True, slots=True)
class Column:
    """One run of the comparison."""

    letter: str
    spec: RunSpec
    strategy: str
    """As it was run; what the advisor chose, where that was left to Thaw."""
    dataset: str
    """Name of its data; untrusted text."""
    actions: Sequence[Fields] = ()
    """What people did on the way (`action`, `epoch`, `applied`)."""
    best: Fields | None = None
    finished: Fields | None = None
    seconds: float = 0.0
    """Of training."""
    when: str = ""
    """When it was begun, in words."""


def values(column: Column) -> dict[str, str]:
    """Return each setting of a run in words; may hold untrusted text."""
    spec = column.spec
    plain: dict[str, Any] = {key: getattr(spec, key, None) for key in SETTINGS}
    told = {key: str(value) for key, value in plain.items() if value is not None}
    told |= {key: _(fill) for key, fill in _FILLS.items() if plain[key] is None}
    told |= {
        "dataset": column.dataset,
        "strategy": _strategy(column.strategy),
        "val_fraction": wording.percent(spec.val_fraction),
        "patience": str(spec.patience) if spec.patience else _("never stops early"),
        "retention": _(RETENTIONS.get(spec.retention, spec.retention)),
        "actions": _steered(column.actions),
    }
    if spec.minutes is not None:
        told["minutes"] = f"{spec.minutes:g}"
    return {key: told[key] for key in SETTINGS}


def _strategy(strategy: str) -> str:
    return _(STRATEGIES[strategy]) if strategy in STRATEGIES else _("Thaw chooses")


def _steered(actions: Sequence[Fields]) -> str:
    done = Counter(action_name(str(a["action"])) for a in actions if a.get("applied"))
    if not done:
        return _("no")
    return ", ".join(f"{name} (×{n})" if n > 1 else name for name, n in done.items())


def differing(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return the settings in which not all runs agree."""
    told = [values(column) for column in columns]
    return tuple(key for key in SETTINGS if len({one[key] for one in told}) > 1)


def names(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return a short name for each run: its strategy, its data where these differ, and so much
    more as it takes to tell all apart.

    Where no setting does, it is when the run was begun. Holds untrusted text.
    """
    differ = differing(columns)
    keys = [key for key in ("dataset",) if key in differ]
    told = [_name(column, keys) for column in columns]
    for key in (key for key in _NAMED_BY if key in differ):
        longer = [_name(column, [*keys, key]) for column in columns]
        if len(set(longer)) > len(set(told)):
            keys, told = [*keys, key], longer
    seen = Counter(told)
    return tuple(
        f"{name}, {column.when}" if seen[name] > 1 and column.when else name
        for name, column in zip(told, columns, strict=True)
    )


def _name(column: Column, keys: Sequence[str]) -> str:
    told = values(column)
    words = {
        "size": _("size {n}"),
        "seed": _("seed {n}"),
        "epochs": _("at most {n} epochs"),
        "minutes": _("at most {n} minutes"),
    }
    parts = [
        words[key].format(n=told[key]) if key in words and key not in _unset(column) else told[key]
        for key in keys
    ]
    return ", ".join([told["strategy"], *parts])


def _unset(column: Column) -> set[str]:
    return {key for key in _FILLS if getattr(column.spec, key) is None}


def settings_table(columns: Sequence[Column], *, only_differences: bool) -> pd.DataFrame:
    """Return one row per setting, one column per run."""
    shown = differing(columns) if only_differences else tuple(SETTINGS)
    told = {column.letter: values(column) for column in columns}
    cells: dict[str, list[str]] = {_("setting"): [_(SETTINGS[key]) for key in shown]}
    return pd.DataFrame(
        cells | {letter: [one[key] for key in shown] for letter, one in told.items()}
    )


def results_table(columns: Sequence[Column], names_of: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per run: what it has come to.

    Args:
        columns: the runs.
        names_of: letter -> name.
    """
    ends = [column.finished or {} for column in columns]
    cells = {
        _("run"): [f"{c.letter}  {names_of[c.letter]}" for c in columns],
        _("right on held-out"): [_share((c.best or {}).get("val_accuracy")) for c in columns],
        _("at epoch"): [(c.best or {}).get("epoch") for c in columns],
        _("validation loss"): [_number((c.best or {}).get("val_loss")) for c in columns],
        _("right on test"): [_share(end.get("test_accuracy")) for end in ends],
        _("training"): [wording.duration(c.seconds) if c.seconds else None for c in columns],
        _("parameters that learn"): [_count(end.get("trainable_parameters")) for end in ends],
        _("still agrees with the base"): [
            _percent((end.get("retention") or {}).get("agreement")) for end in ends
        ],
    }
    return pd.DataFrame(cells)


def _share(found: Any) -> str | None:
    return wording.percent_interval(Accuracy(**found)) if found else None


def _number(found: Any) -> str | None:
    return None if found is None else wording.number(float(found))


def _percent(found: Any) -> str | None:
    return None if found is None else wording.percent(float(found))


def _count(found: Any) -> str | None:
    return None if found is None else wording.count(int(found))
