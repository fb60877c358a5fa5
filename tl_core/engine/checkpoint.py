"""Checkpoints: everything a killed run needs to go on as if nothing had happened."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from tl_core import files

_HEAD = "checkpoints/head.safetensors"


@dataclass
class Progress:
    """Where a run stands; all of it is written with each checkpoint."""

    phase: int = 0
    """Number of the current phase."""
    phase_epoch: int = 0
    """Epochs finished in it."""
    phase_over: str = ""
    """Why the phase is over, once it is."""
    step: int = 0
    """Batches finished in the current epoch."""
    epoch: int = -1
    """Last finished epoch over all phases; 0 is the look before training."""
    best: dict[str, Any] = field(default_factory=dict)
    """epoch, val_loss, val_accuracy and phase of the lowest validation loss."""
    entry: dict[str, Any] = field(default_factory=dict)
    """The best when the phase began."""
    rung: dict[str, Any] = field(default_factory=dict)
    """The best of the phase alone, whether or not it is the best of all."""
    since_best: int = 0
    """Epochs of this phase since the best."""
    phase_best: float = float("inf")
    seconds: float = 0.0
    """Seconds of training before this attempt and in it."""
    step_seconds: float = 0.0
    """Seconds in training steps of the current phase."""
    step_examples: int = 0
    penalty: float | None = None
    """The head's penalty once it is chosen."""
    objective: float = float("inf")
    cuts: tuple[int, ...] = ()
    """First thawed stage of each rung of gradual unfreezing, once it is chosen."""
    ways: tuple[str, ...] = ()
    """Changes of training examples that were found safe."""
    pieces: int = 1
    """Into how many pieces a batch is cut so that it fits into memory."""
    plan: tuple[dict[str, Any], ...] = ()
    """The phases as people have changed them; empty where nobody has."""
    actions: tuple[str, ...] = ()
    """Ids of the actions that were answered."""
    stronger_from: tuple[int, ...] = ()
    """Epochs from which on examples are varied one step more."""
    pulls: int = 0
    """Steps by which the weights are held nearer to the base than was asked for at first."""
    stop_reason: str = ""
    best_losses: torch.Tensor = field(default_factory=lambda: torch.zeros(0))
    """[n_val] float32: the loss of each validation example at the best, in nats."""
    entry_losses: torch.Tensor = field(default_factory=lambda: torch.zeros(0))
    """The same at the best when the phase began."""
    val_losses: torch.Tensor = field(default_factory=lambda: torch.zeros(0, 0))
    """[epochs, n_val] float32: per finished epoch the loss of each validation example, in nats."""

    def strength(self) -> int:
        """Return by how many steps examples are varied more in the coming epoch."""
        return sum(self.epoch + 1 >= first for first in self.stronger_from)


def save(
    run_dir: Path, progress: Progress, model: dict[str, torch.Tensor], optimizer: dict[str, Any]
) -> None:
    """Write the last state, atomically."""
    with files.replacing(run_dir / "checkpoints" / "last.pt") as temporary:
        state = {"progress": dataclasses.asdict(progress), "model": model, "optimizer": optimizer}
        torch.save(state, temporary)


def load(run_dir: Path) -> tuple[Progress, dict[str, torch.Tensor], dict[str, Any]] | None:
    """Read the last state without running any code from the file; None if there is none."""
    path = run_dir / "checkpoints" / "last.pt"
    if not path.exists():
        return None
    state = torch.load(path, map_location="cpu", weights_only=True)
    return Progress(**state["progress"]), state["model"], state["optimizer"]


def save_best(
    run_dir: Path, epoch: int, model: dict[str, torch.Tensor], *, is_mixed: bool = False
) -> None:
    """Write the best weights so far, atomically, beside those of earlier epochs.

    A mixture of weights has a file of its own, so that a run killed before it was noted can mix
    the same two again.
    """
    with files.replacing(_best_path(run_dir, epoch, is_mixed)) as temporary:
        save_file(model, temporary)


def load_best(
    run_dir: Path, epoch: int | None = None, *, is_mixed: bool = False
) -> dict[str, torch.Tensor]:
    """Read the weights that were the best at `epoch`; None for those the run ended with."""
    return load_file(_best_path(run_dir, epoch, is_mixed))


def save_head(run_dir: Path, model: dict[str, torch.Tensor]) -> None:
    """Write the head that was fitted to the untouched base, atomically."""
    with files.replacing(run_dir / _HEAD) as temporary:
        save_file({n: v for n, v in model.items() if n.startswith("head.")}, temporary)


def load_head(run_dir: Path) -> dict[str, torch.Tensor] | None:
    """Read the head that was fitted to the untouched base; None if none was kept."""
    path = run_dir / _HEAD
    return load_file(path) if path.exists() else None


def keep_best(run_dir: Path, epochs: Collection[int]) -> None:
    """Drop the weights of all epochs but these."""
    kept = {_best_path(run_dir, epoch, mixed) for epoch in epochs for mixed in (False, True)}
    for path in (run_dir / "checkpoints").glob("best-*.safetensors"):
        if path not in kept:
            path.unlink(missing_ok=True)


def settle_best(run_dir: Path, epoch: int, *, is_mixed: bool = False) -> Path:
    """Make the weights of `epoch` the ones that the run ends with, and return their path.

    They keep their own file too, since a run that was stopped may go on.
    """
    final = _best_path(run_dir, None)
    with files.replacing(final) as temporary:
        shutil.copyfile(_best_path(run_dir, epoch, is_mixed), temporary)
    return final


def _best_path(run_dir: Path, epoch: int | None, is_mixed: bool = False) -> Path:
    name = "best" if epoch is None else f"best-{epoch:05d}"
    ending = "-mixed.safetensors" if is_mixed else ".safetensors"
    return run_dir / "checkpoints" / f"{name}{ending}"
