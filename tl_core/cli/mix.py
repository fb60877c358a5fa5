"""`thaw runs mix`: a finished run mixed with its base, judged at several shares, kept at one."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from tl_core import wording
from tl_core.cli import follow, output, train
from tl_core.cli.options import Json, Run
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.runs import launch, mixes, results, store
from tl_core.spec import Accuracy
from tl_core.watch import forgetting

Share = Annotated[
    float | None,
    typer.Option(
        "--share",
        show_default=False,
        help=N_("Share of what was learned, 0 (the base) to 1; all stops if none is named."),
    ),
]
Keep = Annotated[
    bool, typer.Option("--keep", help=N_("Keep the mixture of that share as a run of its own."))
]


def mix(run: Run, share: Share = None, keep: Keep = False, as_json: Json = False) -> None:
    """Judge mixtures of a run with its base, or keep one as a run of its own.

    Raises:
        InputError: if the run cannot be mixed, or the share does not lie within [0, 1].
    """
    state = store.read_run(run)
    if keep and share is None:
        fix = _("Name it with --share; see them with: thaw runs mix {run}").format(run=run)
        raise InputError([Issue("share", _("Which mixture is to be kept?"), fix)])
    if keep:
        made = launch.start(mixes.request(state, share=share, keep=True))
        train.finish(made, as_json=as_json)
        return
    asked = mixes.request(state, share=share)
    known = {float(point["share"]) for point in mixes.points(run)}
    if share not in known if share is not None else len(known) < 2:
        follow.run_job(asked)
    _tell(run, share, as_json=as_json)


def _tell(run: str, share: float | None, *, as_json: bool) -> None:
    """Tell what is known of each mixture, from the base on, or of the one at a share."""
    found = [one for one in mixes.points(run) if share is None or float(one["share"]) == share]
    kept = [{"run": one.id, "share": one.spec.share} for one in mixes.kept(run)]
    if as_json:
        told = results.result(store.read_run(run))
        output.write_json(
            {"run": run, "base": told["base"], "mixes": [dict(one) for one in found], "kept": kept}
        )
        return
    table = Table(box=None, pad_edge=False)
    for heading in (_("share"), _("right on held-out examples"), _("old answers left"), "p"):
        table.add_column(heading, overflow="fold")
    for one in found:
        left = forgetting.left(one.get("retention"))
        table.add_row(
            wording.percent(float(one["share"])),
            wording.percent_interval(Accuracy(**one["val_accuracy"])),
            forgetting.share(left) if left else "–",
            wording.number(float(one["p"])),
        )
    output.tell(table)
    output.say(_("p: of a paired test against the trained network; above 0.05 they are too close "
                 "to call on the new task."))  # fmt: skip
    output.say(_("Keep one with: thaw runs mix {run} --share 0.5 --keep").format(run=run))
