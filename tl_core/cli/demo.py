"""`thaw demo`: the whole path on a built-in sample, without a browser and without questions."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer
from rich.text import Text

from tl_core.cli import data, decide, output, train
from tl_core.cli.options import prepare, settled
from tl_core.i18n import N_, _
from tl_core.runs import launch
from tl_core.spec import RunSpec

SAMPLE = "shapes"
TRAINING_MINUTES = 1.5  # two slow cores end the whole demo within four minutes


def add_to(thaw: typer.Typer) -> None:
    """Register the command; it is for a first look, so the list of commands leaves it out."""
    thaw.command("demo", hidden=True, help=N_("The whole path on a built-in sample."))(demo)


def demo(
    sample: Annotated[str, typer.Option("--sample", help=N_("Id of a sample."))] = SAMPLE,
) -> None:
    """Check, measure, advise and train, telling each step as it goes."""
    asked = RunSpec(kind="evidence", dataset=sample, base="")
    _heading(_("1. The data"))
    dataset = prepare(sample, asked)
    draft = settled(asked, dataset)
    output.tell(*data.lines(dataset))
    _heading(_("2. How far your task is from what the base knows"))
    advice = decide.advice_for(dataset, draft)
    output.tell(*decide.evidence_lines(advice.evidence))
    _heading(_("3. How much of the base should change"))
    output.tell(*decide.advice_lines(advice))
    _heading(_("4. Training"))
    request = dataclasses.replace(
        draft,
        kind="train",
        strategy=advice.recommendation.strategy,
        minutes=TRAINING_MINUTES,
    )
    train.finish(launch.start(request), as_json=False)


def _heading(text: str) -> None:
    output.tell("", Text(text, style="bold"))
