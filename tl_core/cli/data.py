"""`thaw data`: imports data and checks them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from tl_core import spec, wording
from tl_core.cli import follow, mend, output
from tl_core.cli.options import Data, Json, Seed, Val, is_path, prepare, settled, with_twins
from tl_core.data import limits
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _, ngettext
from tl_core.report.language import languages_sentence
from tl_core.spec import DEFAULT_VAL_FRACTION, RunSpec

if TYPE_CHECKING:
    from tl_core.data.dataset import Dataset
    from tl_core.data.finding import Finding

SEVERITY_STYLES = {"serious": "bold red", "warning": "yellow", "info": "dim"}


def add_to(thaw: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True, help=N_("Import data and check them."))
    group.command("add", help=N_("Import data; the originals are never changed."))(add)
    group.command("check", help=N_("Look for faults in data."))(check)
    mend.add_to(group)
    thaw.add_typer(group, name="data")


def add(
    data: Data,
    name: Annotated[str, typer.Option("--name", help=N_("What to call the dataset."))] = "",
    path_column: Annotated[
        str,
        typer.Option("--path-column", help=N_("Column of a table that names the picture files.")),
    ] = "",
    text_column: Annotated[
        str,
        typer.Option("--text-column", help=N_("Column of a table that holds the texts.")),
    ] = "",
    label_column: Annotated[
        str,
        typer.Option("--label-column", help=N_("Column of a table that holds the classes.")),
    ] = "",
    split_column: Annotated[
        str,
        typer.Option("--split-column", help=N_("Column that says train, val or test; - for none.")),
    ] = "",
    group_column: Annotated[
        str,
        typer.Option(
            "--group-column", help=N_("Column that says what belongs together; - for none.")
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Import data and tell what was found on the way."""
    from tl_core.data import import_data, resolve
    from tl_core.data.columns import Columns

    with follow.counting(_("Reading your data")) as progress:
        if is_path(data):
            columns = Columns(text_column, label_column, path_column, split_column, group_column)
            dataset = import_data(Path(data), name=name, columns=columns, progress=progress)
        else:
            dataset = resolve(data, progress=progress)
            if name and dataset.name != name:
                message = _("'{data}' has a name already: {name}.").format(
                    data=data, name=dataset.name
                )
                fix = _("Leave --name out; it is for files and folders.")
                raise InputError([Issue("name", message, fix)])
    dataset = with_twins(dataset)
    _tell(dataset, dataset_dict(dataset), as_json=as_json)


def check(
    data: Data, val: Val = DEFAULT_VAL_FRACTION, seed: Seed = 0, as_json: Json = False
) -> None:
    """Audit data; they are imported first if they were not."""
    from tl_core.data import load, suspicions

    draft = RunSpec(kind="audit", dataset=data, base="", val_fraction=val, seed=seed)
    dataset = prepare(data, draft)
    if not suspicions.is_audited(dataset):
        follow.run_job(settled(draft, dataset))
        dataset = load(dataset.id)
    _tell(dataset, dataset_dict(dataset, val_fraction=val, seed=seed), as_json=as_json)


def _tell(dataset: Dataset, facts: dict[str, Any], *, as_json: bool) -> None:
    from tl_core.data import audit

    if as_json:
        names = {example.row: example.name for example in dataset.examples}
        found = [finding_dict(finding, names) for finding in audit.findings(dataset)]
        output.write_json({"dataset": facts, "findings": found})
    else:
        output.tell(*lines(dataset))


def finding_dict(finding: Finding, names: Mapping[int, str]) -> dict[str, Any]:
    """Return a finding as JSON values; pairs by name, at most as many as there are examples."""
    told = {
        key: getattr(finding, key)
        for key in ("check", "severity", "count", "effect", "fix", "examples")
    }
    pairs = finding.pairs[: limits.MAX_NAMES_KEPT]
    return told | {"pairs": [[names[row] for row in pair if row in names] for pair in pairs]}


def dataset_dict(
    dataset: Dataset, *, val_fraction: float = DEFAULT_VAL_FRACTION, seed: int = 0
) -> dict[str, Any]:
    """Return the facts of a dataset as JSON values, under its id and name."""
    from tl_core.data import audit

    facts = audit.facts(dataset, val_fraction=val_fraction, seed=seed)
    return {"id": dataset.id, "name": dataset.name, **spec.to_dict(facts)}


def lines(dataset: Dataset) -> list[Text | str]:
    """Return what there is and what the audit found, for people."""
    from tl_core.data import audit

    spoken = languages_sentence(dataset.languages)
    found = audit.findings(dataset)
    return [_summary(dataset), *([spoken] if spoken else []), *_told(found, _more(dataset))]


def _more(dataset: Dataset) -> dict[str, str]:
    """Return what else is known about findings, by check."""
    from tl_core.data import store, suspicions

    known = suspicions.read(store.dataset_dir(dataset.id), dataset.fingerprint)
    if known is None:
        return {}
    told = {"wrong_labels": suspicions.doubt_sentence(known, dataset.modality)}
    if known.leak:
        told |= dict.fromkeys(("leak", "shared"), suspicions.leak_sentence(known.leak))
    return told


def _summary(dataset: Dataset) -> str:
    return _("{name} ({id}): {examples} in {classes} classes").format(
        name=dataset.name,
        id=dataset.id,
        examples=wording.examples(len(dataset.examples), dataset.modality),
        classes=len(dataset.classes),
    )


def _told(findings: tuple[Finding, ...], more: Mapping[str, str]) -> list[Text | str]:
    """Return the findings for people, most pressing first."""
    if not findings:
        return [_("No faults were found.")]
    number = ngettext("{n} thing to know:", "{n} things to know:", len(findings))
    lines: list[Text | str] = [number.format(n=len(findings))]
    for finding in findings:
        lines.append(Text(f"- {finding.effect}", style=SEVERITY_STYLES[finding.severity]))
        lines += [f"  {words}" for words in (more.get(finding.check), finding.fix) if words]
        if finding.examples:
            lines.append(Text(f"  {', '.join(finding.examples)}", style="dim"))
    return lines
