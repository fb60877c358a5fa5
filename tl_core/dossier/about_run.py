"""What a decision record says of the run: its result, curves, decisions, limits, and origin."""

from __future__ import annotations

import csv
import shlex
from collections import Counter
from collections.abc import Iterator

from tl_core import files, wording
from tl_core.data.dataset import Dataset
from tl_core.dossier.about_plan import find_base, share_of
from tl_core.i18n import _
from tl_core.report.card import Block, Code, Facts, Points, Table, Text
from tl_core.report.card_curves import accuracy_drawing, loss_drawing
from tl_core.runs import events, store
from tl_core.runs.model import WEIGHTS_FILE
from tl_core.runs.state import RunState
from tl_core.spec import DEFAULT_PATIENCE, DEFAULT_VAL_FRACTION
from tl_core.watch import decisions as told_decisions
from tl_core.watch import ending
from tl_core.watch.story import story

CLASSES_SHOWN = 40
FEW = 100
"""Validation examples below which an interval is wider than 10 points on either side."""
RARE = 5.0  # times as many examples in the largest class as in the smallest


def result(run: RunState) -> tuple[Block, ...]:
    """Return how good the run's best weights are, overall and per class."""
    best, test = share_of((run.best or {}).get("val_accuracy")), None
    test = share_of((run.finished or {}).get("test_accuracy"))
    rows = []
    if best is not None:
        rows.append(
            (_("right on validation examples"), f"{wording.percent_interval(best)}, n = {best.n}")
        )
    if test is not None:
        rows.append(
            (
                _("right on test examples, used once"),
                f"{wording.percent_interval(test)}, n = {test.n}",
            )
        )
    if run.best:
        rows.append((_("best epoch"), str(run.best["epoch"])))
    rows.append((_("took"), wording.duration(run.seconds)))
    blocks: list[Block] = [Facts(tuple(rows))]
    rungs = [decision for decision in run.decisions if decision["what"] == "rung"]
    words = [*story(run, rungs), ending.what_learned(run)]
    if said := " ".join(filter(None, words)):
        blocks.append(Text(said))
    return (*blocks, *_per_class(run))


def _per_class(run: RunState) -> tuple[Block, ...]:
    """Return how many validation examples of each class were told rightly."""
    path = store.run_dir(run.id) / "artifacts" / "predictions.csv"
    if not path.is_file():
        return ()
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    given: Counter[str] = Counter()
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            total[row["label"]] += 1
            given[row["predicted"]] += 1
            right[row["label"]] += row["label"] == row["predicted"]
    rows = tuple(
        (name, wording.count(total[name]), wording.count(right[name]), wording.count(given[name]))
        for name in sorted(total)[:CLASSES_SHOWN]
    )
    headings = (_("class"), _("validation examples"), _("told rightly"), _("told so in all"))
    return (Table(headings, rows),)


def curves(run: RunState) -> tuple[Block, ...]:
    """Return loss and accuracy by epoch, drawn and as a table."""
    if not run.epochs or not run.best:
        return ()
    told = (run.epochs, run.thaws, run.best)
    headings = (_("epoch"), _("phase"), _("train loss"), _("val loss"), _("right on validation"))
    rows = tuple(
        (
            str(e["epoch"]),
            str(e["phase"]),
            f"{e['train_loss']:.4f}",
            f"{e['val_loss']:.4f}",
            wording.percent(e["val_accuracy"]),
        )
        for e in run.epochs
    )
    return (loss_drawing(*told), accuracy_drawing(*told), Table(headings, rows))


def decisions(run: RunState) -> tuple[Block, ...]:
    """Return what was decided, by Thaw and by people, and what was alarmed."""
    said = [words for one in run.decisions for words in told_decisions.sentences(one)]
    alarms = [
        _("Epoch {n}, alarm: {text}").format(n=alert["epoch"], text=alert["text"])
        for alert in run.alerts
    ]
    if not said and not alarms:
        return (Text(_("Nothing had to be decided, and nothing was alarmed.")),)
    return (Points((*said, *alarms)),)


def limits(run: RunState, dataset: Dataset | None) -> tuple[Block, ...]:
    """Return what one must not expect of the model, as far as it can be told from the record."""
    return (Points(tuple(_limits(run, dataset))),)


def _limits(run: RunState, dataset: Dataset | None) -> Iterator[str]:
    best = share_of((run.best or {}).get("val_accuracy"))
    if dataset is not None:
        text = _("It knows {n} classes and gives one of them to whatever it is shown.")
        yield text.format(n=wording.count(len(dataset.classes)))
        counts = Counter(example.label for example in dataset.examples).values()
        if max(counts) >= RARE * min(counts):
            text = _("Its largest class has {many} examples and its smallest {few}: it may pass "
                     "over rare classes.")  # fmt: skip
            yield text.format(many=wording.count(max(counts)), few=wording.count(min(counts)))
    if best is not None and best.n < FEW:
        text = _("It was judged on {n} validation examples only, so that its accuracy may lie "
                 "anywhere in the interval.")  # fmt: skip
        yield text.format(n=best.n)
    if not (run.finished or {}).get("test_accuracy"):
        yield _("The validation examples chose the best epoch, and there was no test part: on new "
                "examples expect a little less.")  # fmt: skip
    if (run.forecast or {}).get("blocked"):
        yield _("A leak between training and validation was suspected: its accuracy is no promise.")
    yield _("The accuracy holds for examples that come from where these came from. Other cameras, "
            "places, times or authors were not looked at, nor were groups of people.")  # fmt: skip
    base = find_base(run)
    if base is not None and base.licence_note:
        yield _(base.licence_note)


def versions(run: RunState, dataset: Dataset | None) -> tuple[Block, ...]:
    """Return what names exactly what was computed, with what, and from what."""
    folder = store.run_dir(run.id)
    told = events.read_events(folder / events.FILE)[0]
    used = [event.get("versions") or {} for event in told if event["kind"] == "started"]
    rows = [(name, str(value)) for name, value in (used[-1] if used else {}).items()]
    rows.append((_("run"), run.id))
    if precision := (run.finished or {}).get("precision"):
        rows.append((_("number format"), "bf16" if precision == "bf16" else "fp32"))
    if dataset is not None:
        rows.append((_("SHA-256 of the data and their split"), dataset.fingerprint))
    weights = folder / WEIGHTS_FILE
    if weights.is_file():
        rows.append((_("SHA-256 of what was learned"), files.sha256_of(weights)))
    return (Facts(tuple(rows)),)


def again(run: RunState) -> tuple[Block, ...]:
    """Return the commands that repeat the run, with Thaw and without."""
    spec = run.spec
    options = ["--base", spec.base, "--strategy", run.strategy, "--seed", str(spec.seed)]
    options += ["--size", str(spec.size)] if spec.size else []
    options += ["--epochs", str(spec.epochs)] if spec.epochs else []
    options += ["--minutes", f"{spec.minutes:g}"] if spec.minutes else []
    options += (
        ["--val", f"{spec.val_fraction:g}"] if spec.val_fraction != DEFAULT_VAL_FRACTION else []
    )
    options += ["--patience", str(spec.patience)] if spec.patience != DEFAULT_PATIENCE else []
    options += ["--retention", spec.retention] if spec.retention != "none" else []
    with_thaw = shlex.join(["thaw", "train", spec.dataset, *options])
    without = shlex.join(["thaw", "export", run.id, "--format", "script"])
    return (
        Text(_("With Thaw, on the same data:")),
        Code(with_thaw),
        Text(_("Without Thaw, by a script that this writes:")),
        Code(without),
    )
