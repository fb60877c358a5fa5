"""The end of a run: the best weights are put back and judged once more, on what was never seen."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from tl_core import files
from tl_core.catalog import tuned
from tl_core.engine import adapters, checkpoint, evaluate, together, words
from tl_core.engine.modality import modality_of
from tl_core.engine.phase import put_back
from tl_core.engine.record import Run
from tl_core.engine.scores import accuracy, judge
from tl_core.spec import Accuracy


def summary(run: Run) -> dict[str, Any]:
    """Return the fields of the finished event; writes predictions of the best weights."""
    progress = run.progress
    seconds = run.seconds()
    best = progress.best
    together.agreed(lambda: None)  # the best weights are on disk
    put_back(run, best)
    untouched = run.frozen is not None and best["phase"] in ("before", "head")
    logits, agreement = _looked_at(run, untouched=untouched)
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
        if run.bench.dataset.modality == "text":
            _weigh_words(run, logits)
    whole = _merged_sizes(run)
    return {
        "stop_reason": progress.stop_reason,
        "best": {key: best[key] for key in ("epoch", "val_loss", "val_accuracy")},
        "best_phase": best["phase"],
        "thawed": best["thawed"],
        "base_share": best.get("base_share", 0.0),
        "test_accuracy": asdict(test) if test else None,
        "retention": {"agreement": agreement},
        "seconds": round(seconds, 3),
        "images_per_second": (
            round(progress.step_examples / progress.step_seconds, 1)
            if progress.step_seconds
            else None
        ),
        "trainable_parameters": best["moving"],
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
    tuned.write(run.folder, record)


def _merged_sizes(run: Run) -> list[tuple[int, int]]:
    """Return (numbers, bytes) of each tensor of base and head, adapters merged into the base."""
    head = {f"head.{name}": value for name, value in run.bench.learner.head.state_dict().items()}
    body = {n: v for n, v in run.bench.initial.items() if not adapters.is_adapter(n)}
    return [(v.numel(), v.numel() * v.element_size()) for v in (*body.values(), *head.values())]


def _looked_at(run: Run, *, untouched: bool) -> tuple[torch.Tensor, float | None]:
    """Return logits [n_val, classes], and how often the base still names the same thing.

    For the latter, in [0, 1], the base's own classifier is put on the body as it is now and on
    the body as it was, over the validation examples: no source picture is needed. None for a
    base without a classifier, and where nothing was inherited.
    """
    bench, frozen = run.bench, run.frozen
    source_head = bench.backbone.source_head
    has_source = frozen is not None and source_head is not None
    if untouched:
        assert frozen is not None
        logits = evaluate.head_logits(bench, frozen.seen(frozen.val))
        return logits, 1.0 if has_source else None
    learner = bench.learner
    rows = range(len(bench.val))
    now = evaluate.run(learner, learner.features, bench.val.examples, rows)
    logits = evaluate.head_logits(bench, now)
    if frozen is None or source_head is None:
        return logits, None
    with torch.inference_mode():
        judge_of = source_head.float().cpu()
        same = judge_of(now).argmax(1) == judge_of(frozen.val.last).argmax(1)
    return logits, round(float(same.float().mean()), 4)


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
