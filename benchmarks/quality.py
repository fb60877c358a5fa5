"""How good each strategy is, from the recorded runs: tables and paired tests.

    python benchmarks/quality.py

Reads `recorded/`, trains nothing, writes `quality.json` and `quality.md`. `record.py` records
the runs, those of fastai's `fine_tune` on the same parts and weights included. The figures of a
strategy are those of its best epoch by validation loss. Where the data bring no test part it was
chosen on the pictures that it is judged on, which flatters all of ours alike by a little; fastai's
are those of its last epoch.

- An accuracy is the mean over seeds, with the 95 % Wilson interval of as many distinct pictures
  as were judged: no narrower than one seed's where all seeds share their pictures.
- Thawing and adapters against the frozen base, on the same examples: exact McNemar for each seed
  and for all together, and the mean difference with a 95 % interval by resampling examples, all
  seeds of an example together.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import recordings
from cells import PEER
from measuring import machine_record
from recordings import Recording
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from tl_core import files
from tl_core.spec import STRATEGIES

RESULTS = Path(__file__).with_suffix(".json")
TABLE = Path(__file__).with_suffix(".md")
FROZEN, THAWING, ADAPTERS = "linear_probe", "gradual_unfreezing", "lora"
RESAMPLES = 5000
CONFIDENCE = 0.95
ORDER = (*STRATEGIES, PEER)

Figures = dict[str, Any]
Samples = dict[str, dict[str, dict[int, Recording]]]
"""Sample -> strategy -> seed -> run."""


def main() -> None:
    """Read, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recorded", type=Path, default=recordings.ROOT)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    samples = sorted_out(recordings.load(asked.recorded))
    found = {name: compared(runs) for name, runs in samples.items()}
    every = [run for runs in samples.values() for seeds in runs.values() for run in seeds.values()]
    record = {
        "command": "python benchmarks/quality.py",
        **machine_record(),
        "engines": sorted({run.settings["engine"] for run in every}),
        "threads": sorted({run.settings["threads"] for run in every}),
        "samples": found,
        "distance_to_best": distances({n: f for n, f in found.items() if not f["test"]}),
        "distance_to_best_texts": distances({n: f for n, f in found.items() if f["test"]}),
    }
    files.write_json(asked.out, record)
    files.write_atomically(asked.out.with_suffix(".md"), as_text(record))
    print(f"{len(every)} runs; written: {asked.out.name}, {asked.out.with_suffix('.md').name}")


def sorted_out(every: Iterable[Recording]) -> Samples:
    """Return the runs without a fault by sample, strategy and seed."""
    samples: Samples = defaultdict(lambda: defaultdict(dict))
    for run in every:
        if not run.fault and run.strategy in ORDER:
            samples[f"{run.data}, {run.per_class or 'all'} per class"][run.strategy][run.seed] = run
    return samples


def compared(runs: dict[str, dict[int, Recording]]) -> Figures:
    """Return all figures of one sample."""
    strategies = {name: figures(list(runs[name].values())) for name in ORDER if runs.get(name)}
    any_run = next(iter(next(iter(runs.values())).values()))
    found: Figures = {
        "train": any_run.settings["train"],
        "val": any_run.settings["val"],
        "test": any_run.settings.get("test", 0),
        "size": any_run.settings["size"],
        "strategies": strategies,
    }
    for one, other in ((THAWING, FROZEN), (THAWING, PEER), (ADAPTERS, FROZEN)):
        if runs.get(one) and runs.get(other):
            found[f"{one} - {other}"] = paired(runs[one], runs[other])
    return found


def figures(runs: Sequence[Recording]) -> Figures:
    """Return one strategy's figures over its seeds."""
    accuracies = [run.accuracy for run in runs]
    mean = float(np.mean(accuracies))
    distinct = len(np.unique(np.concatenate([run.example for run in runs])))
    low, high = proportion_confint(mean * distinct, distinct, alpha=1 - CONFIDENCE, method="wilson")
    return {
        "seeds": [run.seed for run in runs],
        "accuracy": rounded({"value": mean, "low": low, "high": high}) | {"n": distinct},
        "each": [round(a, 4) for a in accuracies],
        "minutes": median(run.result["seconds"] / 60 for run in runs),
        "minutes_with_features": median(run.result["whole_seconds"] / 60 for run in runs),
        "trainable_parameters": int(median(run.result["trainable_parameters"] for run in runs)),
        "peak_anonymous_mb": median(run.result["peak_anonymous_mb"] for run in runs),
        "peak_resident_mb": median(run.result["peak_resident_mb"] for run in runs),
        "stored_mb": stored_mb(runs),
        "stop_reasons": sorted({run.result["stop_reason"] for run in runs}),
    }


def stored_mb(runs: Sequence[Recording]) -> float | None:
    """Return what is kept of a run beside the base; None where it was not recorded."""
    sizes = [run.result["sizes"]["learned_bytes"] for run in runs if run.result.get("sizes")]
    return median(size / 1e6 for size in sizes) if sizes else None


def rounded(values: dict[str, float]) -> Figures:
    """Return shares with four digits."""
    return {name: round(float(value), 4) for name, value in values.items()}


def median(values: Iterable[float]) -> float:
    """Return the median with three digits after the point."""
    return round(float(np.median(list(values))), 3)


def paired(one: dict[int, Recording], other: dict[int, Recording]) -> Figures:
    """Compare two strategies on the same pictures, seed by seed.

    Raises:
        ValueError: if two runs of a seed did not judge the same pictures in the same order.
    """
    wins: list[int] = []
    losses: list[int] = []
    pictures, gains = [], []
    for seed in sorted(one.keys() & other.keys()):
        a, b = one[seed], other[seed]
        if not np.array_equal(a.example, b.example):
            raise ValueError(f"{a.name} and {b.name} judged different pictures")
        wins.append(int((a.right & ~b.right).sum()))
        losses.append(int((b.right & ~a.right).sum()))
        pictures.append(a.example)
        gains.append(a.right.astype(float) - b.right.astype(float))
    low, high = resampled(np.concatenate(pictures), np.concatenate(gains))
    mean = float(np.concatenate(gains).mean())
    return {
        "difference": rounded({"value": mean, "low": low, "high": high}),
        "wins": wins,
        "losses": losses,
        "p_each": [p_value(w, x) for w, x in zip(wins, losses, strict=True)],
        "p_pooled": p_value(sum(wins), sum(losses)),
    }


def p_value(wins: int, losses: int) -> float:
    """Return the exact McNemar p of so many pictures won and lost."""
    return float(f"{mcnemar([[0, wins], [losses, 0]], exact=True).pvalue:.3g}")


def resampled(
    pictures: npt.NDArray[np.uint32], gains: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Return the 95 % interval of the mean gain, pictures drawn with all their seeds."""
    _names, number = np.unique(pictures, return_inverse=True)
    sums, counts = np.bincount(number, gains), np.bincount(number)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def distances(found: dict[str, Figures]) -> Figures:
    """Return how far each strategy is from the best of ours, by sample and on average.

    Only samples in which all six were recorded count; the best one is the best by these very
    runs, so that every distance is a little too large.
    """
    whole = {
        name: {s: f["accuracy"]["value"] for s, f in sample["strategies"].items()}
        for name, sample in found.items()
        if set(STRATEGIES) <= set(sample["strategies"])
    }
    best = {name: max(values[s] for s in STRATEGIES) for name, values in whole.items()}
    by_strategy = {
        strategy: {name: round(best[name] - v[strategy], 4) for name, v in whole.items()}
        for strategy in STRATEGIES
    }
    return {
        strategy: {"mean": round(float(np.mean(list(d.values()))), 4) if d else None, "each": d}
        for strategy, d in by_strategy.items()
    }


def as_text(record: Figures) -> str:
    """Return the tables."""
    lines = ["# Quality of the strategies", "", f"Written by `{record['command']}`.", ""]
    lines += [
        "Mean over seeds with a 95 % interval. Minutes are medians of the training, features of",
        "the frozen base not counted; fastai has no such features, and all of its time counts.",
        f"Threads per run: {', '.join(map(str, record['threads']))}; minutes compare with one",
        "another only. MB is the most memory that the process asked for itself, kept MB what a run",
        "leaves beside its base.",
        "",
    ]
    for name, sample in record["samples"].items():
        lines += sample_lines(name, sample)
    lines += ["## Distance to the best of the six", "", "In points, on average over the sets.", ""]
    lines += ["| strategy | pictures | texts |", "|---|---|---|"]
    for strategy in STRATEGIES:
        means = [
            record[key][strategy]["mean"] for key in ("distance_to_best", "distance_to_best_texts")
        ]
        shown = " | ".join("-" if mean is None else f"{100 * mean:.1f}" for mean in means)
        lines.append(f"| `{strategy}` | {shown} |")
    return "\n".join(lines) + "\n"


def sample_lines(name: str, sample: Figures) -> list[str]:
    """Return the table of one sample."""
    parts = [f"{sample['train']} train", f"{sample['val']} validate"]
    parts += [f"{sample['test']} test"] if sample["test"] else []
    unit = "tokens" if sample["test"] else "px"
    title = f"## {name}: {', '.join(parts)}, {sample['size']} {unit}"
    lines = [title, "", "| strategy | seeds | accuracy % | minutes | trained | MB | kept MB |"]
    lines.append("|---|---|---|---|---|---|---|")
    for strategy, f in sample["strategies"].items():
        a, kept = f["accuracy"], f["stored_mb"]
        shown = f"{100 * a['value']:.1f} ({100 * a['low']:.1f} to {100 * a['high']:.1f})"
        lines.append(
            f"| `{strategy}` | {len(f['seeds'])} | {shown} | {f['minutes']:.2f} "
            f"| {f['trainable_parameters']:,} | {f['peak_anonymous_mb']:.0f} "
            f"| {'-' if kept is None else f'{kept:.2f}'} |"
        )
    lines.append("")
    for key, test in sample.items():
        if " - " in key:
            d = test["difference"]
            lines.append(
                f"`{key.replace(' - ', '` minus `')}`: {100 * d['value']:+.1f} points "
                f"({100 * d['low']:+.1f} to {100 * d['high']:+.1f}), won {sum(test['wins'])}, "
                f"lost {sum(test['losses'])}, p = {test['p_pooled']:g} over all seeds "
                f"(each: {', '.join(f'{p:g}' for p in test['p_each'])})."
            )
            lines.append("")
    return lines


if __name__ == "__main__":
    main()
