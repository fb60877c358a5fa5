"""Which runs make pairs, by what they were really judged on, and why others do not."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tl_core.runs import events, store, versus
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

pytestmark = pytest.mark.usefixtures("thaw_home")

KEYS = tuple(f"k{n:02}" for n in range(30))


def ended(keys: Sequence[str] = KEYS, wrong: int = 0, *, label: str = "a", **spec: Any) -> RunState:
    """Return a finished run that is wrong on the first so many of these examples."""
    run = store.new_run(RunSpec(kind="train", **{"dataset": "d", "strategy": "lora"} | spec))
    folder = store.run_dir(run)
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        writer.emit("launched")
        writer.emit("started")
        writer.emit("finished", stop_reason="epochs", best={"epoch": 1})
    write(folder, keys, wrong, label)
    return store.read_run(run)


def write(folder: Path, keys: Sequence[str], wrong: int, label: str) -> None:
    path = folder / versus.PREDICTIONS_FILE
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "name", "label", "predicted", "probability"])
        for place, key in enumerate(keys):
            writer.writerow([key, key, label, "other" if place < wrong else label, 0.9])


def test_runs_judged_on_the_same_examples_make_pairs_in_any_order_of_the_file() -> None:
    one, other = ended(wrong=0), ended(KEYS[::-1], wrong=10)
    found = versus.compare([one, other])
    (pair,) = found.pairs
    assert found.groups == ((one.id, other.id),)
    assert (pair.only_first, pair.only_second, pair.n) == (10, 0, 30)
    assert pair.better == one.id
    assert found.unlike == ()


@pytest.mark.parametrize(
    ("keys", "changed", "why", "shared"),
    [
        ((*KEYS[10:], "x"), {"seed": 1}, "split", 20),
        (KEYS[10:], {"val_fraction": 0.3}, "split", 20),
        (KEYS[10:], {"revision": 2}, "edits", 20),
        (KEYS[10:], {"dataset": "e"}, "data", 20),
        (KEYS[10:], {}, "examples", 20),
        (KEYS, {"label": "b", "revision": 1}, "labels", 0),
    ],
)
def test_why_two_make_no_pair(
    keys: Sequence[str], changed: dict[str, Any], why: str, shared: int
) -> None:
    one, twin, other = ended(), ended(), ended(keys, **changed)
    found = versus.compare([other, one, twin])
    assert found.groups == ((one.id, twin.id), (other.id,))
    (unlike,) = found.unlike
    assert (unlike.first, unlike.second, unlike.why, unlike.shared) == (
        one.id, other.id, why, shared
    )  # fmt: skip
    assert len(found.pairs) == 1


def test_another_seed_with_the_same_examples_still_makes_a_pair() -> None:
    assert len(versus.compare([ended(), ended(seed=3)]).pairs) == 1


def test_who_has_not_ended_or_kept_nothing_is_told() -> None:
    queued = store.read_run(store.new_run(RunSpec(kind="train", dataset="d", strategy="lora")))
    bare, damaged = ended(), ended()
    (store.run_dir(bare.id) / versus.PREDICTIONS_FILE).unlink()
    (store.run_dir(damaged.id) / versus.PREDICTIONS_FILE).write_text("nothing,of,this\n1,2,3\n")
    found = versus.compare([queued, bare, damaged])
    assert found.training == (queued.id,)
    assert found.silent == (bare.id, damaged.id)
    assert (found.groups, found.pairs) == ((), ())


def test_answers_written_anew_are_read_anew() -> None:
    run = ended(wrong=0)
    assert versus.answers(run).right.count(False) == 0  # type: ignore[union-attr]
    write(store.run_dir(run.id), KEYS, 7, "a")
    assert versus.answers(run).right.count(False) == 7  # type: ignore[union-attr]
