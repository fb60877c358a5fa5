from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.cli.options import is_path, prepare
from tl_core.errors import InputError, Issue
from tl_core.spec import RunSpec


def test_every_problem_of_request_base_and_data_is_named_at_once(thaw_home: Path) -> None:
    draft = RunSpec(kind="train", dataset="nowhere", base="nobody", size=7, epochs=0)
    with pytest.raises(InputError) as caught:
        prepare("nowhere", draft, draft, issues=[Issue("priority", "Unknown.", "Use another.")])
    fields = [issue.field for issue in caught.value.issues]
    assert fields == ["priority", "size", "epochs", "base", "data"]


def test_nothing_is_imported_while_the_request_is_unsound(
    thaw_home: Path, tiny_pictures: Path
) -> None:
    with pytest.raises(InputError):
        prepare(str(tiny_pictures), RunSpec(kind="train", dataset="x", size=7))
    assert not (thaw_home / "datasets").exists()


def test_a_sound_request_brings_the_data_in(thaw_home: Path, tiny_pictures: Path) -> None:
    dataset = prepare(str(tiny_pictures), RunSpec(kind="train", dataset=str(tiny_pictures)))
    assert dataset.classes == ("dark", "light")
    assert len(dataset.examples) == 16


@pytest.mark.parametrize("text", ["", "nowhere", "a\0b", "x" * 5000, "~nobody-of-that-name/x"])
def test_what_is_no_path_is_told_without_an_error(text: str, tmp_path: Path) -> None:
    assert is_path(text) is (text == "")  # an empty text is the current folder


def test_a_path_is_recognised(tmp_path: Path) -> None:
    assert is_path(str(tmp_path))
