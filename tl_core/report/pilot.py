"""What a short trial thaw showed, as one sentence."""

from __future__ import annotations

from tl_core import wording
from tl_core.i18n import _
from tl_core.spec import Pilot


def pilot_sentence(found: Pilot, modality: str) -> str:
    """Return what the trial gained over the frozen base, with its 95 % interval."""
    words = {
        "gain": wording.points(abs(found.gain)),
        "low": wording.count(round(100 * found.low)),
        "high": wording.count(round(100 * found.high)),
        "examples": wording.examples(found.n, modality),
    }
    if found.low <= 0 <= found.high:
        text = _("A short trial thaw and the frozen base are too close to call: the difference is "
                 "{gain} ({low} to {high}), on {examples}.")  # fmt: skip
        words["gain"] = wording.points(found.gain)
    elif found.gain > 0:
        text = _("A short trial thaw got {gain} more than the frozen base ({low} to {high}), on "
                 "{examples}.")  # fmt: skip
    else:
        text = _("A short trial thaw got {gain} less than the frozen base ({low} to {high}), on "
                 "{examples}.")  # fmt: skip
    said = text.format(**words)
    if found.stopped_early:
        said += " " + _("Its time was short, so that it could try only a part.")
    return said
