"""What doing something about a run has brought, by a paired test on examples neither has seen."""

from __future__ import annotations

from tl_core import wording
from tl_core.i18n import _
from tl_core.lessons.legs import Leg
from tl_core.measures import Accuracy
from tl_core.paired import Pair, pairs_of


def pair_of(untouched: Leg, twin: Leg) -> Pair:
    """Return the paired test of both runs on the test examples."""
    (found,) = pairs_of([{untouched.name: untouched.right, twin.name: twin.right}])
    return found


def sentences(untouched: Leg, twin: Leg) -> tuple[str, str]:
    """Return what doing something has brought, and the numbers behind it."""
    pair = pair_of(untouched, twin)
    text = {
        twin.name: _("More new examples are right with it: {twin}, without it {plain}."),
        untouched.name: _("Fewer new examples are right with it: {twin}, without it {plain}."),
    }.get(
        pair.better,
        _("Too close to call: {twin} of new examples are right with it, without it {plain}."),
    )
    headline = text.format(twin=_share(twin), plain=_share(untouched))
    if not pair.only_first + pair.only_second:
        same = _("Of {n} test examples that neither has learned from, both are right on exactly "
                 "the same.")  # fmt: skip
        return headline, same.format(n=wording.count(pair.n))
    numbers = _("Of {n} test examples that neither has learned from, only the run as it was is "
                "right on {x}, only the other one on {y} (exact McNemar test, p {p}).")  # fmt: skip
    return headline, numbers.format(
        n=wording.count(pair.n),
        x=wording.count(pair.only_first),
        y=wording.count(pair.only_second),
        p=wording.number(pair.p_holm),
    )


def promise(leg: Leg) -> str:
    """Return what the validation of a run promised beside what the test says; empty if it held.

    It held if the share of test examples lies within the interval of the best epoch's validation.
    """
    promised = Accuracy(**leg.events[-1]["best"]["val_accuracy"])
    if promised.low <= leg.accuracy["value"] <= promised.high:
        return ""
    text = _("Its own validation had said {promised}, the test says {share}.")
    return text.format(promised=wording.percent_interval(promised), share=_share(leg))


def _share(leg: Leg) -> str:
    return wording.percent_interval(Accuracy(**leg.accuracy))
