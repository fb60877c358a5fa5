"""Whether a model tuned on a related task is the closest base, and whether ranking finds that out.

    THAW_PRECISION=fp32 OMP_NUM_THREADS=1 python benchmarks/related_bases.py

A network is tuned on the hand signs 0 to 4. Then the ranking of bases is asked twice, with few
examples: for the signs 5 to 9, which are related, and for ants and bees, which are not. The
examples of a draw are nested: those of a smaller number are among those of a larger one. Whatever
it says is checked by training a last layer on each base and judging it on examples that neither
has seen. People who showed signs 0 to 4 also showed 5 to 9: the two halves share hands and light,
not classes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

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
SIZE_PX = 64  # the signs have 100
EPOCHS = 16
DRAWS = 2
PER_CLASS = (5, 10, 20)
HELD_OUT = 50  # per class, at most
LEARNED, RELATED = ("0", "1", "2", "3", "4"), ("5", "6", "7", "8", "9")


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
    """Return one row for each draw and number of examples: the ranking, and whether it holds."""
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


def main() -> None:
    """Tune, ask for both tasks, and write the results."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["THAW_HOME"] = home
        work, data = Path(home) / "drawn", files.data_root()
        signs = data / "sign_digits"
        learned = folder_of(signs, LEARNED, work / "learned", per_class=10**6, draw=0)
        dataset = import_data(learned, name="signs 0 to 4")
        run = trained(dataset, "full_fine_tune")
        base = catalog.find(f"{catalog.RUN_PREFIX}{run}")
        results = {
            "size_px": SIZE_PX,
            "tuned": {"n": len(dataset.examples), "accuracy": asdict(base.tuned[0].accuracy)},
            "related": case(signs, RELATED, work, run),
            "unrelated": case(data / "ants_bees" / "train", ("ants", "bees"), work, run),
        }
    write_results(__file__, COMMAND, results)


if __name__ == "__main__":
    main()
