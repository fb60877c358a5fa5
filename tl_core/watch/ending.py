"""How a run ended: the verdict with its interval, and why it went no further."""

from __future__ import annotations

from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.watch.readings import State, best_share, hundreds, right_on, share_of, when_lost

SMALLEST = 0.001
ALL = 0.95  # of the numbers; the rest are averages that were only inherited


def verdict(state: State) -> str:
    """Return how good the best epoch is, with its interval; empty while there is none."""
    best, test = best_share(state), share_of((state.finished or {}).get("test_accuracy"))
    if best is None:
        return ""
    if test is None:
        return _("It is right on {right}.").format(right=right_on(best))
    return _("It is right on {right}, and on {test} that took no part in training.").format(
        right=right_on(best),
        test=_("{value} % of the test examples ({low} to {high})").format(**hundreds(test)),
    )


def what_learned(state: State) -> str:
    """Return which share of the network learned, and how large it is; empty if that is unknown."""
    end = state.finished or {}
    moving, total, sizes = (end.get(k) for k in ("trainable_parameters", "parameters", "sizes"))
    if not (moving and total and sizes):
        return ""
    whole = wording.file_size(sizes["whole_bytes"])
    share = wording.percent(moving / total)
    if moving / total < SMALLEST:
        share = _("Less than {share}").format(share=wording.percent(SMALLEST))
    if moving >= ALL * total:
        return _("The whole network learned, {total} numbers (parameters): {whole}.").format(
            total=wording.count(total), whole=whole
        )
    return _(
        "{share} of the network learned: {moving} of {total} numbers (parameters). That part alone "
        "takes {learned}; merged with the base it is {whole}."
    ).format(
        share=share,
        moving=wording.count(moving),
        total=wording.count(total),
        learned=wording.file_size(sizes["learned_bytes"]),
        whole=whole,
    )


def why_it_ended(state: State) -> str:
    """Return why a run went no further, as a clause; empty if there is nothing to say."""
    last = state.epochs[-1] if state.epochs else {}
    best = state.best["epoch"] if state.best else 0
    match state.stop_reason:
        case "patience":
            waited = int(last.get("patience_used") or last.get("patience") or 0)
            if not waited:
                return _("nothing had improved since epoch {epoch}").format(epoch=best)
            return ngettext(
                "nothing had improved for {count} epoch",
                "nothing had improved for {count} epochs",
                waited,
            ).format(count=waited)
        case "epochs":
            count = int(last.get("epoch") or 0)
            return ngettext(
                "the {count} epoch asked for is done", "all {count} epochs are done", count
            ).format(count=count)
        case "time":
            return _("its time was up")
        case "no_gain":
            return _("thawing more did not pay and was undone")
        case "rolled_back":
            return _("you had the last thaw undone")
        case "converged":
            return _("the new last layer had learned all it can")
        case "nan":
            text = _("in epoch {now} the loss was no longer a number, after epoch {last} it was "
                     "{loss}; epoch {epoch} is kept")  # fmt: skip
            return text.format(**when_lost(state), epoch=best)
    return ""
