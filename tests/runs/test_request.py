"""The stored request: written whole, read back or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tl_core.errors import InputError
from tl_core.runs.request import SPEC_FILE, read_spec, with_absolute_source, write_spec
from tl_core.spec import RunSpec


@pytest.mark.parametrize(
    "spec",
    [
        RunSpec(kind="train", dataset="d", size=64, minutes=2, epochs=3),
        RunSpec(kind="train", dataset="d", minutes=0.5),
        RunSpec(kind="import", source="/a/\udcff.zip", name="Ähre \u2603"),
    ],
)
def test_a_request_is_read_back(tmp_path: Path, spec: RunSpec) -> None:
    write_spec(tmp_path, spec)
    assert read_spec(tmp_path) == spec


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"7",
        b"null",
        b"[]",
        b'"kind"',
        b"{}",
        b'{"kind":"train","version":99}',
        b'{"kind":7}',
        b'{"kind":"train","epochs":"many"}',
        b'{"kind":"train","dataset":null}',
    ],
)
def test_a_damaged_request_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / SPEC_FILE).write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        read_spec(tmp_path)


def test_a_missing_request_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_spec(tmp_path)


def test_keys_of_later_versions_are_ignored(tmp_path: Path) -> None:
    values: dict[str, Any] = {"kind": "train", "dataset": "d", "colour": "blue"}
    (tmp_path / SPEC_FILE).write_text(json.dumps(values))
    assert read_spec(tmp_path) == RunSpec(kind="train", dataset="d")


def test_a_source_means_the_same_in_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = with_absolute_source(RunSpec(kind="import", source="pictures"))
    assert spec.source == str(tmp_path / "pictures")
    nobody = with_absolute_source(RunSpec(kind="import", source="~who is this/pictures"))
    assert nobody.source == str(tmp_path / "~who is this" / "pictures")
    train = RunSpec(kind="train", dataset="d")
    assert with_absolute_source(train) is train
