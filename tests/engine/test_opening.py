"""Opening a run asks the data what may be done to them, once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from tests.engine.handmade import Told, opened
from tl_core.data.dataset import Dataset
from tl_core.engine import opening
from tl_core.engine.record import save
from tl_core.engine.train import advance, open_run
from tl_core.errors import Cancelled
from tl_core.spec import STRATEGIES, RunSpec


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_run_opens_with_its_plan_and_its_head_at_nothing(
    tmp_path: Path, drawn: Dataset, spec: RunSpec, strategy: str
) -> None:
    run, told = opened(replace(spec, strategy=strategy, epochs=6), drawn, tmp_path / "run")
    assert sum(p.epochs for p in run.plan) == 6
    assert run.progress.epoch == -1
    assert not told.of("epoch")
    head = run.bench.learner.head
    if strategy == "from_scratch":
        assert run.frozen is None
        assert head.linear.weight.std() > 0
    else:
        assert run.frozen is not None
        seen = run.frozen.seen(run.frozen.train)
        torch.testing.assert_close(head.mean, seen.mean(0), rtol=1e-4, atol=1e-5)
        assert not head.linear.weight.any()
    is_moving = strategy not in {"linear_probe", "multi_stage_probe"}
    assert len(told.of("augmentation")) == is_moving
    assert len(told.of("ladder")) == (strategy == "gradual_unfreezing")


def test_what_was_found_is_told_with_its_numbers(
    tmp_path: Path, drawn: Dataset, spec: RunSpec
) -> None:
    asked = replace(spec, strategy="gradual_unfreezing", epochs=6)
    run, told = opened(asked, drawn, tmp_path / "run")
    (ladder,), (augmentation,) = told.of("ladder"), told.of("augmentation")
    assert [p["stage"] for p in ladder["stage_probes"]] == list(run.bench.stages)
    assert all(0 <= p["accuracy"] <= 1 for p in ladder["stage_probes"])
    assert ladder["rungs"] == [run.bench.stages[cut] for cut in run.progress.cuts]
    assert [p.thawed[0] for p in run.plan[1:]] == ladder["rungs"][: len(run.plan) - 1]
    assert augmentation["ways"] == list(run.progress.ways)
    assert [t["way"] for t in augmentation["trials"]] == ["mirror", "light"]
    assert {"safe", "plain", "changed", "lost", "won", "n"} < set(augmentation["trials"][0])
    with Image.open(tmp_path / "run" / "artifacts" / "seen.jpg") as sheet:
        assert sheet.size == (4 * 66 + 2, opening.SHOWN * 66 + 2)


def test_a_run_that_goes_on_is_no_base(tmp_path: Path, drawn: Dataset, spec: RunSpec) -> None:
    record = tmp_path / "artifacts" / "base.json"
    record.parent.mkdir()
    record.write_text("{}")
    opened(spec, drawn, tmp_path)
    assert not record.exists()


def test_a_resumed_run_does_not_ask_again(
    tmp_path: Path, drawn: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replace(spec, strategy="gradual_unfreezing", epochs=3)
    run, _told = opened(asked, drawn, tmp_path / "run")
    advance(run)
    save(run)
    monkeypatch.setattr(opening.augment, "trials", lambda *a, **k: pytest.fail("asked again"))
    monkeypatch.setattr(opening, "probe_stages", lambda *a, **k: pytest.fail("asked again"))
    again, told = opened(asked, drawn, tmp_path / "run")
    assert again.progress.ways == run.progress.ways
    assert again.progress.cuts == run.progress.cuts
    assert again.progress.epoch == run.progress.epoch
    (event,) = told.of("resumed")
    assert event["epoch"] == run.progress.epoch
    assert not told.of("phase")[1:]  # only that the data are read


def test_a_stop_before_anything_is_known_leaves_nothing(
    thaw_home: Path, tmp_path: Path, drawn: Dataset, spec: RunSpec
) -> None:
    with pytest.raises(Cancelled):
        open_run(spec, drawn, "linear_probe", tmp_path, Told(), lambda: False)
    assert not (tmp_path / "checkpoints").exists()
    assert list((thaw_home / "cache" / "features").iterdir()) == []


def test_silence_takes_any_event() -> None:
    assert opening.silent("epoch", kind="nan", epoch=1) is None
