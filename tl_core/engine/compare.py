"""Who is better: paired tests on the same validation examples, a ranking, and its verdict."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tl_core import wording
from tl_core.engine import ladder
from tl_core.engine.scores import accuracy, paired_interval
from tl_core.i18n import _
from tl_core.spec import CONTROL, STRATEGIES, Accuracy

PREDICTIONS_FILE = "artifacts/predictions.csv"
ALPHA = 0.05
"""Two strategies count as told apart below this chance of a difference where there is none."""

Rights = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Entry:
    """What one strategy has come to on the validation examples."""

    strategy: str
    rights: Rights
    """[n_val] which examples it is right on; in the same order for all."""
    val_loss: float
    """Mean loss per validation example, in nats."""
    seconds: float
    """Of training."""


@dataclass(frozen=True)
class Standing:
    """One place in a ranking."""

    strategy: str
    accuracy: Accuracy
    p_vs_best: float | None
    """Holm-adjusted p of the exact McNemar test against the first; None for the first itself."""
    seconds: float

    @property
    def is_told_apart(self) -> bool:
        """Whether a test can tell it from the first."""
        return self.p_vs_best is not None and self.p_vs_best < ALPHA


@dataclass(frozen=True)
class Paired:
    """Two runs judged on the same validation examples."""

    first: Accuracy
    second: Accuracy
    only_first: int
    """Examples that the first alone is right on."""
    only_second: int
    difference: float
    """Share right of the first, less that of the second; in [-1, 1]."""
    low: float
    high: float
    """Its 95 % interval, paired by example (`scores.paired_interval`)."""
    p: float
    """Two-sided, of the exact McNemar test."""


def read_rights(run_dir: Path) -> Rights:
    """Return which validation examples the best weights of a run are right on, [n_val]."""
    return _read(run_dir)[1]


def read_paired(first: Path, second: Path) -> Paired | None:
    """Compare two ended runs by what their best weights say of the validation examples.

    Args:
        first: folder of one run.
        second: folder of the other.

    Returns:
        None if they were not judged on the same examples.

    Raises:
        OSError: if one of them has no predictions.
    """
    (keys, a), (others, b) = _read(first), _read(second)
    return paired(a, b) if keys and keys == others else None


def _read(run_dir: Path) -> tuple[list[str], Rights]:
    """Return the keys of the validation examples, and which the best weights are right on."""
    with (run_dir / PREDICTIONS_FILE).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rights = np.array([row["label"] == row["predicted"] for row in rows], bool)
    return [row["key"] for row in rows], rights


def paired(a: Rights, b: Rights) -> Paired:
    """Compare two by the examples on which only one of them is right; both [n], n at least 1."""
    low, high = paired_interval(b, a, 1 - ALPHA)
    return Paired(
        first=accuracy(int(a.sum()), len(a)),
        second=accuracy(int(b.sum()), len(b)),
        only_first=int((a & ~b).sum()),
        only_second=int((b & ~a).sum()),
        difference=round(float(a.mean() - b.mean()), 6),
        low=round(low, 6),
        high=round(high, 6),
        p=mcnemar_p(a, b),
    )


def mcnemar_p(a: Rights, b: Rights) -> float:
    """Return the two-sided p of the exact McNemar test (McNemar 1947; Dietterich 1998).

    It looks only at the examples on which exactly one of the two is right.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    table = [[int((a & b).sum()), int((a & ~b).sum())], [int((~a & b).sum()), int((~a & ~b).sum())]]
    if not table[0][1] + table[1][0]:
        return 1.0
    return min(1.0, float(mcnemar(table, exact=True).pvalue))


def holm(ps: Sequence[float]) -> list[float]:
    """Return p values adjusted for there being several (Holm 1979)."""
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(ps, method="holm")[1]] if ps else []


def rank(entries: Iterable[Entry]) -> tuple[Standing, ...]:
    """Return the entries by accuracy, each tested against the first; ties by validation loss."""
    ordered = sorted(entries, key=lambda e: (-float(e.rights.mean()), e.val_loss))
    if not ordered:
        return ()
    best, *others = ordered
    adjusted: list[float | None] = [None, *holm([mcnemar_p(best.rights, e.rights) for e in others])]
    return tuple(
        Standing(e.strategy, accuracy(int(e.rights.sum()), len(e.rights)), p, e.seconds)
        for e, p in zip(ordered, adjusted, strict=True)
    )


def is_worse(losses: Sequence[float], than: Sequence[float]) -> bool:
    """Tell whether losses per validation example are higher than others beyond noise.

    Both are of the same examples in the same order; one-sided, at 5 %.
    """
    return ladder.judge(losses, than, errors=ladder.BEYOND_CHANCE).paid


def surviving(losses: dict[str, Sequence[float]]) -> tuple[str, ...]:
    """Return the strategies that stay in a race after a round of successive halving.

    The better half by mean validation loss stays (Jamieson and Talwalkar 2016), and whoever
    cannot be told from the last of that half. The control takes no place of the half.

    Args:
        losses: strategy -> loss per validation example at its best, in nats.
    """
    rivals = [name for name in losses if name != CONTROL] or list(losses)
    rivals.sort(key=lambda name: float(np.mean(losses[name])))
    kept = rivals[: -(-len(rivals) // 2)]
    border = losses[kept[-1]]
    return tuple(name for name in losses if name in kept or not is_worse(losses[name], border))


def verdict(standings: Sequence[Standing]) -> str:
    """Return in plain words who came first, and how sure that is; the first sentence is short."""
    if not standings:
        return _("No strategy came to a result.")
    first, *others = standings
    names = {one.strategy: _(STRATEGIES[one.strategy]) for one in standings}
    level = [one for one in standings if not one.is_told_apart]
    name, share = names[first.strategy], wording.percent_interval(first.accuracy)
    if not others:
        text = _("Only {name} came to a result. It is right on {share} of the validation examples.")
        return text.format(name=name, share=share)
    if len(level) == 1:
        text = _("{name} does best. It is right on {share} of the validation examples, and a "
                 "paired test tells it from each of the others (p at most {p}).")  # fmt: skip
        worst = max(one.p_vs_best or 0.0 for one in others)
        said = [text.format(name=name, share=share, p=wording.number(worst))]
    else:
        said = _too_close(level, names)
    return " ".join([*said, *_behind(standings, level, names), *_about_control(level)])


def _too_close(level: Sequence[Standing], names: dict[str, str]) -> list[str]:
    """Return that several are level, and which of them to take."""
    text = _("Too close to call: {names}. They are right on {shares} of the {n} validation "
             "examples, and no paired test tells any of them from the first.")  # fmt: skip
    shares = listed(list(dict.fromkeys(wording.percent(one.accuracy.value) for one in level)))
    said = text.format(
        names=listed([names[one.strategy] for one in level]),
        shares=shares,
        n=wording.count(level[0].accuracy.n),
    )
    inherits = {one.strategy: one for one in level if one.strategy != CONTROL}
    least = inherits[next(name for name in STRATEGIES if name in inherits)]
    advice = _("{name} changes the base least and took {time}: take it unless more data speak "
               "for another.")  # fmt: skip
    name, time = names[least.strategy], wording.duration(least.seconds)
    return [said, advice.format(name=name, time=time)]


def _behind(
    standings: Sequence[Standing], level: Sequence[Standing], names: dict[str, str]
) -> list[str]:
    """Return who is clearly behind, where not everybody else is."""
    behind = [names[one.strategy] for one in standings if one not in level]
    if not behind or len(level) == 1:
        return []
    return [_("Clearly behind: {names}.").format(names=listed(behind))]


def _about_control(level: Sequence[Standing]) -> list[str]:
    """Return what it means where learning from scratch does as well as anything."""
    if all(one.strategy != CONTROL for one in level):
        return []
    if len(level) == 1:
        return [_("What the base has learned stands in the way here (negative transfer).")]
    return [_("The control inherits nothing and is among them: here the base may not help.")]


def listed(names: Sequence[str]) -> str:
    """Return names as one says them: A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return _("{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])
