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
    columns = {
        "epoch": _("epoch"),
        "phase": _("phase"),
        "train_loss": _("training loss"),
        "val_loss": _("validation loss"),
        "train_accuracy": _("training accuracy"),
        "val_accuracy": _("validation accuracy"),
        "val_low": _("from"),
        "val_high": _("to"),
        "lr": _("learning rate"),
        "seconds": _("seconds"),
    }
    rows = [[epoch.get(key) for key in columns] for epoch in reversed(told)]
    return pd.DataFrame(rows, columns=list(columns.values()))


def class_counts(counts: Mapping[str, int]) -> pd.DataFrame:
    """Return the pictures of each class, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return pd.DataFrame(ordered, columns=[_("class"), _("examples")])
