"""What a script needs in order to repeat a finished run: read off the run and its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.engine import adapters, caches, checkpoint, inherit, retention
from tl_core.engine.chain import borders
from tl_core.engine.checkpoint import Progress
from tl_core.engine.export.description import picture_input, versions
from tl_core.engine.export.network import taps_of
from tl_core.engine.export.stretches import ROLLBACK, THAW_NEXT, Stretch, applied, stretches
from tl_core.engine.learner import rates_of
from tl_core.engine.modality import Backbone, Raw, modality_of, vision
from tl_core.engine.modality.encoder import Encoder, Segment
from tl_core.engine.strategies import Phase, phases
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.recipe import Pictures, Recipe, Ridge, Step, Weights
from tl_core.spec import RunSpec

ENDS = ("finished", "stopped")
"""Kinds of events that a run ends with."""
LOWER_LR, HELD, STRONGER = "lower_lr", "more_regularisation", "more_augmentation"
HARMLESS = frozenset({"stop_keep_best", "ignore"})
"""Actions of people that change nothing of what is learned."""

Fields = Mapping[str, Any]


def recipe_of(
    spec: RunSpec,
    dataset: Dataset,
    strategy: str,
    run_dir: Path,
    told: Sequence[Fields],
    *,
    is_bf16: bool,
) -> tuple[Recipe, Backbone]:
    """Return the recipe of a finished run, and the base that it began with.

    Args:
        spec: what was asked for.
        dataset: what it was trained on.
        strategy: what was chosen.
        run_dir: folder of the run.
        told: its events, each with its `kind`.
        is_bf16: whether it computed in bf16.

    Raises:
        InputError: if people have steered it on the way as no script can repeat.
    """
    kept = checkpoint.load(run_dir)
    progress = kept[0] if kept else Progress()
    _require_repeatable(told)
    base = catalog.find(spec.base)
    backbone = inherit.load_backbone(base, size=spec.size, pretrained=strategy != "from_scratch")
    parts = split(dataset, val_fraction=spec.val_fraction, seed=spec.seed)
    train = modality_of(dataset.modality).open_examples(dataset, parts.train, backbone)
    is_text = isinstance(backbone.body, Encoder)
    made = Recipe(
        run=run_dir.name,
        dataset=dataset.name,
        strategy=strategy,
        classes=dataset.classes,
        width=checkpoint.load_best(run_dir)["head.mean"].shape[0],
        seed=spec.seed,
        is_bf16=is_bf16,
        steps=_steps(spec, strategy, progress, told, backbone, train),
        versions=versions(),
        penalty=progress.penalty,
        ridge=_ridge(told),
        pictures=None if is_text else _pictures(backbone, progress),
        l2_sp=retention.L2_SP if spec.retention == "l2_sp" or _since(told, HELD) else 0.0,
        is_held=spec.retention == "l2_sp",
        held=_since(told, HELD),
        ldifs=retention.LDIFS if spec.retention == "ldifs" else 0.0,
        borders=_borders(backbone),
        slower=_since(told, LOWER_LR),
        stronger=tuple(epoch + 1 for epoch, _batch in _since(told, STRONGER)),
        **_of_base(backbone, strategy),
        **_of_best(told),
    )
    return made, backbone


def _of_base(backbone: Backbone, strategy: str) -> dict[str, Any]:
    """Return the fields of a recipe that say what the network is."""
    body = backbone.body
    is_text = isinstance(body, Encoder)
    return {
        "weights": _weights(backbone, strategy),
        "size": backbone.size,
        "is_joined": not is_text and backbone.chain.segments[0] is not body,
        "stages": _prefixes(backbone),
        "taps": _taps(backbone) if strategy == "multi_stage_probe" else (),
        "layers": f"network.{body.layers_name}" if isinstance(body, Encoder) else "",
        "last_token": isinstance(body, Encoder) and body.last_token,
        "adapted": backbone.adapted if strategy == "lora" else (),
        "rank": adapters.RANK,
        "alpha": adapters.ALPHA,
    }


def _of_best(told: Sequence[Fields]) -> dict[str, Any]:
    """Return the fields that say how good the run's best was, as it told at its end."""
    ends = (e["best"] for e in reversed(told) if e["kind"] in ENDS and e.get("best"))
    best = next(ends)
    share = best["val_accuracy"]
    return {
        "epoch": best["epoch"],
        "loss": best["val_loss"],
        "accuracy": share["value"],
        "n": share["n"],
    }


def _require_repeatable(told: Sequence[Fields]) -> None:
    """Refuse what a plain list of steps cannot say.

    Raises:
        InputError: if people have changed the run in such a way while it learned.
    """
    done = [*_unrepeatable(applied(told))]
    if not done:
        return
    names = ", ".join(f"{e['action']} ({e['epoch']})" for e in done)
    message = _("People have changed this run while it learned: {actions}, each with its epoch. "
                "A script cannot repeat that.")  # fmt: skip
    fix = _("Choose another format, or train again without it.")
    raise InputError([Issue("format", message.format(actions=names), fix)])


def _unrepeatable(actions: Sequence[Fields]) -> Iterator[Fields]:
    """Yield the actions that no script repeats.

    That is what older logs tell without its batch or phase, and a way back behind a lower rate,
    since what goes on after it learns at the rate from before.
    """
    is_slower = False
    for e in actions:
        needed = {"step", "phase"} if e["action"] in (THAW_NEXT, ROLLBACK) else {"step"}
        is_undated = not needed <= e.keys() and e["action"] not in HARMLESS
        if is_undated or (e["action"] == ROLLBACK and is_slower):
            yield e
        is_slower = is_slower or e["action"] == LOWER_LR


def _since(told: Sequence[Fields], action: str) -> tuple[tuple[int, int], ...]:
    """Return the epochs and batches from which on an action counts."""
    return tuple((e["epoch"] + 1, e["step"]) for e in applied(told) if e["action"] == action)


def _weights(backbone: Backbone, strategy: str) -> Weights:
    base = backbone.base
    is_beside = bool(base.tuned) and strategy != "from_scratch"
    if is_beside or not base.package:
        return Weights(base.architecture, is_beside=is_beside)
    return Weights(base.architecture, base.package, base.file, base.sha256)


def _pictures(backbone: Backbone, progress: Progress) -> Pictures:
    made = picture_input(backbone)
    return Pictures(
        canvas=made["canvas"],
        mean=tuple(made["mean"]),
        std=tuple(made["std"]),
        min_crops=vision.MIN_CROP_SCALES,
        max_stretch=vision.MAX_STRETCH,
        light=vision.LIGHT_RANGE,
        ways=tuple(progress.ways),
    )


def _borders(backbone: Backbone) -> tuple[str | int, ...]:
    """Return where the segments but the last end, for a script that cuts them again."""
    inner = backbone.chain.segments[:-1]
    if isinstance(backbone.body, Encoder):
        return tuple(span.end for span in inner if isinstance(span, Segment))
    stages = [stage.name for stage in backbone.stages]
    return borders(backbone.body, backbone.stage_of, stages) if inner else ()


def _taps(backbone: Backbone) -> tuple[str, ...]:
    if not isinstance(backbone.body, Encoder):
        return taps_of(backbone, backbone.body)
    spans = [s for s in backbone.chain.segments[:-1] if isinstance(s, Segment)]
    return tuple(str(span.end) for span in spans)


def _ridge(told: Sequence[Fields]) -> Ridge | None:
    fits = [event for event in told if event["kind"] == "ridge"]
    return Ridge(fits[-1]["penalty"], fits[-1]["temperature"]) if fits else None


def _prefixes(backbone: Backbone) -> dict[str, tuple[str, ...]]:
    """Return for each stage the shortest beginnings that name its parameters and no others."""
    names = [name for name, _parameter in backbone.body.named_parameters()]
    stage_of = backbone.stage_of
    found: dict[str, list[str]] = {stage.name: [] for stage in backbone.stages}
    for name in names:
        stage = stage_of.get(name)
        if stage is None or any(_begins(name, known) for known in found[stage]):
            continue
        pieces = name.split(".")
        starts = (".".join(pieces[: end + 1]) for end in range(len(pieces)))
        found[stage].append(
            next(
                start
                for start in starts
                if {stage_of.get(other) for other in names if _begins(other, start)} == {stage}
            )
        )
    return {stage: tuple(starts) for stage, starts in found.items()}


def _begins(name: str, start: str) -> bool:
    return name == start or name.startswith(f"{start}.")


def _steps(
    spec: RunSpec,
    strategy: str,
    progress: Progress,
    told: Sequence[Fields],
    backbone: Backbone,
    train: Raw,
) -> tuple[Step, ...]:
    """Return the phases as they were gone through."""
    stages = [stage.name for stage in backbone.stages]
    rates = rates_of(backbone)
    plan = phases(strategy, stages, spec.epochs, len(train), progress.cuts, rates)
    return tuple(_step(one, told, backbone, train) for one in stretches(plan, told))


def _step(one: Stretch, told: Sequence[Fields], backbone: Backbone, train: Raw) -> Step:
    phase, count = one.phase, len(one.numbers)
    rungs = [e for e in told if e["kind"] == "rung" and e["epoch"] in one.numbers]
    return Step(
        name=phase.name,
        epochs=count,
        planned=phase.epochs,
        head_steps=tuple(phase.steps_of(n) for n in range(count)) if phase.cached else (),
        thawed=phase.thawed,
        head_lr=phase.head_lr,
        body_lr=phase.body_lr,
        decay=phase.decay,
        border=_border(phase, backbone, train),
        share=_share(one, told),
        is_undone=bool(rungs) and not rungs[-1]["paid"],
        cut=one.cut,
        is_taken_back=one.is_undone,
    )


def _share(one: Stretch, told: Sequence[Fields]) -> float | None:
    """Return the share of the tuned weights in the mixture that was kept after a phase."""
    mixed = [e for e in told if e["kind"] == "interpolation" and e["epoch"] in one.numbers]
    return mixed[-1]["share"] if mixed and mixed[-1]["share"] < 1 else None


def _border(phase: Phase, backbone: Backbone, train: Raw) -> str | int | None:
    """Return where the frozen part of a phase ends, if its outputs were kept."""
    if phase.adapters or phase.learns_statistics or not phase.thawed:
        return None
    stages = [stage.name for stage in backbone.stages]
    start = backbone.chain.start_of(stages.index(phase.thawed[0]))
    if start == 0 or caches.size_of(backbone, train, start) > caches.LIMIT_BYTES:
        return None
    segment = backbone.chain.segments[start]
    if isinstance(segment, Segment):
        return segment.first
    return borders(backbone.body, backbone.stage_of, stages)[start - 1]
