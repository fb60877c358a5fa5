"""What was foretold against what came, in words: of one run, and of all that have been."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.spec import STRATEGIES, Outcome
from tl_core.watch.calibration import Calibration, by_promise, calibrate

_SAME_TIME = (0.95, 1.05)  # what rounds to once as long is no remark


def sentence(o: Outcome) -> str:
    """Return what was expected of a run and what it reached, in accuracy and in time."""
    return _("{accuracy}; {time}.").format(accuracy=_accuracy(o), time=_time(o))


def _accuracy(o: Outcome) -> str:
    foretold = _("Expected {low} to {high} %")
    if o.known == "measured":
        foretold = _("Measured beforehand at {low} to {high} %")
    is_near = o.reached.low <= o.expected.high and o.expected.low <= o.reached.high
    if o.held:
        text = _("{foretold}, reached {reached}")
    elif o.reached.value < o.expected.low:
        text = _("{foretold}, reached only {reached}, beyond what chance explains")
        if is_near:
            text = _("{foretold}, reached a little less: {reached}, which may be chance")
    else:
        text = _("{foretold}, reached more: {reached}, beyond what chance explains")
        if is_near:
            text = _("{foretold}, reached a little more: {reached}, which may be chance")
    return text.format(
        foretold=foretold.format(
            low=wording.per_hundred(o.expected.low), high=wording.per_hundred(o.expected.high)
        ),
        reached=wording.percent(o.reached.value),
    )


def _time(o: Outcome) -> str:
    ratio = o.minutes / o.expected_minutes
    text = _("expected to take {expected}, took {took}")
    if not _SAME_TIME[0] <= ratio < _SAME_TIME[1]:
        text = _("expected to take {expected}, took {took} ({ratio} times as long)")
    return text.format(
        expected=wording.duration(60 * o.expected_minutes),
        took=wording.duration(60 * o.minutes),
        ratio=wording.number(ratio),
    )


def remarks(o: Outcome) -> list[str]:
    """Return what one should know besides: advice not taken, cut short, a suspected leak."""
    told = []
    if not o.follows:
        recommended = _(STRATEGIES.get(o.recommended, o.recommended))
        told.append(_("Recommended was: {strategy}.").format(strategy=recommended))
    if o.cut:
        told.append(
            {
                "person": _("It was stopped before its end, so it says little about the forecast."),
                "time": _("Its time was limited, so it says little about the forecast."),
                "epochs": _("Its epochs were limited, so it says little about the forecast."),
            }[o.cut]
        )
    if o.blocked:
        told.append(
            _("A leak was suspected in its data: neither number is a promise for new examples.")
        )
    return told


def answer(outcomes: Sequence[Outcome]) -> str:
    """Return in one sentence how good the forecasts have been.

    Judged are those that rest on rules, where there are any: of the others the expectation was
    measured, and little is foretold.
    """
    ruled, measured = by_promise(outcomes)
    found = calibrate(ruled or measured)
    if found is None:
        return _("Nobody can tell yet.")
    text = {
        "too_sure": _("Too sure of themselves: {held} of {n} held."),
        "too_careful": _("Better than they promised: {held} of {n} held."),
        "too_few": _("Too few to tell: {held} of {n} held."),
        "as_promised": _("About as good as promised: {held} of {n} held."),
    }[found.verdict]
    return text.format(held=wording.count(found.held), n=wording.count(found.n))


def record(c: Calibration) -> list[str]:
    """Return what a record of forecasts says, from the count to what it cannot tell."""
    return [_held(c), f"{_due(c)} {_verdict(c)}", _distance(c), _minutes(c), *_alike(c)]


def _held(c: Calibration) -> str:
    text = ngettext(
        "{held} of {n} interval held what was reached: {share}.",
        "{held} of {n} intervals held what was reached: {share}.",
        c.n,
    )
    misses = ""
    if c.below or c.above:
        misses = " " + _("Reached less than the interval: {below}; reached more: {above}.").format(
            below=wording.count(c.below), above=wording.count(c.above)
        )
    return text.format(held=c.held, n=c.n, share=wording.percent_interval(c.share)) + misses


def _due(c: Calibration) -> str:
    return _(
        "Each should hold with {promised} chance. As what was reached is itself read off few "
        "validation examples, about {due} would hold if the forecasts were exactly right."
    ).format(promised=wording.percent(c.promised), due=wording.percent(round(c.due, 2)))


def _verdict(c: Calibration) -> str:
    return {
        "too_sure": _(
            "That fewer did is more than chance explains: take such intervals as too narrow."
        ),
        "too_careful": _(
            "That more did is more than chance explains: such intervals are wider than need be."
        ),
        "too_few": _(
            "What held fits that, but so few runs, or runs of so few data sets, cannot tell good "
            "forecasts from ones that hold every second time."
        ),
        "as_promised": _("What held fits that, as far as so many runs can tell."),
    }[c.verdict]


def _distance(c: Calibration) -> str:
    far = _("In the mean, what was reached lay {error} from what was expected").format(
        error=wording.points(c.error)
    )
    if c.bias_range is None:
        return _("{far}; whether to one side, so few runs cannot tell.").format(far=far)
    low, high = (wording.points(end) for end in c.bias_range)
    if c.bias_range[0] <= 0 <= c.bias_range[1]:
        text = _("{far}, to neither side for certain: {bias} on average ({low} to {high}).")
    elif c.bias > 0:
        text = _("{far}; the forecasts were too low: {bias} more on average ({low} to {high}).")
    else:
        text = _("{far}; the forecasts were too high: {bias} on average ({low} to {high}).")
    return text.format(far=far, bias=wording.points(c.bias), low=low, high=high)


def _minutes(c: Calibration) -> str:
    if c.n == 1:
        text = _("It took {ratio} times as long as expected.")
    else:
        text = _(
            "They took {ratio} times as long as expected in the middle (median), half of them "
            "between {low} and {high} times."
        )
    return text.format(
        **{key: wording.number(getattr(c.ratio, key)) for key in ("low", "high")},
        ratio=wording.number(c.ratio.value),
    )


def _alike(c: Calibration) -> list[str]:
    """Return that runs of the same data miss together, where there are such."""
    if c.datasets == c.n:
        return []
    text = ngettext(
        "All are of one data set, so they share what was measured and what is held out, and miss "
        "or hold together. Counted as one, the share that held is known to {low} to {high} %.",
        "They are of {n} data sets; runs of the same data share what was measured and what is held "
        "out, and miss or hold together. Counted as one for each data set, the share that held is "
        "known to {low} to {high} %.",
        c.datasets,
    )
    return [
        text.format(
            n=wording.count(c.datasets),
            low=wording.per_hundred(c.share_by_data.low),
            high=wording.per_hundred(c.share_by_data.high),
        )
    ]


def left_out(counts: Mapping[str, int]) -> list[str]:
    """Return which ended runs are left out of the record, and why; one line a reason."""
    lines = {
        "unforetold": ngettext(
            "{n} run had no forecast: its data had not been measured before it began.",
            "{n} runs had no forecast: their data had not been measured before they began.",
            counts.get("unforetold", 0),
        ),
        "failed": ngettext("{n} run failed.", "{n} runs failed.", counts.get("failed", 0)),
        "person": ngettext(
            "{n} run was stopped by a person.",
            "{n} runs were stopped by a person.",
            counts.get("person", 0),
        ),
        "time": ngettext(
            "{n} run ended as its time was up, as in a race; a forecast is of a whole training.",
            "{n} runs ended as their time was up, as in a race; a forecast is of a whole training.",
            counts.get("time", 0),
        ),
        "epochs": ngettext(
            "{n} run was given fewer epochs; a forecast is of a whole training.",
            "{n} runs were given fewer epochs; a forecast is of a whole training.",
            counts.get("epochs", 0),
        ),
    }
    return [
        text.format(n=wording.count(counts[reason]))
        for reason, text in lines.items()
        if counts.get(reason)
    ]
