"""The command that does what a page does."""

from __future__ import annotations

import shlex

from pages.ui import commands
from tl_core.spec import RunSpec


def test_what_is_usual_is_left_out() -> None:
    assert commands.train(RunSpec(kind="train", dataset="shapes-1")) == "thaw train shapes-1"


def test_what_was_chosen_is_said() -> None:
    spec = RunSpec(
        kind="train", dataset="d", strategy="lora", size=64, epochs=3, patience=0, minutes=1.5
    )
    told = commands.train(spec)
    assert told == (
        "thaw train d --size 64 --strategy lora --epochs 3 --patience 0 --minutes 1.5"
    )  # fmt: skip


def test_odd_names_cannot_change_the_command() -> None:
    told = commands.train(RunSpec(kind="train", dataset="a; rm -rf b", base="timm:x y"))
    assert shlex.split(told) == ["thaw", "train", "a; rm -rf b", "--base", "timm:x y"]


def test_results_are_to_be_had_from_a_terminal() -> None:
    assert commands.results("20260101-120000-signs-0a1b") == (
        "thaw runs results 20260101-120000-signs-0a1b"
    )
