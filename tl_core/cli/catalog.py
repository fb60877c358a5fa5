"""`thaw bases`: the base models there are to start from."""

from __future__ import annotations

from typing import Any

import typer
from rich.table import Table

from tl_core import catalog, spec, wording
from tl_core.catalog import Base
from tl_core.cli import output
from tl_core.cli.options import Json
from tl_core.i18n import N_, _


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("bases", help=N_("The catalog of base models."))(bases)


def bases(as_json: Json = False) -> None:
    """Show the catalog in its known order, then what finished runs have made of it."""
    every = (*catalog.all_bases(), *catalog.kept("picture"), *catalog.kept("text"))
    if as_json:
        output.write_json({"bases": [base_dict(base) for base in every]})
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(_("id"), no_wrap=True)
    for heading in (_("trained on"), _("parameters"), _("pixels"), _("licence")):
        table.add_column(heading)
    for base in every:
        parameters = wording.count(base.parameters) if base.parameters else ""
        size = str(base.size or "")
        table.add_row(base.id, output.cell(_(base.domain)), parameters, size, base.licence)
    output.tell(table, _("Any other model of timm works too, with a network: --base timm:NAME"))


def base_dict(base: Base) -> dict[str, Any]:
    """Return a base as JSON values, with whether it is here."""
    record: dict[str, Any] = spec.to_dict(base)
    return {**record, "available": catalog.is_available(base)}
