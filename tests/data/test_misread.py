"""Misread tables: told by the column at fault; what failed for other reasons is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.data.columns import Found
from tl_core.data.misread import Asked, refuse_unlike, refuse_unread
from tl_core.errors import InputError


def asked(*rows: dict[str, str]) -> Asked:
    return Asked("t.csv", ("img", "kind", "half"), Found("img", "", "kind", "half", ""), rows)


def nowhere(path: str) -> Path | str:
    return "missing_files"


def anywhere(path: str) -> Path | str:
    return Path(path)


def test_unknown_parts_are_told_only_if_every_row_has_one() -> None:
    first = {"img": "a.png", "half": "left"}
    with pytest.raises(InputError, match="'half' names no parts; it begins with 'left'"):
        refuse_unread(asked(first, first), anywhere, is_part=False)
    refuse_unread(asked(first, first), anywhere, is_part=True)
    refuse_unread(asked(first, {"img": "b.png", "half": ""}), anywhere, is_part=False)
    refuse_unread(asked(), anywhere, is_part=False)


def test_missing_files_are_told_only_if_all_are_missing() -> None:
    rows = [{"img": "a.png"}, {"img": "b.png"}]
    with pytest.raises(InputError, match=r"the first is 'a\.png'"):
        refuse_unread(asked(*rows), nowhere, is_part=True)
    refuse_unread(asked(*rows), lambda path: "links", is_part=True)


def test_a_column_with_pictures_is_proposed() -> None:
    with pytest.raises(InputError, match="'kind' seems to name them"):
        refuse_unread(asked({"img": "cat", "kind": "a.png"}), nowhere, is_part=True)


def test_labels_that_never_repeat_are_no_classes() -> None:
    labels = [str(number) for number in range(12)]
    with pytest.raises(InputError, match="the columns are: img, kind, half"):
        refuse_unlike(asked(), labels)
    refuse_unlike(asked(), [*labels, "1"])
    refuse_unlike(asked(), labels[:4])


def test_hostile_values_stay_on_one_line() -> None:
    with pytest.raises(InputError) as told:
        refuse_unread(asked({"img": "a\n\x1b[2J\u202e" + "x" * 500}), nowhere, is_part=True)
    message = told.value.issues[0].message
    assert message.isprintable()
    assert len(message) < 200
