"""The tables behind the charts: the same numbers for those who read rather than look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from tl_core import wording
from tl_core.i18n import _
from tl_core.spec import STRATEGIES


class Candidate(Protocol):
    """What a table of candidates reads; the advisor's candidates fit."""

    @property
    def strategy(self) -> str: ...
    @property
    def accuracy(self) -> wording.Interval: ...
    @property
    def minutes(self) -> float: ...
    @property
    def trainable_share(self) -> float: ...


def candidates(rows: Sequence[Candidate]) -> pd.DataFrame:
    """Return what each strategy promises and costs, in words, in the order given."""
    columns = [_("strategy"), _("expected accuracy"), _("time"), _("of the network trained")]
    told = [
        (
            _(STRATEGIES[row.strategy]),
            wording.percent_interval(row.accuracy),
            wording.duration(60 * row.minutes),
            wording.percent(row.trainable_share),
        )
        for row in rows
    ]
    return pd.DataFrame(told, columns=columns)


def epochs(told: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the numbers of each epoch, the newest first; what is not known stays empty."""
    columns = _epoch_columns()
    phases = {epoch.get("phase") for epoch in told}
    words = {phase: _learning(phase) for phase in phases}
    rows = [
        [words[epoch.get(key)] if key == "phase" else epoch.get(key) for key in columns]
        for epoch in reversed(told)
    ]
    return pd.DataFrame(rows, columns=list(columns.values()))


def epoch_formats() -> dict[str, str]:
    """Return how the numbers of `epochs` are written, by column, as a data frame on screen asks."""
    columns = _epoch_columns()
    shares = dict.fromkeys(("train_accuracy", "val_accuracy", "val_low", "val_high"), "percent")
    formats = {"train_loss": "%.3f", "val_loss": "%.3f", "lr": "%.2g", "seconds": "%.1f"} | shares
    return {columns[key]: told for key, told in formats.items()}


def _epoch_columns() -> dict[str, str]:
    return {
        "epoch": _("epoch"),
        "phase": _("what learns"),
        "train_loss": _("training loss"),
        "val_loss": _("validation loss"),
        "train_accuracy": _("training accuracy"),
        "val_accuracy": _("validation accuracy"),
        "val_low": _("from"),
        "val_high": _("to"),
        "lr": _("learning rate"),
        "seconds": _("seconds"),
    }


def _learning(phase: str | None) -> str:
    """Return in words what learns in a phase of training."""
    known = {
        "before": _("nothing yet"),
        "head": _("the last layer"),
        "adapter": _("adapters (LoRA)"),
        "full": _("everything"),
        "scratch": _("everything"),
    }
    name, _colon, stage = (phase or "").partition(":")
    if name == "thaw" and stage:
        return _("stage {stage} and later").format(stage=stage)
    return known.get(name, phase or "")


class ClassScore(Protocol):
    """What a table of classes reads."""

    @property
    def name(self) -> str: ...
    @property
    def labelled(self) -> int: ...
    @property
    def named(self) -> int: ...
    @property
    def recall(self) -> wording.Interval | None: ...
    @property
    def precision(self) -> wording.Interval | None: ...


def class_scores(rows: Sequence[ClassScore]) -> pd.DataFrame:
    """Return how each class fares, in words; what cannot be told is a dash."""
    columns = [
        *(_("class"), _("held out"), _("of them found (recall)"), _("taken for it")),
        _("of them right (precision)"),
    ]
    told = [
        (
            *(row.name, wording.count(row.labelled), _share(row.recall)),
            *(wording.count(row.named), _share(row.precision)),
        )
        for row in rows
    ]
    return pd.DataFrame(told, columns=columns)


def _share(found: wording.Interval | None) -> str:
    return "–" if found is None else wording.percent_interval(found)


def class_counts(counts: Mapping[str, int]) -> pd.DataFrame:
    """Return the pictures of each class, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return pd.DataFrame(ordered, columns=[_("class"), _("examples")])
