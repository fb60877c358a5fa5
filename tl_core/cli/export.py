"""`thaw export`: takes a run's model away, in a format that needs no Thaw."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from tl_core import wording
from tl_core.cli import follow, output
from tl_core.cli.options import Json, Run
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.runs import store
from tl_core.runs.export import FOLDER, ZIP
from tl_core.runs.model import require_final
from tl_core.spec import RunSpec, require_valid


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command(
        "export", help=N_("Take a run's model away, checked, in a format of your choice.")
    )(export)


def export(
    run: Run,
    formats: Annotated[
        list[str],
        typer.Option(
            "--format",
            show_default=False,
            help=N_("safetensors, onnx, pt2, hf or script; may be given more than once."),
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", show_default=False, help=N_("Where to write (./RUN-FORMAT).")),
    ] = None,
    as_zip: Annotated[bool, typer.Option("--zip", help=N_("Write one zip, not a folder."))] = False,
    as_json: Json = False,
) -> None:
    """Write the model, ask it about 20 examples through its own script, and compare."""
    spec = RunSpec("export", run=run, formats=tuple(dict.fromkeys(formats)))
    require_valid(spec)
    target = _free(out or Path(f"{run}-{'-'.join(spec.formats)}"), as_zip=as_zip)
    require_final(run)
    state = follow.run_job(spec)
    end = state.finished or {}
    is_single = len(spec.formats) == 1
    _fetch(state.id, target, spec.formats[0] if is_single else "", as_zip=as_zip)
    store.delete_run(state.id)
    found = [_told(one, target, is_single=is_single, as_zip=as_zip) for one in end["files"]]
    if as_json:
        output.write_json({"files": found})
    else:
        output.tell(_table(found), *_checked(end))


def _free(target: Path, *, as_zip: bool) -> Path:
    """Return where to write.

    Raises:
        InputError: if something is there already.
    """
    if as_zip and target.suffix != ".zip":
        target = target.with_name(f"{target.name}.zip")
    if target.exists() and (target.is_file() or any(target.iterdir())):
        message = _("There is something at {path} already.").format(path=target)
        raise InputError([Issue("out", message, _("Name a folder that is not there yet."))])
    return target


def _fetch(job: str, target: Path, only: str, *, as_zip: bool) -> None:
    """Take what a job has written out of its folder."""
    folder = store.run_dir(job)
    target.parent.mkdir(parents=True, exist_ok=True)
    if as_zip:
        shutil.copyfile(folder / ZIP, target)
    else:
        shutil.copytree(folder / FOLDER / only, target, dirs_exist_ok=True)


def _told(one: dict[str, Any], target: Path, *, is_single: bool, as_zip: bool) -> dict[str, Any]:
    path = one["path"]
    inside = path.partition("/")[2] if is_single and not as_zip else path
    return one | {"path": f"{target}:{path}" if as_zip else str(target / inside)}


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in (_("file"), _("size"), _("largest difference")):
        table.add_column(heading, overflow="fold")
    for one in found:
        apart = one["max_difference"]
        shown = "" if apart is None else f"{apart:.1e}"
        table.add_row(output.cell(one["path"]), wording.file_size(one["bytes"]), shown)
    return table


def _checked(end: dict[str, Any]) -> list[str]:
    if all(one["max_difference"] is None for one in end["files"]):
        return []
    text = _("Checked on {n} of your examples against the run itself: no probability differs by "
             "more than {found}; {allowed} is allowed.")  # fmt: skip
    worst = max(one["max_difference"] or 0.0 for one in end["files"])
    return [
        text.format(n=end["checked_on"], found=f"{worst:.1e}", allowed=f"{end['tolerance']:.0e}")
    ]
