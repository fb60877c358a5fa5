"""What people call data: a path, a sample, a dataset; and help when it is none of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tl_core.data as data
from tl_core.errors import InputError

pytestmark = pytest.mark.usefixtures("thaw_home")

DrawClasses = Callable[..., Path]


@pytest.fixture
def imported(tmp_path: Path, draw_classes: DrawClasses) -> data.Dataset:
    return data.resolve(str(draw_classes(tmp_path / "Pets at home")))


def test_a_path_is_imported(imported: data.Dataset, tmp_path: Path) -> None:
    assert imported.classes == ("cats", "dogs")
    assert data.resolve(str(tmp_path / "Pets at home")) == imported


def test_a_dataset_is_found_by_id_and_by_name(imported: data.Dataset) -> None:
    assert data.resolve(imported.id) == imported
    assert data.resolve(" Pets at home ") == imported


def test_the_newest_of_several_with_one_name_is_meant(
    imported: data.Dataset, tmp_path: Path, draw_classes: DrawClasses
) -> None:
    newer = draw_classes(tmp_path / "newer", n=7)
    again = data.import_data(newer, name="Pets at home")
    assert again.id != imported.id
    assert data.resolve("Pets at home") == again


def test_a_sample_is_found_by_its_id() -> None:
    assert data.resolve("shapes").source.startswith("sample:shapes")
    assert data.resolve("shapes").name == "shapes"


def test_a_path_goes_before_a_sample(
    tmp_path: Path, draw_classes: DrawClasses, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_classes(tmp_path / "shapes")
    monkeypatch.chdir(tmp_path)
    assert len(data.resolve("shapes").examples) == 12


@pytest.mark.parametrize("text", ["", "  ", "nothing", "~nobody/x", "a\0b", "x" * 5000, "../../x"])
def test_what_means_nothing_lists_what_there_is(imported: data.Dataset, text: str) -> None:
    with pytest.raises(InputError) as caught:
        data.resolve(text)
    (issue,) = caught.value.issues
    assert "shapes, digits, solar" in issue.fix
    assert imported.id in issue.fix


@pytest.mark.parametrize(
    ("text", "meant"), [("shape", "shapes"), ("Pets at hme", "Pets at home"), ("digts", "digits")]
)
def test_a_slip_of_the_keys_is_understood(imported: data.Dataset, text: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"Did you mean {meant}"):
        data.resolve(text)
