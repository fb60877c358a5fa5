"""Alone, everything about several processes is nothing; two train as one."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.handmade import train
from tl_core.data.dataset import Dataset
from tl_core.engine import together
from tl_core.spec import RunSpec

ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 150  # only a broken launch waits so long


def test_alone_it_is_all_nothing() -> None:
    assert (together.size(), together.rank()) == (1, 0)
    network = torch.nn.Linear(2, 2)
    assert together.wrapped(network) is network
    before = [p.clone() for p in network.parameters()]
    together.equalise(network.parameters())
    assert all(torch.equal(p, b) for p, b in zip(network.parameters(), before, strict=True))
    assert together.agreed(lambda: "this") == "this"


def test_alone_the_main_process_goes_first_and_errors_pass() -> None:
    with together.main_first():
        passed = True
    assert passed
    with pytest.raises(ValueError, match="inside"), together.main_first():
        raise ValueError("inside")


EPOCHS = {"gradual_unfreezing": 4, "full_fine_tune": 3}


def launched(folder: Path) -> list[dict[str, Any]]:
    """Do the tasks of a folder in two processes; returns what each of them saw."""
    # What `accelerate launch` starts on several GPUs; of processors it would start one only.
    launch = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
    script = Path(__file__).with_name("two_processes.py")
    own = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    done = subprocess.run(
        [sys.executable, *launch, str(script), str(folder)],
        env=os.environ | own,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads((folder / f"told-{n}.json").read_text()) for n in (0, 1)]


def test_two_processes_train_as_one(tmp_path: Path, unsettled: Dataset, spec: RunSpec) -> None:
    asked = [replace(spec, strategy=s, epochs=n, patience=0) for s, n in EPOCHS.items()]
    alone = [train(one, unsettled, tmp_path / f"alone-{one.strategy}") for one in asked]
    (tmp_path / "task.pickle").write_bytes(pickle.dumps((asked, unsettled)))
    main, other = launched(tmp_path)
    assert (main["size"], other["size"]) == (2, 2)
    assert main["summed"] == other["summed"] == 3.0
    for one, (result, told) in zip(asked, alone, strict=True):
        ours, theirs = main[one.strategy], other[one.strategy]
        assert theirs["events"] == []  # only the main process tells
        losses = {e["epoch"]: e["val_loss"] for e in ours["events"] if e["event"] == "epoch"}
        assert len(losses) > 2
        assert losses == pytest.approx(told.val_losses, abs=1e-3)
        best = result["best"]["val_loss"]
        assert ours["result"]["best"]["val_loss"] == pytest.approx(best, abs=1e-3)
        assert ours["result"]["stop_reason"] == theirs["result"]["stop_reason"]
        assert ours["weights"] == pytest.approx(theirs["weights"], rel=1e-6)
        assert files(tmp_path / one.strategy) == files(tmp_path / f"alone-{one.strategy}")


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
