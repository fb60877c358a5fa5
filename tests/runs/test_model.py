"""Which weights of a run answer: the final ones, or the best so far."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.handmade import best_of, epoch
from tl_core.errors import InputError
from tl_core.runs import events, locks, store
from tl_core.runs.model import is_final, kept, require_final, require_kept
from tl_core.spec import RunSpec

TRAIN = RunSpec("train", "things", strategy="lora")
Told = tuple[str, dict[str, Any]]


def made(*told: Told, spec: RunSpec = TRAIN, weights: tuple[str, ...] = ()) -> str:
    """Make a run with these events and files of weights."""
    run = store.new_run(spec)
    folder = store.run_dir(run)
    (folder / "checkpoints").mkdir()
    for name in weights:
        (folder / "checkpoints" / name).write_bytes(b"x")
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        for kind, fields in told:
            writer.emit(kind, **fields)
    return run


STARTED: Told = ("started", {})
EPOCHS: list[Told] = [("epoch", epoch(0)), ("epoch", epoch(1))]
ENDED: Told = ("finished", {"stop_reason": "epochs", "best": best_of(epoch(1))})


def problem(run: str) -> str:
    with pytest.raises(InputError) as caught:
        require_kept(run)
    (issue,) = caught.value.issues
    return f"{issue.message} {issue.fix}"


def test_a_run_that_ended_answers_with_its_final_weights(thaw_home: Any) -> None:
    run = made(STARTED, *EPOCHS, ENDED, weights=("best.safetensors", "best-00001.safetensors"))
    state, found = require_kept(run)
    assert state.id == run
    assert found.epoch is None


def test_a_run_at_work_answers_with_its_best_so_far(thaw_home: Any) -> None:
    run = made(STARTED, *EPOCHS, weights=("best.safetensors", "best-00001.safetensors"))
    with locks.hold(store.run_dir(run)):
        found = kept(store.read_run(run))
        assert found is not None
        assert found.epoch == 1
        (store.run_dir(run) / "checkpoints" / "best-00001.safetensors").write_bytes(b"other")
        assert kept(store.read_run(run)) != found
    assert store.read_run(run).status == "interrupted"
    assert require_kept(run)[1].epoch == 1


def test_who_has_no_weights_says_how_to_come_to_some(thaw_home: Any) -> None:
    assert "thaw runs show" in problem(made())
    assert "thaw runs resume" in problem(made(STARTED))
    assert "--strategy lora" in problem(made(STARTED, *EPOCHS, ENDED))
    assert "--strategy lora" in problem(made(STARTED, *EPOCHS))
    assert "trained nothing" in problem(made(spec=RunSpec("evidence", "things")))
    race = RunSpec("race", "things", strategies=("lora", "linear_probe"))
    assert "Name one of its runs: thaw runs show" in problem(made(spec=race))
    ranked = ("finished", {"ranking": [{"run": "the-first"}]})
    assert "The first is the-first" in problem(made(STARTED, ranked, spec=race))


def test_only_what_a_run_ended_with_is_final(thaw_home: Any) -> None:
    ended = made(STARTED, *EPOCHS, ENDED, weights=("best.safetensors",))
    assert is_final(store.read_run(ended))
    assert require_final(ended).id == ended
    broken = made(STARTED, *EPOCHS, weights=("best-00001.safetensors",))
    assert not is_final(store.read_run(broken))
    with pytest.raises(InputError, match="thaw runs resume"):
        require_final(broken)
    with locks.hold(store.run_dir(broken)), pytest.raises(InputError, match="thaw runs stop"):
        require_final(broken)
    assert not is_final(store.read_run(made(spec=RunSpec("evidence", "things"))))
