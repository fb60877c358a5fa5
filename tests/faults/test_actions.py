"""Actions of people on real training that is killed right after: each takes effect exactly once."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tl_core import data
from tl_core.errors import InputError
from tl_core.runs import events, launch, store
from tl_core.spec import RunSpec

EDGE = 32
PER_CLASS = 20
EPOCHS = 45
PATIENCE_SECONDS = 240.0  # the real engine on a machine that others use as well


@pytest.fixture
def run_id(thaw_home: Path, tmp_path: Path) -> Iterator[str]:
    """A gradual thaw at work on two classes of noise, one a little brighter than the other."""
    rng = np.random.default_rng(0)
    for label, brightness in (("dark", 0), ("light", 24)):
        (tmp_path / "noise" / label).mkdir(parents=True)
        for number in range(PER_CLASS):
            noise = rng.integers(0, 200, (EDGE, EDGE, 3), dtype=np.uint8)
            picture = Image.fromarray(noise + np.uint8(brightness))
            picture.save(tmp_path / "noise" / label / f"{number}.png")
    dataset = data.import_data(tmp_path / "noise").id
    spec = RunSpec(
        kind="train",
        dataset=dataset,
        strategy="gradual_unfreezing",
        size=EDGE,
        epochs=EPOCHS,
        patience=0,
    )
    started = launch.start(spec)
    yield started
    with contextlib.suppress(InputError):
        launch.stop(started, force=True, grace_seconds=0.2)


def answered(run_id: str) -> list[dict[str, Any]]:
    return [a for a in store.read_run(run_id).actions if a["applied"]]


def eventually(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)


def killed(run_id: str) -> None:
    told = events.read_events(store.run_dir(run_id) / events.FILE)[0]
    os.kill([e["pid"] for e in told if e["kind"] == "started"][-1], signal.SIGKILL)
    eventually(lambda: store.read_run(run_id).status == "interrupted")


def learning(run_id: str) -> str:
    """Return the rung of the last epoch; empty if it was none."""
    told = store.read_run(run_id).epochs
    phase = told[-1]["phase"] if told else ""
    return phase if phase.startswith("thaw:") else ""


@pytest.mark.timeout(1200)
def test_actions_survive_a_kill_exactly_once(run_id: str) -> None:
    eventually(lambda: learning(run_id) and learning(run_id) != "thaw:stem")
    asked = [launch.act(run_id, "lower_lr"), launch.act(run_id, "thaw_next")]
    eventually(lambda: answered(run_id))
    killed(run_id)
    launch.resume(run_id)
    eventually(lambda: learning(run_id) == "thaw:stem")
    launch.act(run_id, "rollback")
    eventually(lambda: len(answered(run_id)) == 3)
    killed(run_id)
    assert store.read_run(run_id).is_active is False
    launch.resume(run_id)
    # The rung that was cut short goes on, and somebody has had enough of it.
    eventually(lambda: learning(run_id) not in ("", "thaw:stem"))
    launch.act(run_id, "stop_keep_best")
    eventually(lambda: not store.read_run(run_id).is_active)
    state = store.read_run(run_id)
    assert state.status == "stopped"
    names = ["lower_lr", "thaw_next", "rollback", "stop_keep_best"]
    assert [a["action"] for a in state.actions if a["applied"]] == names
    assert [a["id"] for a in state.actions][:2] == asked
    assert [e["epoch"] for e in state.epochs] == list(range(len(state.epochs)))
    assert [r["stage"] for r in state.rollbacks] == ["stem"]
    rates = {e["phase"]: e["lr"] for e in state.epochs}
    assert 0 < rates["thaw:stem"] <= 1e-5
    assert state.finished is not None
    assert state.finished["best"]["epoch"] == state.best["epoch"]  # type: ignore[index]
    assert (store.run_dir(run_id) / "checkpoints" / "best.safetensors").is_file()
