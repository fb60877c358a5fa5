"""Arrays on disk come back, and a full disk is noticed before anything is written."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from tl_core.engine import arrays


def test_what_is_written_piece_by_piece_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    array = arrays.create(path, "float16", (3, 4))
    assert not array.any()
    array[1] = [1, 2, 3, 4]
    array.flush()
    again = arrays.read(path)
    assert again.dtype == np.float16
    assert again[1].tolist() == [1, 2, 3, 4]
    assert torch.equal(arrays.tensor(path)[1], torch.tensor([1, 2, 3, 4], dtype=torch.float16))


def test_changes_reach_the_file_only_if_it_is_opened_for_that(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    arrays.create(path, "uint8", (2,)).flush()
    arrays.read(path)[0] = 7
    assert arrays.read(path)[0] == 0
    open_array = arrays.read(path, writable=True)
    open_array[0] = 7
    open_array.flush()
    assert arrays.read(path)[0] == 7


def test_room_is_reserved_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.npy"
    arrays.create(path, "float32", (1000, 100))
    assert path.stat().st_blocks * 512 >= 400_000  # not sparse

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        arrays.create(tmp_path / "b.npy", "float32", (1000, 100))


def test_reading_marks_a_file_as_used(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    arrays.create(path, "uint8", (2,)).flush()
    os.utime(path, (1, 1))
    arrays.read(path)
    assert path.stat().st_mtime > 1000


def test_no_code_is_run_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        arrays.read(path)
