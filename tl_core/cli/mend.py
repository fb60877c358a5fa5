"""`thaw data fix|changes|undo`: mends what a check found, lists the changes, takes one back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tl_core import spec, wording
from tl_core.cli import output
from tl_core.cli.options import Data, Json, prepare
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.spec import RunSpec

if TYPE_CHECKING:
    from tl_core.data.dataset import Dataset
    from tl_core.data.fixes import Fix


def add_to(group: typer.Typer) -> None:
    """Register the commands."""
    group.command("fix", help=N_("Mend what 'thaw data check' found; files stay as they are."))(fix)
    group.command("changes", help=N_("List what was changed in a dataset since its import."))(
        changes
    )
    group.command("undo", help=N_("Take a change back."))(undo)


def fix(
    data: Data,
    check: Annotated[str, typer.Argument(metavar="CHECK", help=N_("Which finding to mend."))],
    way: Annotated[str, typer.Option("--way", help=N_("Which way, where there are several."))] = "",
    as_json: Json = False,
) -> None:
    """Mend one finding."""
    from tl_core.data import store

    dataset = prepare(data, RunSpec(kind="audit", dataset=data, base=""))
    for edit in _chosen(dataset, check, way).edits:
        store.mend(dataset.id, edit)
    _tell(store.load(dataset.id), as_json=as_json)


def _chosen(dataset: Dataset, check: str, way: str) -> Fix:
    """Return the fix that was asked for.

    Raises:
        InputError: if the check found nothing, or cannot be mended that way.
    """
    from tl_core.data import audit, fixes

    known = {
        finding.check: fixes.fixes_for(finding, dataset) for finding in audit.findings(dataset)
    }
    ways = known.get(check, ())
    for one in ways:
        if way in ("", one.id):
            return one
    mendable = ", ".join(
        f"{name} ({' | '.join(one.id for one in some)})" for name, some in known.items() if some
    )
    if check not in known:
        message = _("Nothing of the kind '{check}' was found.").format(check=check)
    elif not ways:
        message = _("What '{check}' found cannot be mended by Thaw.").format(check=check)
    else:
        message = _("'{way}' is no way to mend '{check}'.").format(way=way, check=check)
    fix = _("Can be mended: {known}.").format(known=mendable or _("nothing"))
    raise InputError([Issue("check", message, fix)])


def changes(data: Data, as_json: Json = False) -> None:
    """List the changes."""
    _tell(prepare(data, RunSpec(kind="audit", dataset=data, base="")), as_json=as_json)


def undo(
    data: Data,
    number: Annotated[
        int, typer.Argument(metavar="[NUMBER]", help=N_("Which change; the latest by default."))
    ] = 0,
    as_json: Json = False,
) -> None:
    """Take one change back."""
    from tl_core.data import edits, store
    from tl_core.data.edits import Edit

    dataset = prepare(data, RunSpec(kind="audit", dataset=data, base=""))
    live = edits.in_force(edits.read_log(store.dataset_dir(dataset.id)))
    wanted = number or max(live, default=0)
    if wanted not in live:
        message = _("There is no change {n} to take back.").format(n=number or 1)
        known = ", ".join(str(n) for n in sorted(live)) or _("none")
        raise InputError([Issue("number", message, _("Changes: {known}.").format(known=known))])
    store.mend(dataset.id, Edit("undo", entry=wanted))
    _tell(store.load(dataset.id), as_json=as_json)


def _tell(dataset: Dataset, *, as_json: bool) -> None:
    from tl_core.data import edits, mending, store

    log = edits.read_log(store.dataset_dir(dataset.id))
    live = edits.in_force(log)
    if as_json:
        rows: list[dict[str, Any]] = [
            {"number": number, "in_force": number in live, **spec.to_dict(edit)}
            for number, edit in enumerate(log, 1)
        ]
        told = {"dataset": dataset.id, "revision": dataset.revision, "n": len(dataset.examples)}
        output.write_json(told | {"changes": rows})
        return
    examples = wording.examples(len(dataset.examples), dataset.modality)
    output.tell(_("{name}: {examples}").format(name=dataset.name, examples=examples))
    if not live:
        output.tell(_("Nothing was changed since the import."))
    for number in sorted(live):
        output.tell(f"{number}. {mending.told(log[number - 1], dataset.modality)}")
