"""One Python file that repeats a run without Thaw: what was decided stands in it as plain steps."""

from __future__ import annotations

from pprint import pformat
from typing import Any

from tl_core.recipe import ADAPTER, HEAD, SCRATCH, Recipe, Step
from tl_core.report.code import assembled, part

NAME = "repeat.py"
WIDTH = 96
"""Columns of a line."""

_EXACT = ("linear_probe", "lora", "full_fine_tune")


def repeat_script(recipe: Recipe) -> str:
    """Return the script; names from data stand in it as Python literals only."""
    parts = [_constants(recipe), *(part(name) for name in _parts(recipe))]
    return assembled(_heading(recipe), [*parts, _main(recipe), part("repeat_main")])


def packages(recipe: Recipe) -> tuple[str, ...]:
    """Return the packages that the script needs, with the versions of the run's export."""
    if recipe.pictures is None:
        names = ["numpy", "torch", "transformers"]
    else:
        names = ["numpy", "pillow", "safetensors", "timm", "torch", "torchvision"]
    names += ["peft"] if recipe.adapted else []
    return tuple(
        f"{name}=={recipe.versions[name]}" if name in recipe.versions else name for name in names
    )


def _heading(recipe: Recipe) -> str:
    what = "pictures" if recipe.pictures else "texts"
    data = (
        "FOLDER holds the pictures, under any names: split.csv knows them by their content."
        if recipe.pictures
        else "split.csv holds the texts and says which train and which judge."
    )
    exact = (
        "On a processor it gives the run's validation accuracy exactly."
        if recipe.strategy in _EXACT
        else "On a processor it comes within one validation example of the run: what the frozen "
        "part\nmakes of each example is rounded to half precision, as the run kept it."
    )
    if recipe.strategy in ("multi_stage_probe", "from_scratch"):
        exact = (
            "On a processor it comes within one validation example of the run, as sums are taken\n"
            "in another order."
        )
    return (
        f"Repeats the run {recipe.run}: {recipe.strategy} on {what} in {len(recipe.classes)} "
        f"classes.\n\n    pip install {' '.join(packages(recipe))}\n"
        f"    python {NAME}{' FOLDER' if recipe.pictures else ''}\n\n{data}\n{exact}"
    )


def _parts(recipe: Recipe) -> list[str]:
    """Return the names of the parts that this run needs, in their order."""
    names = []
    is_moving = any(not step.head_steps for step in recipe.steps)
    if recipe.pictures:
        names += ["reading_pictures", "repeat_pictures"]
        names += ["repeat_varied"] if is_moving else []
        names += ["repeat_timm", _weights_part(recipe)]
        names += ["repeat_taps"] if recipe.taps else []
        names += ["repeat_pooled"] if recipe.taps or (recipe.ldifs and recipe.is_joined) else []
        names += ["repeat_joined" if recipe.is_joined and not recipe.taps else "repeat_whole"]
    else:
        names += ["repeat_texts", *(["repeat_as_they_are"] if is_moving else [])]
        names += ["repeat_transformer", "repeat_whole"]
    names += ["repeat_run"]
    names += ["repeat_head"] if recipe.strategy != "from_scratch" else []
    names += ["repeat_ridge"] if recipe.ridge else []
    if is_moving:
        names += ["repeat_body"]
        is_adapted = any(step.name == ADAPTER for step in recipe.steps)
        names += ["repeat_lora"] if is_adapted else ["repeat_stages"]
    if any(step.border is not None for step in recipe.steps):
        names += [f"repeat_cached_{'pictures' if recipe.pictures else 'texts'}"]
    names += ["repeat_l2_sp"] if _is_pulled(recipe) else []
    names += ["repeat_ldifs", _stages_part(recipe)] if recipe.ldifs else []
    names += ["repeat_mix"] if any(step.share is not None for step in recipe.steps) else []
    return names


def _stages_part(recipe: Recipe) -> str:
    if recipe.pictures is None:
        return "repeat_ldifs_texts"
    return "repeat_ldifs_joined" if recipe.is_joined else "repeat_ldifs_whole"


def _weights_part(recipe: Recipe) -> str:
    if recipe.strategy == "from_scratch":
        return "weights_none"
    if recipe.weights.is_beside:
        return "weights_beside"
    return "weights_package" if recipe.weights.package else "weights_hub"


def _constants(recipe: Recipe) -> str:
    """Return what the script must know as constants at its top."""
    values: dict[str, Any] = {
        "CLASSES": list(recipe.classes),
        "SEED": recipe.seed,
        "BF16": recipe.is_bf16,
        "WIDTH": recipe.width,
        "ARCHITECTURE": recipe.weights.architecture,
        "WEIGHTS_PACKAGE": recipe.weights.package,
        "WEIGHTS_FILE": recipe.weights.file,
        "WEIGHTS_SHA256": recipe.weights.sha256,
        "FROM_SCRATCH": recipe.strategy == "from_scratch",
        "RECORDED": {
            "epoch": recipe.epoch,
            "loss": recipe.loss,
            "accuracy": recipe.accuracy,
            "n": recipe.n,
        },
    }
    values |= _picture_constants(recipe) if recipe.pictures else _text_constants(recipe)
    if any(not step.head_steps for step in recipe.steps):
        values["STAGES"] = {stage: list(starts) for stage, starts in recipe.stages.items()}
        values |= {"SLOWER": list(recipe.slower), "STRONGER": list(recipe.stronger)}
        if _is_pulled(recipe):
            values |= {"L2_SP": recipe.l2_sp, "HELD": list(recipe.held)}
    if recipe.ldifs:
        values["BORDERS"] = list(recipe.borders)
    if recipe.adapted:
        values |= {"RANK": recipe.rank, "ALPHA": recipe.alpha, "ADAPTED": list(recipe.adapted)}
    lines = ['SPLIT = Path(__file__).with_name("split.csv")']
    for name, value in values.items():
        told = pformat(value, width=WIDTH - len(name), compact=True, sort_dicts=False)
        lines.append(f"{name} = " + told.replace("\n", "\n" + " " * (len(name) + 3)))
    return "from pathlib import Path\n\n" + "\n".join(lines)


def _picture_constants(recipe: Recipe) -> dict[str, Any]:
    made = recipe.pictures
    assert made is not None
    found: dict[str, Any] = {
        "SIZE": recipe.size,
        "CANVAS": made.canvas,
        "MEAN": made.mean,
        "STD": made.std,
        "TAPS": list(recipe.taps),
    }
    if any(not step.head_steps for step in recipe.steps):
        found |= {
            "MIN_CROP": made.min_crops,
            "MAX_STRETCH": made.max_stretch,
            "LIGHT": made.light,
            "SAFE_CHANGES": list(made.ways),
        }
    return found


def _text_constants(recipe: Recipe) -> dict[str, Any]:
    return {
        "MOST_TOKENS": recipe.size,
        "LAYERS": recipe.layers,
        "LAST_TOKEN": recipe.last_token,
        "TAPS": [int(tap) for tap in recipe.taps],
    }


def _main(recipe: Recipe) -> str:
    """Return what was done, step by step."""
    body = "EveryStage(base_network())" if recipe.taps and recipe.pictures else "base_network()"
    lines = [
        "def main(folder):",
        "    train_part, val_part = open_data(folder)",
        f"    learner = Learner({body}, WIDTH)",
        "    run = Run(learner, train_part, val_part)",
    ]
    lines += ["    run.start = weights_of(learner)"] if _is_pulled(recipe) else []
    if recipe.strategy == "from_scratch":
        lines += [
            "    nn.init.trunc_normal_(learner.head.linear.weight, std=0.02)",
            "    run.judge(computed(learner, val_part))",
        ]
    else:
        lines += [
            "    base = learner.path[0]",
            "    features = computed(base, train_part), computed(base, val_part)",
            "    standardise(learner.head, features[0])",
            "    run.judge(head_logits(learner.head, features[1]))",
        ]
    for number, step in enumerate(recipe.steps, 1):
        lines += ["", *_step(recipe, number, step)]
    return "from torch import nn\n\n" + "\n".join([*lines, "    tell(run)"])


def _step(recipe: Recipe, number: int, step: Step) -> list[str]:
    if step.name == HEAD:
        return _head_step(recipe, number, step)
    lines = [f"    # {number}. {_told(step)}"]
    if step.is_taken_back and not step.epochs:
        return [*lines, "    run.optimizer = None"]
    is_undone = step.is_undone or step.is_taken_back
    lines += ["    run.begin()"]
    lines += ["    entry = run.best"] if is_undone or step.share is not None else []
    if step.name == ADAPTER:
        lines += [f"    groups = add_adapters(run, {step.head_lr!r}, {step.body_lr!r})"]
        lines += ["    run.start = weights_of(learner)"] if _is_pulled(recipe) else []
    else:
        stages = "list(STAGES)" if set(step.thawed) == set(recipe.stages) else repr([*step.thawed])
        rates = f"head_lr={step.head_lr!r}, body_lr={step.body_lr!r}, decay={step.decay!r}"
        lines += [f"    groups = thaw(run, {stages}, {rates})"]
    lines += ["    learner.body.train()"] if step.name == SCRATCH else []
    source = "Whole(run)" if step.border is None else f"FromCache(run, {step.border!r})"
    lines += [f"    source = {source}"]
    cut = f", cut={step.cut}" if step.cut and not step.is_taken_back else ""
    epochs = f"epochs={step.epochs}, planned={step.planned}"
    lines += [f"    train(run, groups, source, {epochs}{_pulls(recipe, step)}{cut})"]
    if step.share is not None:
        lines += [f"    mix(run, source, entry, share={step.share!r})"]
    if step.border is not None and recipe.pictures is None:
        lines += ["    source.close()"]
    if step.is_undone:
        lines += [
            "    # Validation loss did not fall clearly enough: the rung is rolled back.",
            "    run.best = entry",
        ]
    if step.is_taken_back:
        lines += ["    run.best, run.optimizer = entry, None"]
    return lines


def _is_pulled(recipe: Recipe) -> bool:
    """Tell whether weights that learned were held near the base's, at first or later."""
    return bool(recipe.l2_sp) and any(not step.head_steps for step in recipe.steps)


def _pulls(recipe: Recipe, step: Step) -> str:
    """Return the argument that holds the network near the base, if anything did."""
    is_held = recipe.is_held and step.name == "full"
    found = [f"ldifs(learner, {recipe.ldifs!r})"] if recipe.ldifs and step.name == "full" else []
    found += [f"l2_sp(run, is_held={is_held})"] if is_held or recipe.held else []
    return f", pulls=[{', '.join(found)}]" if found else ""


def _head_step(recipe: Recipe, number: int, step: Step) -> list[str]:
    lines = [f"    # {number}. The head alone learns, on features of the frozen base."]
    lines += ["    run.begin()"] if number > 1 else []
    if recipe.ridge and recipe.taps:
        penalty, factor = recipe.ridge.penalty, recipe.ridge.factor
        lines += [f"    begin_with_ridge(run, features, {penalty!r}, {factor!r})"]
    steps = list(step.head_steps)
    told = f"[{steps[0]}] * {len(steps)}" if len(set(steps)) == 1 else repr(steps)
    return [*lines, f"    fit_head(run, features, steps={told}, penalty={recipe.penalty!r})"]


def _told(step: Step) -> str:
    if step.name == ADAPTER:
        return "LoRA matrices learn beside frozen weights."
    if step.name == SCRATCH:
        return "Everything learns, from nothing."
    if step.name == "full":
        back = " Somebody took it back." if step.is_taken_back else ""
        return f"Everything learns, starting from the base; early stages more slowly.{back}"
    kept = "rolled back" if step.is_undone else "kept"
    kept = "taken back by somebody" if step.is_taken_back else kept
    return f"Stage {step.thawed[0]} and all later ones thaw; this rung was {kept}."
