"""`thaw runs forecasts`: what was expected of every run, and how good that has been."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from tl_core import wording
from tl_core.cli import output
from tl_core.cli.options import Json
from tl_core.i18n import _
from tl_core.report.forecasts import strategy_of, where
from tl_core.runs import ledger
from tl_core.spec import Outcome, to_dict
from tl_core.watch import foretold
from tl_core.watch.calibration import by_promise, calibrate


def show(as_json: Json = False) -> None:
    """Tell how good the forecasts have been, as a record and run by run."""
    past = ledger.past()
    ruled, measured = (calibrate(kind) for kind in by_promise(past.outcomes))
    if as_json:
        output.write_json(
            {
                "expected": to_dict(ruled),
                "measured": to_dict(measured),
                "runs": [_entry(o) for o in past.outcomes],
                "left_out": past.left_out,
            }
        )
        return
    output.tell(foretold.answer(past.outcomes))
    if past.outcomes:
        output.tell(_table(past.outcomes))
    headings = (_("Expected from rules"), _("Measured beforehand"))
    for heading, found in zip(headings, (ruled, measured), strict=True):
        if found is not None:
            output.tell(f"{heading}:", *(f"  {line}" for line in foretold.record(found)))
    if lines := foretold.left_out(past.left_out):
        output.tell(_("Left out:"), *(f"  {line}" for line in lines))


def _entry(o: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = to_dict(o)
    return told | {"level": o.level, "held": o.held, "follows": o.follows}


def _table(outcomes: tuple[Outcome, ...]) -> Table:
    """Return the runs for people; an id, which begins with its date, is never cut short."""
    table = Table(box=None, pad_edge=False)
    table.add_column(_("run"), no_wrap=True, min_width=max(len(o.run) for o in outcomes))
    for heading in (_("strategy"), _("expected"), _("reached"), _("interval")):
        table.add_column(heading, overflow="fold")
    for o in outcomes:
        expected = wording.percent_interval(o.expected)
        reached = wording.percent_interval(o.reached)
        told = ", ".join([where(o)] + [_("a leak was suspected")] * o.blocked)
        table.add_row(o.run, strategy_of(o), expected, reached, told)
    return table
