"""The command line as a whole: help, exit codes, one JSON object, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core import __version__, cli, files
from tl_core.errors import Cancelled

COMMANDS = ("app", "doctor", "bases", "probe", "advise", "train", "data", "runs")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("runs",), ("data", "--help")])
def test_help_is_a_good_answer(thaw: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    outcome = thaw(*arguments)
    assert outcome.code == 0
    assert outcome.out.count("Usage: thaw") == 1


def test_help_names_every_command(thaw: Callable[..., Any]) -> None:
    out = thaw("--help").out
    assert all(command in out for command in COMMANDS)


def test_help_speaks_the_language_of_the_environment(
    thaw: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    assert "Web-App im Browser starten" in thaw("--help").out
    assert "Ein JSON-Objekt schreiben" in thaw("train", "--help").out
    monkeypatch.setenv("LANGUAGE", "en")
    assert "Start the web app" in thaw("--help").out


def test_version(thaw: Callable[..., Any]) -> None:
    outcome = thaw("--version")
    assert (outcome.code, outcome.out) == (0, f"thaw {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("dance",), "command"),
        (("train",), "data"),
        (("train", "x", "--size", "big"), "size"),
        (("train", "x", "--szie", "3"), "szie"),
        (("advise", "x", "--priority"), "priority"),
        (("train", "x", "--patience", "-"), "patience"),
        (("bases", "extra"), "command"),
    ],
)
def test_a_wrong_command_line_is_a_problem_with_a_fix(
    thaw: Callable[..., Any], arguments: tuple[str, ...], field: str
) -> None:
    for_people = thaw(*arguments)
    assert for_people.code == 2
    assert for_people.out == ""
    assert "--help" in for_people.err
    for_programs = thaw(arguments[0], "--json", *arguments[1:])
    assert for_programs.code == 2
    (issue,) = for_programs.json["issues"]
    assert issue["field"] == field
    assert issue["message"]
    assert issue["fix"]


def test_a_group_has_commands_of_its_own(thaw: Callable[..., Any]) -> None:
    assert thaw("runs", "shw", "--json").json["issues"][0]["field"] == "command"
    assert thaw("runs", "show", "--json").json["issues"][0]["field"] == "run"
    assert thaw("app", "--port", "70000").code == 2


def test_unusable_data_give_every_problem_as_json(thaw: Callable[..., Any]) -> None:
    outcome = thaw("train", "nowhere", "--val", "0.9", "--strategy", "magic", "--json")
    assert outcome.code == 2
    assert [i["field"] for i in outcome.json["issues"]] == ["val", "strategy", "data"]
    assert "Traceback" not in outcome.err


def test_a_request_that_was_called_off_is_no_success(
    thaw: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancel() -> None:
        raise Cancelled("It was stopped.")

    monkeypatch.setattr(cli.doctor, "examine", cancel)
    assert thaw("doctor").code == 1

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.doctor, "examine", interrupt)
    outcome = thaw("doctor")
    assert outcome.code == 1
    assert "Traceback" not in outcome.err


def test_a_reader_who_leaves_early_causes_no_traceback(thaw_home: Path) -> None:
    # Standard output is a pipe whose other end is closed already, as with `thaw … | head`.
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "tl_core.cli", "bases", "--json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(files.__file__).parents[1],
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == ""


def commands_of_the_readme() -> set[tuple[str, ...]]:
    """Return the commands that README.md shows: the words after `thaw` that are no arguments."""
    text = (Path(files.__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    shown = [line.removeprefix("$ ").split() for line in text.splitlines()]
    known = {"runs": 2, "data": 2}
    return {tuple(w[1 : 1 + known.get(w[1], 1)]) for w in shown if w[:1] == ["thaw"]}


def test_the_readme_shows_commands_that_exist(thaw: Callable[..., Any]) -> None:
    commands = commands_of_the_readme()
    assert len(commands) >= 7
    for command in commands:
        assert thaw(*command, "--help").code == 0, command
