"""Whether a model tuned on a related task is the closest base, and whether ranking finds that out.

    THAW_PRECISION=fp32 OMP_NUM_THREADS=1 python benchmarks/related_bases.py [NAME …]

A network is tuned on one half of a set. Then the ranking of bases is asked twice, with few
examples: for the other half, which is related, and for ants and bees, which are not. The examples
of a draw are nested: those of a smaller number are among those of a larger one. Whatever it says is
checked by training a last layer on each base and judging it on examples that neither has seen.
Halves by class share how their pictures were taken (hands and light, ink, colours turned about),
not classes. `cells` asks the same question of another product: defects of solar cells, learned on
those of single crystals, asked of those of many. `negatives` asks for the same ten kinds of things,
learned on photographs, on others that are negatives with their colours swapped.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import made_sets
import numpy as np
from measuring import write_results

from tl_core import catalog, files
from tl_core.advisor import bases
from tl_core.data import import_data
from tl_core.data.dataset import Dataset
from tl_core.engine import compare
from tl_core.engine.train import train_run
from tl_core.evidence import measure
from tl_core.runs import store
from tl_core.spec import DEFAULT_BASE, DEFAULT_VAL_FRACTION, RunSpec, to_dict

COMMAND = "THAW_PRECISION=fp32 OMP_NUM_THREADS=1 python benchmarks/related_bases.py"
SIZE_PX = 64  # the signs have 100, the others 32
EPOCHS = 16
DRAWS = 2
PER_CLASS = (5, 10, 20)
HELD_OUT = 50  # per class, at most
LEARNED_AT_MOST = 250  # per class: what the signs have at most is 208
DIGITS = tuple("0123456789")


def silent(kind: str, /, **fields: Any) -> None:
    """Take the place of `emit`."""


def folder_of(
    source: Path, classes: Sequence[str], target: Path, *, per_class: int, draw: int
) -> Path:
    """Write a folder of pictures to train on and of pictures held out."""
    for label in classes:
        pictures = sorted((source / label).iterdir())
        order = np.random.default_rng(draw).permutation(len(pictures))
        chosen = [pictures[place] for place in order]
        held = min(HELD_OUT, len(chosen) // 3)
        for part, some in (("val", chosen[:held]), ("train", chosen[held:][:per_class])):
            (target / part / label).mkdir(parents=True)
            for path in some:
                shutil.copyfile(path, target / part / label / path.name)
    return target


def trained(dataset: Dataset, strategy: str, base: str = DEFAULT_BASE, seed: int = 0) -> str:
    """Train and return the id of the run."""
    spec = RunSpec(
        "train", dataset=dataset.id, base=base, strategy=strategy, size=SIZE_PX, seed=seed,
        epochs=EPOCHS,
    )  # fmt: skip
    run = store.new_run(spec)
    train_run(spec, dataset, strategy, store.run_dir(run), silent, lambda: True)
    return run


def ranked(dataset: Dataset, ids: Sequence[str]) -> tuple[bases.Ranked, ...]:
    """Measure the bases on the data and rank them as Thaw does."""
    found = [
        measure(
            dataset, base, size=SIZE_PX, seed=0, val_fraction=DEFAULT_VAL_FRACTION, emit=silent,
            should_continue=lambda: True,
        )
        for base in ids
    ]  # fmt: skip
    return bases.rank(found, {base: catalog.find(base).static_rank for base in ids})


def judged(dataset: Dataset, ids: Sequence[str]) -> dict[str, Any]:
    """Train a last layer on each base and compare what the two get right of those held out."""
    rights = [
        compare.read_rights(store.run_dir(trained(dataset, "linear_probe", base))) for base in ids
    ]
    return {
        "n": len(rights[0]),
        "right": {base: int(right.sum()) for base, right in zip(ids, rights, strict=True)},
        "p": compare.mcnemar_p(rights[0], rights[1]),
    }


def case(source: Path, classes: Sequence[str], work: Path, tuned: str) -> list[dict[str, Any]]:
    """Return one row for each draw and number of examples: the ranking, and whether it holds.

    `work` is a folder for the examples of this task alone.
    """
    ids = (f"{catalog.RUN_PREFIX}{tuned}", DEFAULT_BASE)
    names = {ids[0]: "tuned", ids[1]: DEFAULT_BASE}
    rows = []
    for draw in range(DRAWS):
        for per_class in PER_CLASS:
            name = f"{source.name}-{per_class}-{draw}"
            folder = folder_of(source, classes, work / name, per_class=per_class, draw=draw)
            dataset = import_data(folder, name=name)
            places = ranked(dataset, ids)
            end = judged(dataset, ids)
            rows.append(
                {
                    "draw": draw,
                    "per_class": per_class,
                    "n": places[0].evidence.n,
                    "ranking": [_told(place, names) for place in places],
                    "held_out": end
                    | {"right": {names[base]: n for base, n in end["right"].items()}},
                }
            )
            print(name, rows[-1]["ranking"], rows[-1]["held_out"], flush=True)
    return rows


def _told(place: bases.Ranked, names: dict[str, str]) -> dict[str, Any]:
    evidence = place.evidence
    return {
        "base": names[evidence.base],
        "linear_probe": to_dict(evidence.linear_probe),
        "leep_per_log_c": evidence.leep_per_log_c,
        "p_vs_best": place.p_vs_best,
        "p_holm": place.p_holm,
        "is_tied": place.is_tied,
        "is_recommended": place.is_recommended,
    }


@dataclass(frozen=True)
class Halves:
    """A set in two halves: one to tune on, the other to ask for."""

    source: Callable[[], Path]
    """Returns the folder of its class folders."""
    learned: tuple[str, ...]
    related: tuple[str, ...]
    other: Callable[[], Path] | None = None
    """Returns the folder of the related half, where it is another one."""


ONE_HALF = ("airplane", "bird", "deer", "frog", "ship")
OTHER_HALF = ("automobile", "cat", "dog", "horse", "truck")
PHOTOGRAPHED = (*ONE_HALF, *OTHER_HALF)
HALVES = {
    "signs": Halves(lambda: files.data_root() / "sign_digits", DIGITS[:5], DIGITS[5:]),
    "digits": Halves(lambda: made_sets.folder("digits") / "all", DIGITS[:5], DIGITS[5:]),
    "turned": Halves(lambda: made_sets.folder("cifar10_turned") / "train", ONE_HALF, OTHER_HALF),
    "negatives": Halves(
        lambda: files.data_root() / "cifar10" / "train",
        PHOTOGRAPHED,
        PHOTOGRAPHED,
        lambda: made_sets.folder("cifar10_turned") / "val",
    ),
    "cells": Halves(
        lambda: made_sets.folder("solar_kinds") / "mono",
        ("defective", "intact"),
        ("defective", "intact"),
        lambda: made_sets.folder("solar_kinds") / "poly",
    ),
}
"""Every case by its name; the halves of small photographs were cut by the alphabet."""


def found_for(halves: Halves, work: Path) -> dict[str, Any]:
    """Tune on one half, and return how the ranking does for the other and for another task."""
    source = halves.source()
    folder = folder_of(source, halves.learned, work / "learned", per_class=LEARNED_AT_MOST, draw=0)
    dataset = import_data(folder, name=f"{work.name}, learned")
    run = trained(dataset, "full_fine_tune")
    base = catalog.find(f"{catalog.RUN_PREFIX}{run}")
    ants = files.data_root() / "ants_bees" / "train"
    return {
        "tuned": {"n": len(dataset.examples), "accuracy": asdict(base.tuned[0].accuracy)},
        "related": case(
            halves.other() if halves.other else source, halves.related, work / "related", run
        ),
        "unrelated": case(ants, ("ants", "bees"), work / "unrelated", run),
    }


def main() -> None:
    """Tune, ask for both tasks, and write the results of every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(HALVES)}; default: all")
    names = parser.parse_args().names or tuple(HALVES)
    kept = Path(__file__).with_suffix(".json")
    results = json.loads(kept.read_text(encoding="utf-8"))["results"] if kept.exists() else {}
    results["size_px"] = SIZE_PX
    with tempfile.TemporaryDirectory() as home:
        os.environ["THAW_HOME"] = home
        for name in names:
            results[name] = found_for(HALVES[name], Path(home) / "drawn" / name)
            write_results(__file__, COMMAND, results)


if __name__ == "__main__":
    main()
