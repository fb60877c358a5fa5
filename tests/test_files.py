from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tl_core import files
from tl_core.errors import InputError

_HOLDER = """
import sys
from pathlib import Path
from tl_core.files import FileLock
print(FileLock(Path(sys.argv[1])).acquire(), flush=True)
sys.stdin.read()
"""


def test_home_follows_the_environment(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.home() == thaw_home
    assert files.runs_dir() == thaw_home / "runs"
    assert files.datasets_dir() == thaw_home / "datasets"
    assert files.cache_dir() == thaw_home / "cache"
    assert files.uploads_dir() == thaw_home / "uploads"
    monkeypatch.setenv("THAW_HOME", "~/elsewhere")
    assert files.home() == Path.home() / "elsewhere"
    monkeypatch.setenv("THAW_HOME", "")
    assert files.home() == Path.home() / ".thaw"


def test_data_root_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THAW_DATA", "/somewhere")
    assert files.data_root() == Path("/somewhere")
    monkeypatch.delenv("THAW_DATA")
    assert files.data_root().parts[-2:] == ("shared", "data")


def test_the_app_of_a_checkout_lies_beside_the_package() -> None:
    assert files.app_dir() == Path(__file__).parents[1]


def test_the_app_of_a_wheel_lies_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "tl_core"
    monkeypatch.setattr(files, "__file__", str(package / "files.py"))
    assert files.app_dir() is None
    (tmp_path / "app.py").touch()  # a stranger's file: no pages beside it
    (package / "_app" / "pages").mkdir(parents=True)
    (package / "_app" / "app.py").touch()
    assert files.app_dir() == package / "_app"


@pytest.mark.parametrize("name", ["a.png", "a/b.png", "a/../b.png", "ä ö.png", "..a", "a..b"])
def test_safe_join_takes_names_inside(tmp_path: Path, name: str) -> None:
    assert files.safe_join(tmp_path, name).resolve().is_relative_to(tmp_path.resolve())


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", ".."])
def test_safe_join_refuses_names_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        files.safe_join(tmp_path, name)
    assert caught.value.issues[0].field == name


def test_safe_join_refuses_a_link_that_leads_outside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(InputError):
        files.safe_join(root, "link", "secret.txt")


def test_replacing_leaves_the_old_file_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    files.write_atomically(path, "old")

    def write_half() -> None:
        with files.replacing(path) as temporary:
            temporary.write_text("ne")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_write_atomically_makes_folders_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "file.txt"
    files.write_atomically(path, "ä")
    files.write_atomically(path, b"second")
    assert path.read_bytes() == b"second"


def test_json_keeps_words_and_refuses_what_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    files.write_json(path, {"größe": [1, 2.5, None]})
    assert "größe" in path.read_text(encoding="utf-8")
    assert files.read_json(path) == {"größe": [1, 2.5, None]}
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(path, float("nan"))
    assert files.read_json(path) == {"größe": [1, 2.5, None]}


def test_sha256_of_a_known_text(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert files.sha256_of(path) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_folder_bytes_counts_files_and_not_links(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a").write_bytes(b"x" * 10)
    (tmp_path / "sub" / "b").write_bytes(b"x" * 5)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert files.folder_bytes(tmp_path) == 15


def test_trim_folder_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "middle", "old")):
        (tmp_path / name).write_bytes(b"x" * 10)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    files.trim_folder(tmp_path, 20)
    assert {p.name for p in tmp_path.iterdir()} == {"new", "middle"}
    files.trim_folder(tmp_path, 0)
    assert not list(tmp_path.iterdir())


def test_a_lock_is_held_while_its_process_lives_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "worker.lock"
    assert files.is_locked(path) is False
    assert not path.exists()
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert files.is_locked(path) is True
        assert files.FileLock(path).acquire() is False
        holder.kill()
    assert files.is_locked(path) is False
    lock = files.FileLock(path)
    assert lock.acquire() is True
    lock.release()
    lock.release()


def test_read_json_reports_a_torn_file(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text('{"a": ')
    with pytest.raises(json.JSONDecodeError):
        files.read_json(tmp_path / "torn.json")
