from __future__ import annotations

import json

import pytest

from tl_core.cli import output
from tl_core.errors import Cancelled, Issue, RunFailed


def test_json_is_one_line_and_never_holds_what_is_no_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.write_json({"a": [float("nan"), 1.5], "b": {"c": float("inf")}, "ä": (1,)})
    out = capsys.readouterr().out
    assert out == '{"a": [null, 1.5], "b": {"c": null}, "ä": [1]}\n'


def test_every_issue_is_shown_with_its_fix(capsys: pytest.CaptureFixture[str]) -> None:
    issues = [Issue("size", "Too small.", "Use 32."), Issue("[red]x", "Bad [name].", "Rename it.")]
    output.show_issues(issues, as_json=False)
    captured = capsys.readouterr()
    assert captured.out == ""
    for text in ("2 problems", "size", "Too small.", "Use 32.", "[red]x", "Bad [name]."):
        assert text in captured.err
    output.show_issues(issues, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["issues"][0] == {"field": "size", "message": "Too small.", "fix": "Use 32."}
    assert len(told["issues"]) == 2


def test_a_failure_is_shown_with_its_fix(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_failure(RunFailed("disk_full", "The disk is full.", "Free space."), as_json=False)
    err = capsys.readouterr().err
    assert "The disk is full." in err
    assert "Free space." in err
    output.show_failure(Cancelled("It was stopped."), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["error"] == {"code": "failed", "message": "It was stopped.", "fix": ""}


def test_texts_that_look_like_markup_stay_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.tell("[bold]bees[/bold]")
    output.say("[link=x]ants[/link]")
    captured = capsys.readouterr()
    assert captured.out == "[bold]bees[/bold]\n"
    assert captured.err == "[link=x]ants[/link]\n"
