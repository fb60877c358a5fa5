"""What is written comes back, and nothing is ever half there."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import torch

from tl_core.engine import checkpoint
from tl_core.engine.checkpoint import Progress


def test_a_checkpoint_comes_back_whole(tmp_path: Path) -> None:
    progress = Progress(
        phase=1,
        step=7,
        epoch=3,
        best={"val_loss": 0.5},
        penalty=0.1,
        cuts=(7, 5, 0),
        ways=("mirror",),
        pieces=2,
        val_losses=torch.tensor([[0.1, 0.2]]),
    )
    weights = {"head.linear.weight": torch.randn(2, 3)}
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.ones(2))])
    checkpoint.save(tmp_path, progress, weights, optimizer.state_dict())
    kept = checkpoint.load(tmp_path)
    assert kept is not None
    for field in fields(Progress):
        ours, theirs = getattr(progress, field.name), getattr(kept[0], field.name)
        same = torch.equal(ours, theirs) if isinstance(ours, torch.Tensor) else ours == theirs
        assert same, field.name
    assert torch.equal(kept[1]["head.linear.weight"], weights["head.linear.weight"])
    assert kept[2]["param_groups"][0]["lr"] == optimizer.param_groups[0]["lr"]


def test_no_checkpoint_is_told_as_none(tmp_path: Path) -> None:
    assert checkpoint.load(tmp_path) is None


def test_a_checkpoint_cannot_run_code(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("ran",)

    path = tmp_path / "checkpoints" / "last.pt"
    path.parent.mkdir()
    torch.save({"progress": Evil(), "model": {}, "optimizer": {}}, path)
    with pytest.raises(Exception, match=r"weights_only|Unsupported|not an allowed"):
        checkpoint.load(tmp_path)


def test_a_failed_write_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint.save(tmp_path, Progress(epoch=1), {}, {})

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(tmp_path, Progress(epoch=2), {}, {})
    kept = checkpoint.load(tmp_path)
    assert kept is not None
    assert kept[0].epoch == 1
    assert [p.name for p in (tmp_path / "checkpoints").iterdir()] == ["last.pt"]


def bias(value: float) -> dict[str, torch.Tensor]:
    return {"head.linear.bias": torch.tensor([value])}


def test_the_best_of_several_epochs_lie_side_by_side(tmp_path: Path) -> None:
    for epoch in (0, 3, 12):
        checkpoint.save_best(tmp_path, epoch, bias(epoch))
    for epoch in (0, 3, 12):
        assert checkpoint.load_best(tmp_path, epoch)["head.linear.bias"].item() == epoch


def test_what_nobody_will_go_back_to_is_dropped(tmp_path: Path) -> None:
    for epoch in (0, 3, 12):
        checkpoint.save_best(tmp_path, epoch, bias(epoch))
    checkpoint.save(tmp_path, Progress(), {}, {})
    checkpoint.settle_best(tmp_path, 0)
    checkpoint.keep_best(tmp_path, {3, 12, 99})
    names = {p.name for p in (tmp_path / "checkpoints").iterdir()}
    assert names == {
        "best.safetensors", "best-00003.safetensors", "best-00012.safetensors", "last.pt"
    }  # fmt: skip


def test_a_run_ends_with_one_epoch_s_weights_and_may_still_go_on(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        checkpoint.load_best(tmp_path)
    for epoch in (3, 12):
        checkpoint.save_best(tmp_path, epoch, bias(epoch))
    path = checkpoint.settle_best(tmp_path, 3)
    assert path.is_file()
    assert checkpoint.load_best(tmp_path)["head.linear.bias"].item() == 3
    checkpoint.settle_best(tmp_path, 12)
    assert checkpoint.load_best(tmp_path)["head.linear.bias"].item() == 12
    assert checkpoint.load_best(tmp_path, 3)["head.linear.bias"].item() == 3


def test_a_mixture_lies_beside_what_it_was_mixed_from(tmp_path: Path) -> None:
    checkpoint.save_best(tmp_path, 3, bias(1))
    checkpoint.save_best(tmp_path, 3, bias(2), is_mixed=True)
    checkpoint.save_best(tmp_path, 4, bias(5), is_mixed=True)
    assert checkpoint.load_best(tmp_path, 3)["head.linear.bias"].item() == 1
    assert checkpoint.load_best(tmp_path, 3, is_mixed=True)["head.linear.bias"].item() == 2
    checkpoint.settle_best(tmp_path, 3, is_mixed=True)
    assert checkpoint.load_best(tmp_path)["head.linear.bias"].item() == 2
    checkpoint.keep_best(tmp_path, {3})
    assert len(list((tmp_path / "checkpoints").glob("best-*"))) == 2
