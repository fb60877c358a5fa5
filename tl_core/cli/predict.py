"""`thaw predict`: what a run's best model says of new pictures or texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from tl_core import wording
from tl_core.cli import output
from tl_core.cli.options import Json, Run
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.report.weighing import spoke
from tl_core.runs import store
from tl_core.runs.state import RunState

if TYPE_CHECKING:
    from tl_core.data.dataset import Dataset, Example
    from tl_core.engine.predict import Answer

WEIGHTS_FILE = "checkpoints/best.safetensors"
SHOWN = 3  # classes per picture in the table
WORDS_SHOWN = 5  # words for and against, per text in the table


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("predict", help=_("Ask the best model of a run about new pictures or texts."))(
        predict
    )


def predict(
    run: Run,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…", show_default=False, help=_("One or more pictures, or .txt files.")
        ),
    ],
    weigh: Annotated[
        bool,
        typer.Option("--words", help=_("Also tell which words of a text the answer rests on.")),
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell the most probable classes of each file; says nothing unless all can be read."""
    state, dataset, examples = _checked(run, files, weigh=weigh)
    from tl_core.engine.predict import predict as ask  # takes seconds to load

    answers = ask(state.spec, dataset, store.run_dir(run), examples, weigh_words=weigh)
    names = [example.name for example in examples]
    if as_json:
        told = [_told(n, answer, weigh=weigh) for n, answer in zip(names, answers, strict=True)]
        output.write_json({"run": run, "predictions": told})
        return
    output.tell(_table(names, answers))
    if weigh:
        output.tell(_words_table(names, answers))


def _checked(
    run: str, files: list[str], *, weigh: bool
) -> tuple[RunState, Dataset, tuple[Example, ...]]:
    """Return the run, what it was trained on, and the files as examples.

    Raises:
        InputError: with every problem of the run and of the files at once.
    """
    from tl_core.data import load
    from tl_core.data.loose import open_loose

    issues: list[Issue] = []
    modality = "picture"
    try:
        state = _with_model(run)
        dataset = load(state.spec.dataset, state.spec.revision)
        modality = dataset.modality
        if weigh and modality != "text":
            message = _("The run {id} has learned from pictures, which have no words.")
            issues.append(Issue("words", message.format(id=run), _("Leave out --words.")))
    except InputError as error:
        issues += error.issues
    try:
        examples = open_loose([Path(file) for file in files], modality)
    except InputError as error:
        issues += error.issues
    if issues:
        raise InputError(dict.fromkeys(issues))
    return state, dataset, examples


def _with_model(run: str) -> RunState:
    """Return the state of a run that has kept a model.

    Raises:
        InputError: if it has not, with the way to one that has.
    """
    state = store.read_run(run)
    if state.spec.kind == "race":
        ranking = (state.finished or {}).get("ranking")
        message = _("{id} is a race; each of its runs has a model of its own.")
        fix = _("Name one of its runs: thaw runs show {id}").format(id=run)
        if ranking:
            fix = _("Name one of its runs. The first is {run}.").format(run=ranking[0]["run"])
    elif state.spec.kind != "train":
        message = _("The run {id} has trained nothing.")
        fix = _("See all runs with: thaw runs list")
    elif state.finished is None:
        message, fix = _unended(state)
    elif not (store.run_dir(run) / WEIGHTS_FILE).is_file():
        message = _("The weights of the run {id} are not on this computer.")
        fix = _("Train it again: thaw train DATA --strategy {name}").format(name=state.strategy)
    else:
        return state
    raise InputError([Issue("run", message.format(id=run), fix)])


def _unended(state: RunState) -> tuple[str, str]:
    """Return that a run has no model yet, and how it comes to one."""
    if state.is_active:
        message = _("The run {id} has not come to its end, and has no model yet.")
        fix = _("Let it finish, or stop it and keep the best: thaw runs stop {id}")
    else:
        message = _("The run {id} broke off before it had a model.")
        fix = _("Go on with: thaw runs resume {id}")
    return message, fix.format(id=state.id)


def _told(name: str, answer: Answer, *, weigh: bool) -> dict[str, Any]:
    top = [{"label": guess.label, "probability": guess.probability} for guess in answer.guesses]
    told: dict[str, Any] = {"file": name, "top": top, "unlike_training": None}
    if weigh:
        told["words"] = [{"word": word.text, "weight": word.weight} for word in answer.words]
    return told


def _table(names: list[str], answers: tuple[Answer, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in (_("file"), _("most probable"), _("then")):
        table.add_column(heading, overflow="fold")
    for name, answer in zip(names, answers, strict=True):
        shown = answer.guesses[:SHOWN]
        words = [output.cell(f"{g.label} {wording.percent(g.probability)}") for g in shown]
        table.add_row(output.cell(name), words[0], ", ".join(words[1:]))
    return table


def _words_table(names: list[str], answers: tuple[Answer, ...]) -> Table:
    """Return the words that count most for and against, by what the log-probability loses."""
    table = Table(box=None, pad_edge=False)
    for heading in (_("file"), _("spoke for it"), _("spoke against it")):
        table.add_column(heading, overflow="fold")
    for name, answer in zip(names, answers, strict=True):
        strongest = sorted(answer.words, key=lambda word: -abs(word.weight))
        told = {
            side: [
                output.cell(f"{w.text} {w.weight:+.1f}")
                for w in strongest
                if spoke(w.weight) == side
            ]
            for side in (1, -1)
        }
        cells = [", ".join(words[:WORDS_SHOWN]) or "–" for words in told.values()]
        table.add_row(output.cell(name), *cells)
    return table
