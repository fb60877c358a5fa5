"""The end of a run: the best weights are put back and judged once more, on what was never seen."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from tl_core import files
from tl_core.analysis import answers, calibration
from tl_core.catalog import learned, tuned
from tl_core.data.dataset import Dataset
from tl_core.data.faults import look
from tl_core.engine import (
    adapters,
    checkpoint,
    evaluate,
    forgetting,
    precision,
    together,
    unlike,
    words,
)
from tl_core.engine.evaluate import Source
from tl_core.engine.modality import modality_of
from tl_core.engine.phase import put_back
from tl_core.engine.record import Run
from tl_core.engine.scores import accuracy, judge
from tl_core.spec import Accuracy

NOT_MEASURED: dict[str, Any] = {"agreement": None}
Said = tuple[Sequence[int], torch.Tensor]
"""Places of examples in the dataset, and logits [n, classes] of them."""


def summary(run: Run) -> dict[str, Any]:
    """Return the fields of the finished event; writes predictions of the best weights."""
    progress = run.progress
    seconds = run.seconds()
    best = progress.best
    together.agreed(lambda: None)  # the best weights are on disk
    put_back(run, best)
    untouched = run.frozen is not None and best["phase"] in ("before", "head")
    logits, left = _looked_at(run, untouched=untouched)
    tested = _tested(run)
    test = _accuracy_on(run, run.bench.test_rows, tested) if tested is not None else None
    learned_bytes = 0
    if together.rank() == 0:
        kept = checkpoint.settle_best(run.folder, best["epoch"], is_mixed="base_share" in best)
        learned_bytes = kept.stat().st_size
        _keep_as_base(run, kept)
        _write_predictions(run, "predictions.csv", run.bench.val.rows, logits)
        if tested is not None:
            _write_predictions(run, "test_predictions.csv", run.bench.test_rows, tested)
        said: dict[answers.Part, Said] = {"val": (run.bench.val.rows, logits)}
        if tested is not None:
            said["test"] = (run.bench.test_rows, tested)
        keep_answers(run.folder, run.bench.dataset, said)
        if run.bench.dataset.modality == "text":
            _weigh_words(run, logits)
        _keep_what_is_usual(run)
    whole = _merged_sizes(run)
    return {
        "stop_reason": progress.stop_reason,
        "best": {key: best[key] for key in ("epoch", "val_loss", "val_accuracy")},
        "best_phase": best["phase"],
        "thawed": best["thawed"],
        "base_share": best.get("base_share", 0.0),
        "test_accuracy": asdict(test) if test else None,
        "retention": left,
        "seconds": round(seconds, 3),
        "images_per_second": (
            round(progress.step_examples / progress.step_seconds, 1)
            if progress.step_seconds
            else None
        ),
        "trainable_parameters": best["moving"],
        "precision": precision.mixed_precision(),
        "parameters": sum(count for count, _bytes in whole),
        "sizes": {"learned_bytes": learned_bytes, "whole_bytes": sum(size for _c, size in whole)},
    }


def _keep_as_base(run: Run, weights: Path) -> None:
    """Write what the run has made of its base, so that others can begin with it."""
    best, bench, spec = run.progress.best, run.bench, run.spec
    record = tuned.Tuned(
        origin=spec.base,
        strategy=run.strategy,
        dataset=bench.dataset.id,
        dataset_name=bench.dataset.name,
        fingerprint=bench.dataset.fingerprint,
        classes=len(bench.dataset.classes),
        accuracy=Accuracy(**best["val_accuracy"]),
        is_changed=best["phase"] not in ("before", "head"),
        size=bench.backbone.size,
        seed=spec.seed,
        val_fraction=spec.val_fraction,
        stages=bench.backbone.stages,
        sha256=files.sha256_of(weights),
        origin_sha256=bench.backbone.base.weights,
    )
    learned.write(run.folder, (look(bench.dataset.examples[row]) for row in bench.train.rows))
    tuned.write(run.folder, record)


def _keep_what_is_usual(run: Run) -> None:
    """Write how far held-out examples lie from training ones; see `unlike`."""
    if run.frozen is None:
        return
    seed, train, val = run.spec.seed, run.frozen.train.last, run.frozen.val.last
    some = unlike.chosen(len(train), unlike.MOST_REFERENCES, seed)
    held_out = unlike.chosen(len(val), unlike.MOST_HELD_OUT, seed)
    unlike.keep(run.folder, unlike.familiar(train[some], val[held_out]))


def _merged_sizes(run: Run) -> list[tuple[int, int]]:
    """Return (numbers, bytes) of each tensor of base and head, adapters merged into the base."""
    head = {f"head.{name}": value for name, value in run.bench.learner.head.state_dict().items()}
    body = {n: v for n, v in run.bench.initial.items() if not adapters.is_adapter(n)}
    return [(v.numel(), v.numel() * v.element_size()) for v in (*body.values(), *head.values())]


def _looked_at(run: Run, *, untouched: bool) -> tuple[torch.Tensor, dict[str, Any]]:
    """Return logits [n_val, classes], and what is left of the base, as `forgetting` measures it."""
    bench, known = run.bench, run.known
    if untouched:
        assert run.frozen is not None
        logits = evaluate.head_logits(bench, run.frozen.seen(run.frozen.val))
        return logits, forgetting.untouched(known, bench.backbone) if known else NOT_MEASURED
    source = Source(bench.train.examples, bench.train.examples, bench.val.examples)
    logits, passed = evaluate.deeply(bench, source)
    if known is None or passed is None:
        return logits, NOT_MEASURED
    seen = evaluate.through(bench.learner, source.check, 0, bench.check)[1]
    return logits, forgetting.measure(bench, known, 0, (passed, seen))


def _tested(run: Run) -> torch.Tensor | None:
    """Return logits [n_test, classes] of the best weights on the test part, if there is one.

    This is the only time that it is read.
    """
    bench = run.bench
    if not bench.test_rows:
        return None
    modality = modality_of(bench.dataset.modality)
    examples = modality.open_examples(bench.dataset, bench.test_rows, bench.backbone)
    return evaluate.run(bench.learner, bench.learner, examples, range(len(examples)))


def _weigh_words(run: Run, logits: torch.Tensor) -> None:
    """Write which words some held-out texts rest on; like the rest, with the best weights."""
    bench = run.bench
    told = words.told(bench.learner, bench.backbone, bench.dataset, bench.val.rows, logits)
    files.write_json(run.folder / "artifacts" / "words.json", told)


def keep_answers(folder: Path, dataset: Dataset, said: Mapping[answers.Part, Said]) -> None:
    """Write what was said of each held-out example, and the temperature that fits it."""
    told: dict[answers.Part, answers.Said] = {}
    for part, (places, logits) in said.items():
        examples = [dataset.examples[place] for place in places]
        rows, labels = [e.row for e in examples], [e.label for e in examples]
        told[part] = (rows, labels, logits.float().numpy())
    answers.write(folder, dataset.classes, told)
    calibration.write(folder, calibration.fit(answers.read(folder, dataset)["val"]))


def _accuracy_on(run: Run, rows: Sequence[int], logits: torch.Tensor) -> Accuracy:
    labels = torch.tensor([run.bench.dataset.examples[row].label for row in rows])
    return accuracy(int(judge(logits, labels)[1].sum()), len(labels))


def _write_predictions(run: Run, name: str, rows: Sequence[int], logits: torch.Tensor) -> None:
    """Write one line per example of a part: its name, its class, the class given, how sure."""
    bench = run.bench
    probabilities, given = logits.softmax(1).max(1)
    classes = bench.dataset.classes
    path = run.folder / "artifacts" / name
    with (
        files.replacing(path) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(["key", "name", "label", "predicted", "probability"])
        for place, row in enumerate(rows):
            example = bench.dataset.examples[row]
            label, predicted = classes[example.label], classes[int(given[place])]
            sure = round(float(probabilities[place]), 4)
            writer.writerow([example.key, example.name, label, predicted, sure])
