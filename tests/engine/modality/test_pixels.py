"""Pictures are decoded once, found again, and never claimed to be there when they are not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tl_core.data.dataset import Dataset
from tl_core.engine import arrays
from tl_core.engine.modality import pixels
from tl_core.engine.modality.pixels import Canvas, open_canvas

EDGE = 24


def canvas_of(dataset: Dataset, edge: int = EDGE) -> Canvas:
    examples = dataset.examples[:6]
    return open_canvas([e.path for e in examples], [e.key for e in examples], edge)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are decoded."""
    names: list[str] = []
    plain = pixels.decode

    def decode(path: Path, edge: int) -> pixels.Pixels:
        names.append(path.name)
        return plain(path, edge)

    monkeypatch.setattr(pixels, "decode", decode)
    return names


def test_only_what_is_asked_for_is_decoded_and_that_once(
    thaw_home: Path, drawn: Dataset, decoded: list[str]
) -> None:
    canvas = canvas_of(drawn)
    first = canvas.pixels([4, 1])
    assert first.shape == (2, 3, EDGE, EDGE)
    assert first.dtype == np.uint8
    assert sorted(decoded) == sorted(drawn.examples[n].path.name for n in (4, 1))
    again = canvas.pixels([1, 4, 4])
    assert len(decoded) == 2
    assert np.array_equal(again, first[[1, 0, 0]])
    assert np.array_equal(first[0], pixels.decode(drawn.examples[4].path, EDGE))


def test_what_was_settled_is_known_to_whoever_opens_the_set_again(
    thaw_home: Path, drawn: Dataset, decoded: list[str]
) -> None:
    canvas = canvas_of(drawn)
    kept = canvas.pixels([0, 1])
    assert not canvas_of(drawn).known.any()  # not settled yet: a power cut may undo it
    canvas.settle()
    again = canvas_of(drawn)
    assert again.known.tolist() == [True, True, False, False, False, False]
    assert np.array_equal(again.pixels([0, 1]), kept)
    assert len(decoded) == 2


def test_decoding_settles_by_itself_after_a_while(
    thaw_home: Path, drawn: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixels, "SETTLE_SECONDS", -1.0)
    canvas_of(drawn).pixels([2])
    assert canvas_of(drawn).known.tolist() == [False, False, True, False, False, False]


def test_two_parts_of_a_set_do_not_forget_each_other(
    thaw_home: Path, drawn: Dataset, decoded: list[str]
) -> None:
    train, val = canvas_of(drawn), canvas_of(drawn)
    train.pixels([0, 1])
    val.pixels([5])
    train.settle()
    val.settle()
    assert canvas_of(drawn).known.tolist() == [True, True, False, False, False, True]


def test_a_cache_deleted_under_an_open_set_is_made_anew_and_never_trusted_blindly(
    thaw_home: Path, drawn: Dataset
) -> None:
    canvas = canvas_of(drawn)
    expected = canvas.pixels([0, 1])
    shutil.rmtree(thaw_home / "cache")
    assert np.array_equal(canvas.pixels([0, 1]), expected)
    canvas.settle()  # its file is gone: nothing to be noted
    newer = canvas_of(drawn)
    canvas.settle()  # another file has its place: nothing to be noted of that one
    assert not canvas_of(drawn).known.any()
    assert np.array_equal(newer.pixels([0, 1]), expected)
    assert np.array_equal(canvas_of(drawn).pixels([1, 0]), expected[::-1])


def test_another_edge_is_another_store(thaw_home: Path, drawn: Dataset) -> None:
    canvas_of(drawn), canvas_of(drawn, 32), canvas_of(drawn)
    assert len(list((thaw_home / "cache" / "pictures").glob("*.npy"))) == 2


def test_a_set_with_an_unnamed_picture_is_not_kept(thaw_home: Path, drawn: Dataset) -> None:
    examples = drawn.examples[:3]
    keys = [examples[0].key, "", examples[2].key]
    loose = open_canvas([e.path for e in examples], keys, EDGE)
    assert loose.store is None
    assert np.array_equal(loose.pixels([2, 0]), canvas_of(drawn).pixels([2, 0]))
    loose.settle()  # nothing to settle, and no error


def test_a_set_too_large_or_without_room_is_decoded_each_time(
    thaw_home: Path, drawn: Dataset, monkeypatch: pytest.MonkeyPatch, decoded: list[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pixels, "LIMIT_BYTES", 6 * 3 * EDGE**2 - 1)
        assert canvas_of(drawn).store is None

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(arrays.os, "posix_fallocate", full)
    loose = canvas_of(drawn)
    assert loose.store is None
    assert np.array_equal(loose.pixels([1]), loose.pixels([1]))
    assert len(decoded) == 2
    assert list((thaw_home / "cache" / "pictures").iterdir()) == []


def test_the_square_is_cut_from_the_centre(tmp_path: Path) -> None:
    from PIL import Image

    wide = Image.new("RGB", (90, 30), (255, 0, 0))
    wide.paste((0, 255, 0), (30, 0, 60, 30))
    wide.save(tmp_path / "wide.png")
    square = pixels.decode(tmp_path / "wide.png", 20)
    assert square.shape == (3, 20, 20)
    assert square[1].min() > 200
    assert square[0].max() < 50
