"""A closer look at a finished run: what its model says, where it looks, how its features lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tl_core import wording
from tl_core.analysis import answers, looks, mistakes
from tl_core.analysis.answers import Answers, Part
from tl_core.analysis.looks import Looked, Looks
from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.engine import checkpoint, evaluate, feature_map, precision, words
from tl_core.engine import looks as looking
from tl_core.engine.finish import Said, keep_answers
from tl_core.engine.modality import modality_of
from tl_core.engine.rebuild import Rebuilt, rebuild
from tl_core.engine.setup import Ask, Emit, reporter
from tl_core.i18n import _
from tl_core.spec import RunSpec, to_dict

MOST_LOOKS = 12  # examples looked at where none are named


def explain(
    spec: RunSpec,
    dataset: Dataset,
    run_dir: Path,
    *,
    aspects: Sequence[str],
    rows: Sequence[int] = (),
    emit: Emit,
    should_continue: Ask,
) -> None:
    """Look closer at a run; what is found is kept among its artifacts.

    Args:
        spec: what the run was asked for, its strategy the one that was run.
        dataset: what it was trained on, at its revision.
        run_dir: its folder; it has come to its end and has kept weights.
        aspects: what to look at, some of `spec.ASPECTS`.
        rows: examples to look at, by their rows; empty: the worst mistakes.
        emit: called with an event kind and its fields.
        should_continue: asked now and then; False to stop.

    Raises:
        InputError: if the base cannot be had any more.
        FileNotFoundError: if the run has kept no weights.
        Cancelled: if it was stopped.
    """
    precision.keep_freed_memory()
    emit("phase", phase="explain", what=_("Loading the model of the run"))
    rebuilt = rebuild(spec, dataset, run_dir)
    if "answers" in aspects:
        emit("phase", phase="answers", what=_("Asking the model about its held-out examples"))
        answer(spec, dataset, run_dir, rebuilt)
    if "looks" in aspects:
        emit("phase", phase="looks", what=_("Finding out where it looks"))
        report = reporter(emit, should_continue, wording.things(dataset.modality))
        look(dataset, run_dir, rebuilt, rows, report)
    if "map" in aspects:
        emit("phase", phase="map", what=_("Comparing features before and after"))
        report = reporter(emit, should_continue, wording.things(dataset.modality))
        is_changed = any(name.startswith("body.") for name in checkpoint.load_best(run_dir))
        feature_map.draw(spec, dataset, run_dir, rebuilt, is_changed, report)


def answer(spec: RunSpec, dataset: Dataset, run_dir: Path, rebuilt: Rebuilt) -> None:
    """Write what the model says of every held-out example, as runs do at their end."""
    parts = split(dataset, val_fraction=spec.val_fraction, seed=spec.seed)
    modality = modality_of(dataset.modality)
    said: dict[Part, Said] = {}
    named: tuple[tuple[Part, tuple[int, ...]], ...] = (("val", parts.val), ("test", parts.test))
    for name, places in named:
        if places:
            examples = modality.open_examples(dataset, places, rebuilt.backbone)
            learner = rebuilt.learner
            logits = evaluate.run(learner, learner, examples, range(len(places)))
            said[name] = (places, logits)
    keep_answers(run_dir, dataset, said)


def look(
    dataset: Dataset,
    run_dir: Path,
    rebuilt: Rebuilt,
    rows: Sequence[int],
    report: Callable[[int, int], None],
) -> None:
    """Write where the model looks in some held-out examples; those that are asked for, if any."""
    parts = answers.read(run_dir, dataset)
    known = {e.row: place for place, e in enumerate(dataset.examples)}
    given = {
        int(row): int(one.given[place])
        for one in parts.values()
        for place, row in enumerate(one.rows)
    }
    asked = [row for row in rows or telling(parts["val"]) if row in given and row in known]
    if not asked:
        return
    places, classes = [known[row] for row in asked], [given[row] for row in asked]
    if dataset.modality == "text":
        looks.add(run_dir, weighed(dataset, rebuilt, places, classes, report))
        return
    before = looks.read(run_dir)
    check = before is None or before.head is None
    found = looking.look(rebuilt, dataset, places, classes, run_dir, report, check=check)
    looks.add(run_dir, found or Looks("", ()))


def telling(val: Answers) -> list[int]:
    """Return rows of the surest mistakes; where there are few, of right answers besides."""
    places = mistakes.worst(val)[:MOST_LOOKS]
    rest = [place for place in mistakes.surest(val) if val.is_right[place]]
    return [int(val.rows[place]) for place in [*places, *rest[: MOST_LOOKS - len(places)]]]


def weighed(
    dataset: Dataset,
    rebuilt: Rebuilt,
    places: Sequence[int],
    classes: Sequence[int],
    report: Callable[[int, int], None],
) -> Looks:
    """Return texts with their words weighed for the class that each was given."""
    looked = []
    for done, (place, given) in enumerate(zip(places, classes, strict=True), 1):
        example = dataset.examples[place]
        told = words.weigh(rebuilt.learner, rebuilt.backbone, dataset, example.text, given)
        rest = " ".join(example.text.split()[words.MOST_WORDS :])
        own = tuple(to_dict(word) for word in told)
        looked.append(Looked(example.row, dataset.classes[given], words=own, rest=rest))
        report(done, len(places))
    return Looks("words", tuple(looked))
