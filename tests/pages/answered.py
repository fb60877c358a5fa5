"""Finished runs with answers that were made up: so many right, some wrong, surely so."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.pages.conftest import Make
from tests.pages.handmade import best_of, epoch
from tl_core import files
from tl_core.analysis import answers, calibration
from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.runs import store
from tl_core.spec import RunSpec

SURE, UNSURE = 4.0, 1.0  # logits of the class given


def finished_run(
    make_run: Make, dataset: Dataset, *, wrong: int, whole: bool = True, **changes: Any
) -> str:
    """Make a finished run that took the first `wrong` examples of class 0 for class 1.

    Args:
        make_run: the fixture.
        dataset: what it was trained on.
        wrong: how many it got wrong.
        whole: whether it kept all probabilities, or, as earlier runs, the first class only.
        changes: of its request.
    """
    spec = RunSpec(**{"kind": "train", "dataset": dataset.id, "strategy": "linear_probe"} | changes)
    end = {"stop_reason": "epochs", "best": best_of(epoch(3)), "test_accuracy": None}
    run = make_run(spec, ("epoch", epoch(3)), ("finished", end))
    parts = split(dataset, val_fraction=spec.val_fraction, seed=spec.seed)
    folder = store.run_dir(run)
    said = {"val": _said(dataset, parts.val, wrong)}
    if parts.test:
        said["test"] = _said(dataset, parts.test, 0)
    answers.write(folder, dataset.classes, said)  # type: ignore[arg-type]
    if whole:
        calibration.write(folder, calibration.fit(answers.read(folder, dataset)["val"]))
    else:
        _as_earlier(folder, dataset, answers.read(folder, dataset)["val"])
    return run


def _said(dataset: Dataset, places: tuple[int, ...], wrong: int) -> answers.Said:
    labels = [dataset.examples[place].label for place in places]
    logits = np.zeros((len(places), len(dataset.classes)), dtype=np.float32)
    left = wrong
    for place, label in enumerate(labels):
        is_wrong = label == 0 and left > 0
        left -= is_wrong
        logits[place, 1 if is_wrong else label] = SURE if is_wrong else UNSURE
    return [dataset.examples[place].row for place in places], labels, logits


def _as_earlier(folder: Any, dataset: Dataset, found: answers.Answers) -> None:
    (folder / answers.FILE).unlink()
    known = {e.row: e for e in dataset.examples}
    lines = ["key,name,label,predicted,probability"]
    for row, label, given in zip(found.rows, found.labels, found.given, strict=True):
        example = known[int(row)]
        names = dataset.classes[label], dataset.classes[given]
        lines.append(f"{example.key},{example.name},{names[0]},{names[1]},0.5")
    files.write_atomically(folder / "artifacts" / "predictions.csv", "\n".join(lines))
