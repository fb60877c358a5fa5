"""`thaw runs rename`, `note` and `tag`: what people say of their runs."""

from __future__ import annotations

from typing import Annotated

import typer

from tl_core.cli import output
from tl_core.cli.options import Json, Run
from tl_core.i18n import N_
from tl_core.runs import labels, store
from tl_core.runs.labels import Label


def add_to(group: typer.Typer) -> None:
    """Register the commands in the group `thaw runs`."""
    group.command("rename", help=N_("Call a run by a name; '' takes it back."))(rename)
    group.command("note", help=N_("Keep a note with a run; '' takes it back."))(note)
    group.command("tag", help=N_("Put tags on a run, or take them off."))(tag)


def rename(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    as_json: Json = False,
) -> None:
    """Give a run a name."""
    _told(run, labels.rename(store.run_dir(run), name), as_json)


def note(
    run: Run,
    text: Annotated[str, typer.Argument(metavar="TEXT", show_default=False)],
    as_json: Json = False,
) -> None:
    """Keep a note with a run."""
    _told(run, labels.note(store.run_dir(run), text), as_json)


def tag(
    run: Run,
    tags: Annotated[list[str], typer.Argument(metavar="TAG...", show_default=False)],
    remove: Annotated[
        bool, typer.Option("--remove", help=N_("Take these off instead of putting them on."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Change the tags of a run."""
    folder = store.run_dir(run)
    changed = labels.tag(folder, remove=tags) if remove else labels.tag(folder, tags)
    _told(run, changed, as_json)


def _told(run: str, label: Label, as_json: bool) -> None:
    if as_json:
        said = {"name": label.name, "note": label.note, "tags": list(label.tags)}
        output.write_json({"run": run} | said)
        return
    output.tell(f"{run}: {label.name}" if label.name else run)
    if label.tags:
        output.tell(" ".join(f"#{one}" for one in label.tags))
    if label.note:
        output.tell(label.note)
