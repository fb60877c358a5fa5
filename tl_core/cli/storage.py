"""`thaw storage`: what takes space, and how to get it back without losing anything."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from tl_core import wording
from tl_core.cli import output
from tl_core.cli.options import Json
from tl_core.i18n import N_, _
from tl_core.runs import storage, trash
from tl_core.runs.storage import WAYS, Cleaned, Storage

KINDS = {
    "run": N_("runs"),
    "dataset": N_("datasets"),
    "cache": N_("caches"),
    "trash": N_("trash"),
    "upload": N_("uploads not imported yet"),
    "leftover": N_("half made"),
    "other": N_("everything else"),
}
LARGEST = 10


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("storage", help=N_("What takes space, and what can be removed without a loss."))(
        show
    )


def show(
    clean: Annotated[
        list[str] | None,
        typer.Option(
            "--clean",
            show_default=False,
            help=N_("Remove one of {known}; repeatable.").format(known=", ".join(WAYS)),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what takes space, after cleaning up if that was asked for."""
    trash.sweep()
    done = storage.clean(clean) if clean else None
    found = storage.measure()
    if as_json:
        output.write_json(_told(found, done))
        return
    if done:
        _tell_cleaned(done)
    output.tell(_by_kind(found))
    if largest := [item for item in found.items if item.kind in ("run", "dataset")][:LARGEST]:
        output.tell("", _("The largest:"))
        for item in largest:
            output.tell(f"  {wording.file_size(item.bytes):>8}  {item.id}")
    if open_ways := [way for way in WAYS if found.removable(way)]:
        output.tell("", _("What can be removed without a loss:"))
        for way in open_ways:
            size = wording.file_size(found.removable(way))
            output.tell(f"  {size:>8}  thaw storage --clean {way}   {_(WAYS[way])}")


def _told(found: Storage, done: Cleaned | None) -> dict[str, Any]:
    items = [
        {"kind": i.kind, "id": i.id, "bytes": i.bytes, "removable": i.removable, "clean": i.way}
        for i in found.items
    ]
    told: dict[str, Any] = {
        "bytes": found.bytes,
        "free": found.free,
        "kinds": {kind: sum(item.bytes for item in found.of(kind)) for kind in KINDS},
        "removable": {way: found.removable(way) for way in WAYS},
        "trash_days": trash.KEPT_DAYS,
        "items": items,
    }
    if done is not None:
        told |= {"freed": done.freed, "kept": list(done.kept)}
    return told


def _tell_cleaned(done: Cleaned) -> None:
    for way, size in done.freed.items():
        text = _("Freed {size}: {what}").format(size=wording.file_size(size), what=_(WAYS[way]))
        output.tell(text)
    output.tell(*done.kept, "")


def _by_kind(found: Storage) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right")
    table.add_column()
    for kind, title in KINDS.items():
        if size := sum(item.bytes for item in found.of(kind)):
            n = len(found.of(kind))
            shown = _(title) if kind in ("cache", "other") else f"{_(title)} ({n})"
            table.add_row(wording.file_size(size), shown)
    table.add_row(wording.file_size(found.free), _("free on this disk"))
    return table
