"""A run is repeated by its script: the same validation accuracy, and the same loss."""

from __future__ import annotations

import re
import runpy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.handmade import Told
from tl_core import catalog
from tl_core.actions import Asked
from tl_core.data.dataset import Dataset
from tl_core.engine import steps
from tl_core.engine.export import beside
from tl_core.engine.export.recipe import recipe_of
from tl_core.engine.train import advance, open_run, summary
from tl_core.errors import InputError
from tl_core.recipe import Recipe
from tl_core.report.repeat import NAME, repeat_script
from tl_core.spec import DEFAULT_BASE, STRATEGIES, RunSpec

from .conftest import Kept, kept_of
from .test___init__ import ALONE

EXACT = ("linear_probe", "lora", "full_fine_tune")
NEAR = ("multi_stage_probe", "gradual_unfreezing", "from_scratch")
SAME_LOSS = 1e-4

Run = Callable[[str], Kept]


def written(kept: Kept, drawn: Dataset, folder: Path) -> Recipe:
    made, base = recipe_of(
        kept.spec, drawn, kept.spec.strategy, kept.folder, kept.told, is_bf16=False
    )
    beside.write(folder, kept.spec, drawn, made, base)
    script = repeat_script(made)
    assert "tl_core" not in script
    (folder / NAME).write_text(script)
    return made


def said_best(text: str) -> tuple[int, float, float]:
    """Return epoch, loss and accuracy of the best that a script has told."""
    found = re.search(r"^best: epoch (\d+), loss ([\d.]+), right ([\d.]+)$", text, re.MULTILINE)
    assert found, text
    return int(found[1]), float(found[2]), float(found[3])


def repeated(
    folder: Path, capsys: pytest.CaptureFixture[str], data: Path | str = "."
) -> tuple[int, float]:
    """Run a script and return epoch and loss of its best."""
    runpy.run_path(str(folder / NAME))["main"](str(data))
    return said_best(capsys.readouterr().out)[:2]


@pytest.mark.parametrize("strategy", [*EXACT[1:], *NEAR])
def test_the_script_repeats_the_run(
    run_of: Run,
    drawn: Dataset,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    strategy: str,
) -> None:
    kept = run_of(strategy)
    made = written(kept, drawn, tmp_path)
    pictures = drawn.examples[0].path.parent
    runpy.run_path(str(tmp_path / NAME))["main"](str(pictures))
    epoch, loss, accuracy = said_best(capsys.readouterr().out)
    best = kept.result["best"]
    assert (made.epoch, made.accuracy) == (best["epoch"], best["val_accuracy"]["value"])
    if strategy in EXACT:
        assert accuracy == pytest.approx(made.accuracy, abs=1e-4)
    else:
        assert abs(accuracy - made.accuracy) <= 1 / made.n + 1e-4
    assert (epoch, loss) == (made.epoch, pytest.approx(made.loss, abs=SAME_LOSS))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_script_repeats_what_texts_have_taught(
    reader_of: Run, said: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str], strategy: str
) -> None:
    kept = reader_of(strategy)
    made = written(kept, said, tmp_path)
    assert repeated(tmp_path, capsys) == (made.epoch, pytest.approx(made.loss, abs=SAME_LOSS))


def test_a_script_begins_with_what_another_run_has_made(
    heir: Kept, drawn: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = written(heir, drawn, tmp_path)
    assert (tmp_path / beside.BASE_FILE).is_file()
    found = repeated(tmp_path, capsys, drawn.examples[0].path.parent)
    assert found == (made.epoch, pytest.approx(made.loss, abs=SAME_LOSS))


@pytest.mark.parametrize("base", [DEFAULT_BASE, catalog.default_base("text")])
def test_a_script_holds_features_near_the_bases(
    base: str, drawn: Dataset, said: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset, size = (drawn, 64) if base == DEFAULT_BASE else (said, 32)
    spec = RunSpec("train", dataset.id, base=base, size=size, strategy="full_fine_tune",
                   retention="ldifs", epochs=3, patience=0)  # fmt: skip
    kept = kept_of(spec, dataset, tmp_path / "run")
    made = written(kept, dataset, tmp_path)
    assert "pulls=[ldifs(learner, 10.0)]" in (tmp_path / NAME).read_text()
    assert len(made.borders) >= 3
    losses = [e["val_loss"] for e in kept.told if e["kind"] == "epoch"]
    runpy.run_path(str(tmp_path / NAME))["main"](str(drawn.examples[0].path.parent))
    told = re.findall(r"^epoch +\d+  loss ([\d.]+)", capsys.readouterr().out, re.MULTILINE)
    assert [float(one) for one in told] == pytest.approx(losses, abs=SAME_LOSS)


def test_it_needs_no_thaw_and_knows_pictures_by_content(
    run_of: Run, drawn: Dataset, tmp_path: Path
) -> None:
    kept = run_of("linear_probe")
    made = written(kept, drawn, tmp_path)
    (tmp_path / "moved").mkdir()
    for number, example in enumerate(drawn.examples):
        (tmp_path / "moved" / f"x{number}").write_bytes(example.path.read_bytes())
    command = [*ALONE, str(tmp_path / NAME), str(tmp_path / "moved")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert said_best(done.stdout)[2] == pytest.approx(made.accuracy, abs=1e-4)
    command[-1] = str(tmp_path / "nowhere")
    assert "28 pictures" not in done.stdout
    lacking = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert "22 pictures are not in that folder" in lacking.stderr


@pytest.mark.parametrize(
    "done",
    [
        [{"action": "lower_lr"}],  # as logs told it before they told the batch
        [{"action": "thaw_next", "step": 0}],  # nor the phase
        [{"action": "lower_lr", "step": 1}, {"action": "rollback", "step": 0, "phase": "head"}],
    ],
)
def test_what_cannot_be_repeated_is_refused(
    run_of: Run, drawn: Dataset, done: list[dict[str, Any]]
) -> None:
    kept = run_of("linear_probe")
    asked = [
        {**one, "kind": "action", "id": str(number), "epoch": 3, "applied": applied}
        for number, (one, applied) in enumerate(
            [*((one, True) for one in done), ({"action": "ignore"}, True), (done[-1], False)]
        )
    ]
    told = [*kept.told, *asked]
    with pytest.raises(InputError) as caught:
        recipe_of(kept.spec, drawn, "linear_probe", kept.folder, told, is_bf16=False)
    (issue,) = caught.value.issues
    assert f"while it learned: {done[-1]['action']} (3), each with its epoch" in issue.message
    assert "cannot repeat" in issue.message


Wishes = dict[tuple[int, int], str]
"""The epochs done and the batches of the next one, and what is asked for at that moment."""


@pytest.fixture
def steered(drawn: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Kept]:
    """Run a strategy in batches of 8, three to an epoch, and ask for actions on the way."""
    monkeypatch.setattr(steps, "BATCH", 8)

    def of(strategy: str, wishes: Wishes, **asked: Any) -> Kept:
        spec = RunSpec("train", "drawn", size=32, strategy=strategy, patience=0, **asked)

        def due() -> tuple[Asked, ...]:
            now = (run.progress.epoch, run.progress.step)
            return (Asked(str(now), wishes[now]),) if now in wishes else ()

        told = Told()
        (tmp_path / "run").mkdir()
        run = open_run(spec, drawn, spec.strategy, tmp_path / "run", told, lambda: True, due)
        advance(run)
        done = [e for e in told.of("action") if e["applied"]]
        assert [e["action"] for e in done] == [*wishes.values()]
        events = [{**e, "kind": e["event"]} for e in told.events]
        result = summary(run)
        return Kept(spec, tmp_path / "run", [*events, {"kind": "finished", **result}], result)

    return of


def losses_of(kept: Kept) -> list[float]:
    return [e["val_loss"] for e in kept.told if e["kind"] == "epoch"]


def losses_again(
    script: Path, dataset: Dataset, capsys: pytest.CaptureFixture[str], **changed: str
) -> list[float]:
    """Run a script in the same batches, with constants changed, and return what it tells."""
    text = script.read_text().replace("WEIGHT_DECAY = 32,", "WEIGHT_DECAY = 8,")
    for name, value in changed.items():
        text, count = re.subn(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
        assert count == 1
    script.write_text(text)
    runpy.run_path(str(script))["main"](str(dataset.examples[0].path.parent))
    said = re.findall(r"^epoch +\d+  loss ([\d.]+)", capsys.readouterr().out, re.MULTILINE)
    return [float(one) for one in said]


@pytest.mark.parametrize(
    ("constant", "other", "asked", "wishes"),
    [
        ("SLOWER", "[]", {}, {(1, 1): "lower_lr"}),
        # So few steps move so little that a pull is seen in the loss only where it is huge.
        ("HELD", "[(1, 1)] * 5", {}, {(1, 1): "more_regularisation"}),
        ("HELD", "[(1, 2)] * 5", {"retention": "l2_sp"}, {(1, 2): "more_regularisation"}),
        ("STRONGER", "[]", {}, {(0, 0): "more_augmentation"}),
    ],
)
def test_what_was_asked_for_is_repeated_from_its_batch_on(
    drawn: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    steered: Callable[..., Kept], constant: str, other: str, asked: dict[str, Any], wishes: Wishes,
) -> None:  # fmt: skip
    kept = steered("full_fine_tune", wishes, epochs=3, **asked)
    written(kept, drawn, tmp_path)
    expected = pytest.approx(losses_of(kept), abs=SAME_LOSS)
    assert losses_again(tmp_path / NAME, drawn, capsys) == expected
    apart = losses_again(tmp_path / NAME, drawn, capsys, **{constant: other})
    assert apart[:2] == pytest.approx(losses_of(kept)[:2], abs=SAME_LOSS)
    assert apart != expected


@pytest.mark.parametrize(
    "wishes",
    [
        {(2, 2): "thaw_next"},
        {(2, 1): "thaw_next", (3, 2): "rollback"},
        {(2, 1): "more_augmentation", (3, 0): "thaw_next", (4, 1): "rollback"},
        {(0, 0): "thaw_next", (2, 1): "rollback"},
    ],
)
def test_ways_on_and_back_are_repeated(
    drawn: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    steered: Callable[..., Kept], wishes: Wishes,
) -> None:  # fmt: skip
    kept = steered("gradual_unfreezing", wishes, epochs=7)
    made = written(kept, drawn, tmp_path)
    assert losses_again(tmp_path / NAME, drawn, capsys) == pytest.approx(
        losses_of(kept), abs=SAME_LOSS
    )
    assert made.epoch == kept.result["best"]["epoch"]


def test_who_only_stopped_or_ignored_an_alarm_has_changed_nothing(
    run_of: Run, drawn: Dataset
) -> None:
    kept = run_of("linear_probe")
    asked = {"kind": "action", "id": "7", "action": "ignore", "epoch": 1, "applied": True}
    told = [*kept.told, asked]
    made, _base = recipe_of(kept.spec, drawn, "linear_probe", kept.folder, told, is_bf16=False)
    assert made.epoch == kept.result["best"]["epoch"]
