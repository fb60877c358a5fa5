"""Rules for probe or fine-tuning on other people's measurements: 9 data sets under 19 networks.

    THAW_DATA=… python benchmarks/external.py

The table (Agostinelli et al. 2022, arXiv 2204.01403, rounded) has the accuracy of a linear probe
and of full fine-tuning for 171 cells. A rule chooses one of the two from what is known before; its
regret is how far it stays below the better one, in points, on average. Whatever is fitted is fitted
without the data set that it is judged on.

- `linear in log n and LEEP / ln C` predicts what fine-tuning gains by least squares from how many
  examples there are and how far the classes overlap with the source. That these two carry a signal
  was found in this very table, so its regret is a hypothesis and not proof.
- `chosen among many` picks up to four of seven signs and a penalty by the regret on the other data
  sets, and is judged on the one left out. That is honest, and worse: with nine data sets, choosing
  among many models costs more than it brings.
- A bootstrap over data sets says how little nine of them can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from measuring import write_results

from tl_core import files

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Chooser = Callable[[pd.DataFrame, pd.DataFrame], Bools]
"""Takes the cells to fit on and those to judge; True where it would fine-tune."""

CLIP = 10.0
"""Points to which gains are cut before fitting: a few networks diverged."""
TWO = ("log_n", "leep_per_log_c")
SEVEN = (*TWO, "log_n_per_class", "error", "leep", "log_classes", "log_odds_of_error")
MOST_SIGNS = 4
PENALTIES = (1.0, 100.0)
THUMB_N = 3000
DRAWS = 2000


def cells() -> pd.DataFrame:
    """Return the table with the signs that a rule may use."""
    table = pd.read_csv(files.data_root() / "external" / "lp_vs_ft_9x19.csv")
    error = (1 - table.lp).clip(1e-4, 1 - 1e-4)
    return table.assign(
        gain=100 * (table.ft - table.lp),
        log_n=np.log10(table.n_train),
        log_n_per_class=np.log10(table.n_train / table.classes),
        log_classes=np.log10(table.classes),
        leep_per_log_c=table.leep / np.log(table.classes),
        error=error,
        log_odds_of_error=np.log(error / (1 - error)),
    )


def regret(table: pd.DataFrame, tunes: Bools) -> Floats:
    """Return what each choice stays below the better one, in points."""
    gain = table.gain.to_numpy()
    return np.where(tunes, np.maximum(-gain, 0), np.maximum(gain, 0))


def left_out(table: pd.DataFrame) -> Iterator[tuple[Bools, pd.DataFrame, pd.DataFrame]]:
    """Yield for each data set which cells are its own, the others and its own."""
    for name in table.dataset.unique():
        own = (table.dataset == name).to_numpy()
        yield own, table[~own], table[own]


def judged(table: pd.DataFrame, choose: Chooser) -> Floats:
    """Return the regret of every cell under a rule fitted without its data set."""
    found = np.zeros(len(table))
    for own, others, mine in left_out(table):
        found[own] = regret(mine, choose(others, mine))
    return found


def linear(signs: Sequence[str], penalty: float) -> Chooser:
    """Fine-tune where a ridge regression of the gain on some signs says that it pays."""

    def choose(others: pd.DataFrame, mine: pd.DataFrame) -> Bools:
        x, y = others[list(signs)].to_numpy(), others.gain.clip(-CLIP, CLIP).to_numpy()
        mean, spread = x.mean(0), x.std(0)
        x = (x - mean) / spread
        weights = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ (y - y.mean()))
        told: Bools = (mine[list(signs)].to_numpy() - mean) / spread @ weights + y.mean() > 0
        return told

    return choose


def threshold(sign: str) -> Chooser:
    """Fine-tune above or below the value of one sign that serves the other data sets best."""

    def choose(others: pd.DataFrame, mine: pd.DataFrame) -> Bools:
        values = np.unique(others[sign])
        borders = np.concatenate(
            [[values[0] - 1], (values[1:] + values[:-1]) / 2, [values[-1] + 1]]
        )
        options = [(border, way) for border in borders for way in (1, -1)]
        cost = [regret(others, way * (others[sign] - b).to_numpy() > 0).sum() for b, way in options]
        border, way = options[int(np.argmin(cost))]
        return way * (mine[sign] - border).to_numpy() > 0

    return choose


def chosen_among_many(others: pd.DataFrame, mine: pd.DataFrame) -> Bools:
    """Take the linear rule that does best on the other data sets, each left out in turn."""
    options = [
        linear(signs, penalty)
        for k in range(1, MOST_SIGNS + 1)
        for signs in combinations(SEVEN, k)
        for penalty in PENALTIES
    ]
    best = min(options, key=lambda option: judged(others, option).mean())
    return best(others, mine)


def thumb(others: pd.DataFrame, mine: pd.DataFrame) -> Bools:
    """Fine-tune from a few thousand examples on, whatever the distance."""
    return (mine.n_train >= THUMB_N).to_numpy()


def summed(table: pd.DataFrame, found: Floats) -> dict[str, Any]:
    """Return the mean regret, its 90th percentile, by data set, and an interval over data sets."""
    by_set = pd.Series(found).groupby(table.dataset.to_numpy()).mean()
    rng = np.random.default_rng(0)
    drawn = rng.choice(by_set.to_numpy(), (DRAWS, len(by_set))).mean(1)
    return {
        "regret": round(float(found.mean()), 3),
        "95 % interval over data sets": np.quantile(drawn, (0.025, 0.975)).round(2).tolist(),
        "90th percentile": round(float(np.quantile(found, 0.9)), 2),
        "by data set": by_set.round(2).to_dict(),
    }


def main() -> None:
    """Judge every rule."""
    table = cells()
    rules: dict[str, Chooser] = {
        "always the probe": lambda others, mine: np.zeros(len(mine), dtype=bool),
        "always fine-tune": lambda others, mine: np.ones(len(mine), dtype=bool),
        f"from {THUMB_N} examples on (rule of thumb)": thumb,
        "threshold on log n": threshold("log_n"),
        "threshold on LEEP / ln C": threshold("leep_per_log_c"),
        "threshold on the probe's error": threshold("error"),
        "linear in log n and LEEP / ln C": linear(TWO, 1.0),
        "linear in all seven signs": linear(SEVEN, 1.0),
        "chosen among many": chosen_among_many,
    }
    results = {name: summed(table, judged(table, rule)) for name, rule in rules.items()}
    for name, told in results.items():
        print(f"{told['regret']:6.3f} {told['95 % interval over data sets']} {name}")
    write_results(__file__, "python benchmarks/external.py", results)


if __name__ == "__main__":
    main()
