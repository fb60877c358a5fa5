"""Which rung of the ladder to take, on the published results of 19 tasks of 1,000 pictures each.

    THAW_DATA=… python benchmarks/external_vtab.py

The table (Zhang et al. 2022, arXiv 2206.04673) has the accuracy of five strategies on VTAB-1k, all
under one large transformer. Regret is how far a choice stays below the best of the five, in points,
on average. A rule sees what is known before: the linear probe's accuracy, the number of classes,
and the share of the largest class. Whatever is fitted is fitted without the task it is judged on.

- `no better than the largest class` stays with the frozen base where the probe has learned nothing
  that counting does not know, within a point; elsewhere it takes LoRA. It rests on one task, the
  only one of the 19 with such classes, and was found there: a hypothesis, not proof.
- A ridge regression of what each strategy adds to the probe, on the same three signs, shows how
  little 19 tasks teach: it never does better than always taking LoRA.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from measuring import write_results

from tl_core import files

STRATEGIES = ("linear_probe", "full_fine_tune", "vpt", "adapter", "lora")
CLASSES = {
    "cifar100": 100, "caltech101": 102, "dtd": 47, "flowers102": 102, "pets": 37, "svhn": 10,
    "sun397": 397, "patch_camelyon": 2, "eurosat": 10, "resisc45": 45, "retinopathy": 5,
    "clevr_count": 8, "clevr_dist": 6, "dmlab": 6, "kitti": 4, "dsprites_loc": 16,
    "dsprites_ori": 16, "smallnorb_azi": 18, "smallnorb_ele": 9,
}  # fmt: skip
"""Classes of each task (Zhai et al. 2020, arXiv 1910.04867)."""
LARGEST = {"retinopathy": 25_810 / 35_126}
"""Share of the largest class where it is far from one in C: eyes without a finding among the
training pictures of the Diabetic Retinopathy Detection competition (Kaggle 2015)."""
MARGIN = 1.0  # points
PENALTY = 1.0

Chooser = Callable[[pd.DataFrame, pd.Series], str]
"""Takes the other tasks and the one to judge; names a strategy."""


def tasks() -> pd.DataFrame:
    """Return the table with the signs that a rule may use."""
    table = pd.read_csv(files.data_root() / "external" / "vtab1k_vit_b16.csv")
    table["classes"] = table.task.map(CLASSES)
    table["largest"] = table.task.map(LARGEST).fillna(1 / table.classes) * 100
    table["best"] = table[list(STRATEGIES)].max(axis=1)
    return table


def signs(table: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return what a fitted rule sees, [tasks, 4]."""
    ones = np.ones(len(table))
    error = np.log(100 - table.linear_probe.to_numpy())
    above = (table.linear_probe - table.largest).to_numpy() / 100
    return np.column_stack([ones, error, np.log(table.classes.to_numpy()), above])


def above_the_largest(others: pd.DataFrame, mine: pd.Series) -> str:
    """Stay frozen where the probe is no better than always naming the largest class."""
    return "linear_probe" if mine.linear_probe <= mine.largest + MARGIN else "lora"


def fitted(others: pd.DataFrame, mine: pd.Series) -> str:
    """Take the strategy of the highest gain over the probe that ridge regression predicts."""
    x, at = signs(others), signs(mine.to_frame().T.infer_objects())
    penalty = PENALTY * np.diag([0.0, 1, 1, 1])
    gains = {"linear_probe": 0.0}
    for name in STRATEGIES[1:]:
        y = (others[name] - others.linear_probe).to_numpy()
        gains[name] = float((at @ np.linalg.solve(x.T @ x + penalty, x.T @ y))[0])
    return max(gains, key=lambda name: gains[name])


def always(name: str) -> Chooser:
    """Return the rule that takes one strategy whatever is known."""
    return lambda others, mine: name


def best_of_the_others(others: pd.DataFrame, mine: pd.Series) -> str:
    """Take the strategy that loses least on the other tasks."""
    lost = {name: float((others.best - others[name]).mean()) for name in STRATEGIES}
    return min(lost, key=lambda name: lost[name])


def judged(table: pd.DataFrame, choose: Chooser) -> Mapping[str, Any]:
    """Return the regret of a rule, each task judged by what the others taught."""
    chosen = {row.task: choose(table[table.task != row.task], row) for _, row in table.iterrows()}
    reached = np.array([row[chosen[row.task]] for _, row in table.iterrows()])
    lost = table.best.to_numpy() - reached
    return {
        "regret": round(float(lost.mean()), 3),
        "90th percentile": round(float(np.quantile(lost, 0.9)), 2),
        "stays frozen on": sorted(task for task, name in chosen.items() if name == "linear_probe"),
    }


def main() -> None:
    """Judge every rule."""
    table = tasks()
    rules = {f"always {name}": always(name) for name in STRATEGIES}
    rules["best of the other tasks"] = best_of_the_others
    rules["ridge on three signs"] = fitted
    rules["lora, but frozen where the probe is no better than the largest class"] = (
        above_the_largest
    )
    results = {name: judged(table, rule) for name, rule in rules.items()}
    for name, told in results.items():
        print(f"{told['regret']:7.3f} {told['90th percentile']:6.2f} {name}")
    write_results(__file__, "python benchmarks/external_vtab.py", results)


if __name__ == "__main__":
    main()
