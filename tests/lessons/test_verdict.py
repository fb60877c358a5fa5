"""The verdict on what was done: told apart only where a paired test can."""

from __future__ import annotations

from typing import Any

from tl_core.lessons.legs import Leg
from tl_core.lessons.verdict import pair_of, promise, sentences


def leg(name: str, right: str, *, promised: tuple[float, float] = (0.0, 1.0)) -> Leg:
    share = right.count("1") / len(right)
    test = {"value": share, "low": share - 0.1, "high": share + 0.1, "n": len(right)}
    low, high = promised
    best = {"val_accuracy": {"value": (low + high) / 2, "low": low, "high": high, "n": 50}}
    end: dict[str, Any] = {"kind": "finished", "test_accuracy": test, "best": best}
    return Leg(name, 5, False, {}, (end,), tuple(one == "1" for one in right))


def test_what_helps_what_harms_and_what_cannot_be_told() -> None:
    plain = leg("as_it_is", "0" * 20 + "1" * 20)
    better = leg("lower_lr", "1" * 15 + "0" * 5 + "1" * 20)
    close = leg("lower_lr", "1" * 2 + "0" * 18 + "1" * 20)
    assert sentences(plain, better)[0].startswith("More new examples are right with it: 88 %")
    assert sentences(better, leg("x", "0" * 20 + "1" * 20))[0].startswith(
        "Fewer new examples are right"
    )
    assert sentences(plain, close)[0].startswith("Too close to call")
    assert "on 0, only the other one on 15" in sentences(plain, better)[1]
    assert pair_of(plain, better).better == "lower_lr"


def test_the_same_answers_need_no_test() -> None:
    one, other = leg("as_it_is", "0101"), leg("stop_keep_best", "0101")
    assert "exactly the same" in sentences(one, other)[1]


def test_a_promise_is_told_only_where_the_test_breaks_it() -> None:
    assert promise(leg("as_it_is", "0011", promised=(0.4, 0.6))) == ""
    broken = promise(leg("as_it_is", "0011", promised=(0.9, 1.0)))
    assert "Its own validation had said 95 %" in broken
