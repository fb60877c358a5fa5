"""Staging: gone when the block ends, however it ends; swept up after a process that was killed."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tl_core import files
from tl_core.data import staging as stage
from tl_core.data.dataset import HEADER_FILE
from tl_core.data.store import exists
from tl_core.errors import InputError

pytestmark = pytest.mark.usefixtures("thaw_home")

_HOLD = """
import sys
from tl_core.data.staging import staging
with staging() as folder:
    (folder / "half.png").write_text("half")
    print(folder, flush=True)
    sys.stdin.readline()
"""


def left() -> list[str]:
    return sorted(p.name for p in files.datasets_dir().iterdir() if not p.name.startswith("."))


def test_the_folder_is_gone_when_the_block_ends() -> None:
    with stage.staging() as folder:
        (folder / "file").write_text("x")
        assert folder.name.endswith(".partial")
        assert folder.parent == files.datasets_dir()
    assert left() == []
    with pytest.raises(FileNotFoundError), stage.staging() as folder:
        (folder / "no" / "such" / "file").write_text("x")
    assert left() == []


def test_publishing_makes_it_a_dataset() -> None:
    with stage.staging() as folder:
        (folder / HEADER_FILE).write_text("{}")
        assert not exists("made-1")
        stage.publish(folder, "made-1")
    assert exists("made-1")
    assert left() == ["made-1"]
    assert [p.name for p in (files.datasets_dir() / "made-1").iterdir()] == [HEADER_FILE]


def test_the_first_of_two_equal_imports_stands() -> None:
    for content in ("first", "second"):
        with stage.staging() as folder:
            (folder / HEADER_FILE).write_text(content)
            stage.publish(folder, "made-1")
    assert (files.datasets_dir() / "made-1" / HEADER_FILE).read_text() == "first"
    assert left() == ["made-1"]


def test_a_damaged_dataset_gives_way() -> None:
    (files.datasets_dir() / "made-1" / "images").mkdir(parents=True)
    with stage.staging() as folder:
        (folder / HEADER_FILE).write_text("whole")
        stage.publish(folder, "made-1")
    assert exists("made-1")


def test_a_live_import_is_left_alone_and_a_killed_one_is_swept_up() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        with stage.staging():
            assert (theirs / "half.png").exists()
        other.kill()
        other.wait()
    assert (theirs / "half.png").exists()
    with stage.staging():
        assert not theirs.exists()


def test_imports_of_one_process_take_turns() -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with stage.staging():
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert left() == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_told_in_plain_words(number: int) -> None:
    with pytest.raises(InputError, match="The disk is full"), stage.staging():
        raise OSError(number, "full")
    assert left() == []


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(PermissionError), stage.staging():
        raise PermissionError
    assert left() == []
