"""`thaw predict`: what a run's best model says of new pictures or texts."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from tl_core import wording
from tl_core.analysis import looks
from tl_core.cli import output
from tl_core.cli.options import Json, Run
from tl_core.errors import InputError, Issue
from tl_core.files import write_atomically
from tl_core.i18n import N_, _
from tl_core.report.answers import csv_text, warning
from tl_core.report.weighing import spoke
from tl_core.runs import store
from tl_core.runs.model import Kept, require_kept
from tl_core.runs.state import RunState

if TYPE_CHECKING:
    from tl_core.data.dataset import Dataset, Example
    from tl_core.data.layout import Entry

SHOWN = 3  # classes per picture in the table
WORDS_SHOWN = 5  # words for and against, per text in the table


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("predict", help=N_("Ask the best model of a run about new pictures or texts."))(
        predict
    )


def predict(
    run: Run,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…", show_default=False, help=N_("One or more pictures, or .txt files.")
        ),
    ],
    weigh: Annotated[
        bool,
        typer.Option("--words", help=N_("Also tell which words of a text the answer rests on.")),
    ] = False,
    look: Annotated[
        bool,
        typer.Option("--looks", help=N_("Also tell where in a picture the model looks.")),
    ] = False,
    table: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            metavar="OUT",
            show_default=False,
            help=N_("Write a table to this file; FILE may then be a folder or a zip, too."),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell the most probable classes of each file; says nothing unless all can be read.

    Into a table goes what can be read, and what is wrong with the rest.
    """
    with _entries(files, may_unfold=table is not None) as entries:
        state, kept, dataset, examples = _checked(
            run, entries, asked={"text": weigh, "picture": look}, all_of_them=not table
        )
        from tl_core.engine import predict as engine  # takes seconds to load

        usable = [one for one in examples if not isinstance(one, Issue)]
        answers = engine.predict(
            state.spec,
            dataset,
            store.run_dir(run),
            usable,
            why=weigh or look,
            epoch=kept.epoch,
        )  # fmt: skip
    told = _in_order(entries, examples, [engine.told("", answer) for answer in answers])
    if table is not None:
        write_atomically(table, csv_text(told))
    if as_json:
        where = {} if table is None else {"csv": str(table)}
        output.write_json({"run": run, **where, "predictions": told})
        return
    if kept.epoch is not None:
        output.say(_("The run goes on; the best so far answers (epoch {n}).").format(n=kept.epoch))
    if table is not None:
        output.tell(_("Written: {path}").format(path=table))
        return
    _tell(told, dataset.modality, weigh=weigh, look=look)


def _tell(answers: list[dict[str, Any]], modality: str, *, weigh: bool, look: bool) -> None:
    """Tell people what was said, and what it rests on if they asked."""
    output.tell(_table(answers))
    if any((one["unlike_training"] or {}).get("flag") for one in answers):
        output.tell("", warning(modality))
    if weigh:
        output.tell(_words_table(answers))
    if look:
        output.tell(_looks_table(answers))


def _entries(
    paths: list[str], *, may_unfold: bool
) -> AbstractContextManager[list[Entry]]:  # fmt: skip
    """Return the files to look at."""
    from tl_core.data.asked import listed
    from tl_core.data.layout import Entry

    if may_unfold:
        return listed([Path(path) for path in paths])
    return nullcontext([Entry(path, Path(path)) for path in paths])


def _in_order(
    entries: list[Entry], examples: list[Example | Issue], answers: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return what is said of each file, with what is wrong with those that cannot be read."""
    said = iter(answers)
    return [
        {"file": entry.name, "issue": output.issue_dict(one)}
        if isinstance(one, Issue)
        else next(said) | {"file": entry.name}
        for entry, one in zip(entries, examples, strict=True)
    ]


def _checked(
    run: str, entries: list[Entry], *, asked: Mapping[str, bool], all_of_them: bool
) -> tuple[RunState, Kept, Dataset, list[Example | Issue]]:
    """Return the run, its weights, what it was trained on, and the files as examples.

    Args:
        run: its id.
        entries: the files.
        asked: of each kind of data, whether what answers rest on is asked as for that kind.
        all_of_them: whether every file must be usable.

    Raises:
        InputError: with every problem of the run and, if `all_of_them` must be usable or none is,
            of the files at once.
    """
    from tl_core.data import load

    issues: list[Issue] = []
    modality = "picture"
    try:
        state, kept = require_kept(run)
        dataset = load(state.spec.dataset, state.spec.revision)
        modality = dataset.modality
        issues += _misfits(run, modality, asked)
    except InputError as error:
        issues += error.issues
    examples = [_opened(entry, modality) for entry in entries]
    bad = [one for one in examples if isinstance(one, Issue)]
    if all_of_them or len(bad) == len(examples):
        issues += bad
    if issues:
        raise InputError(dict.fromkeys(issues))
    return state, kept, dataset, examples


def _misfits(run: str, modality: str, asked: Mapping[str, bool]) -> list[Issue]:
    """Return what was asked that data of this kind cannot answer."""
    if modality == "picture" and asked["text"]:
        message = _("The run {id} has learned from pictures, which have no words.")
        return [Issue("words", message.format(id=run), _("Leave out --words."))]
    if modality == "text" and asked["picture"]:
        message = _("The run {id} has learned from texts, in which there is nowhere to look.")
        return [Issue("looks", message.format(id=run), _("Use --words instead of --looks."))]
    return []


def _opened(entry: Entry, modality: str) -> Example | Issue:
    from tl_core.data.loose import open_loose

    try:
        return open_loose([entry.path], modality)[0]
    except InputError as error:
        return error.issues[0]


def _table(answers: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in (_("file"), _("most probable"), _("then"), _("like its training data")):
        table.add_column(heading, overflow="fold")
    for answer in answers:
        shown = answer["top"][:SHOWN]
        words = [output.cell(f"{g['label']} {wording.percent(g['probability'])}") for g in shown]
        found = answer["unlike_training"]
        table.add_row(output.cell(answer["file"]), words[0], ", ".join(words[1:]), _like(found))
    return table


def _like(found: dict[str, Any] | None) -> str:
    """Return whether something is like what was learned from."""
    if found is None:
        return "–"
    return _("no") if found["flag"] else _("yes")


def _looks_table(answers: list[dict[str, Any]]) -> Table:
    """Return where the model looks in each picture."""
    table = Table(box=None, pad_edge=False)
    for heading in (_("file"), _("where it looks")):
        table.add_column(heading, overflow="fold")
    for answer in answers:
        table.add_row(output.cell(answer["file"]), _where(answer))
    return table


def _where(answer: dict[str, Any]) -> str:
    found = looks.in_answer(answer)
    return "–" if found is None else looks.where(found)


def _words_table(answers: list[dict[str, Any]]) -> Table:
    """Return the words that count most for and against, by what the log-probability loses."""
    table = Table(box=None, pad_edge=False)
    for heading in (_("file"), _("spoke for it"), _("spoke against it")):
        table.add_column(heading, overflow="fold")
    for answer in answers:
        strongest = sorted(answer.get("words", ()), key=lambda word: -abs(word["weight"]))
        told = {
            side: [
                output.cell(f"{w['word']} {w['weight']:+.1f}")
                for w in strongest
                if spoke(w["weight"]) == side
            ]
            for side in (1, -1)
        }
        cells = [", ".join(words[:WORDS_SHOWN]) or "–" for words in told.values()]
        table.add_row(output.cell(answer["file"]), *cells)
    return table
