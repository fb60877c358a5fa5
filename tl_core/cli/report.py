"""`thaw report`: the decision record of a run, as a page or as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tl_core import files
from tl_core.cli import output
from tl_core.cli.options import Json, Run
from tl_core.dossier import card_of
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.report.card_html import html
from tl_core.report.card_markdown import markdown

WRITERS = {".html": html, ".htm": html, ".md": markdown}


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("report", help=N_("Write the decision record of a run: how it came about."))(
        report
    )


def report(
    run: Run,
    out: Annotated[
        Path | None,
        typer.Option("--out", show_default=False, help=N_("A file: .html or .md (./RUN.html).")),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write one page that opens without a network."""
    target = out or Path(f"{run}.html")
    write = WRITERS.get(target.suffix.lower())
    if write is None:
        message = _("A report cannot be written as '{found}'.").format(found=target.suffix)
        raise InputError([Issue("out", message, _("End its name in .html or .md."))])
    text = write(card_of(run))
    files.write_atomically(target, text)
    if as_json:
        output.write_json({"files": [{"path": str(target), "bytes": len(text.encode())}]})
    else:
        output.tell(_("Written: {path}").format(path=target))
