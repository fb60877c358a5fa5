"""What is made ahead comes in order, fails where it is awaited, and ends with its reader."""

from __future__ import annotations

import threading

import pytest
import torch

from tl_core.engine import ahead


def test_everything_comes_once_and_in_order() -> None:
    assert list(ahead.made(lambda n: n * n, range(20))) == [n * n for n in range(20)]
    assert list(ahead.made(lambda n: n, [])) == []


def test_it_is_made_by_another_thread() -> None:
    makers = set(ahead.made(lambda _n: threading.current_thread().name, range(5)))
    assert len(makers) == 1
    assert threading.current_thread().name not in makers


def test_what_is_made_ahead_leaves_the_other_cores_to_the_network() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert set(ahead.made(lambda _n: torch.get_num_threads(), range(3))) == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_what_goes_wrong_is_raised_to_the_reader() -> None:
    def make(n: int) -> int:
        if n == 3:
            raise ValueError("the third is broken")
        return n

    got = []
    with pytest.raises(ValueError, match="third"):
        got.extend(ahead.made(make, range(6)))
    # `extend` keeps what came before the error
    assert got == [0, 1, 2]


def test_no_more_than_the_depth_is_made_ahead_and_an_early_end_stops_it() -> None:
    made: list[int] = []
    reader = ahead.made(lambda n: made.append(n) or n, range(100))
    assert next(reader) == 0
    reader.close()
    assert len(made) <= ahead.DEPTH + 1
    assert not [t for t in threading.enumerate() if t.name.startswith("ahead")]


def test_batches_carry_their_rows() -> None:
    found = list(ahead.batches(lambda rows: torch.tensor(rows), [4, 5, 6, 7, 8], 2))
    assert [list(rows) for rows, _v in found] == [[4, 5], [6, 7], [8]]
    assert [v.tolist() for _rows, v in found] == [[4, 5], [6, 7], [8]]


def test_like_rows_go_together_and_back_to_their_places() -> None:
    lengths = [5, 1, 4, 2, 3]
    order = ahead.alike([4, 0, 1], lengths)
    assert order == [1, 4, 0]
    assert ahead.alike([4, 0, 1], ()) == [4, 0, 1]
    values = torch.tensor([float(row) for row in order])
    assert ahead.put_back(values, order, [4, 0, 1]).tolist() == [4, 0, 1]
    assert ahead.put_back(values, order).tolist() == [0, 1, 4]
