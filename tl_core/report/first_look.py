"""What a first look at a few examples tells, in words that do not claim more."""

from __future__ import annotations

from tl_core import wording
from tl_core.i18n import N_, _
from tl_core.spec import FirstLook

_LOOKS = {
    ("picture", "near"): N_(
        "A first look at {examples}: they look much like what {base} was trained on (near)."
    ),
    ("picture", "middling"): N_(
        "A first look at {examples}: they look partly like what {base} was trained on (middling)."
    ),
    ("picture", "far"): N_(
        "A first look at {examples}: they look far from what {base} was trained on."
    ),
    ("text", "near"): N_(
        "A first look at {examples}: to {base}, they look much like plain English (near)."
    ),
    ("text", "middling"): N_(
        "A first look at {examples}: to {base}, they look partly like plain English (middling)."
    ),
    ("text", "far"): N_("A first look at {examples}: to {base}, they look far from plain English."),
}
_SHIFTED = {
    "picture": N_("In the late stages they differ by {shift} (the shift, in nats); as many "
                  "pictures of its own kind by {expected}."),
    "text": N_("In the late layers they differ by {shift} (the shift, in nats); as many texts in "
               "plain English by {expected}."),
}  # fmt: skip


def first_look_sentences(found: FirstLook, modality: str, base_title: str) -> list[str]:
    """Return what the first examples tell: the word, the numbers behind it, and its limit.

    Args:
        found: what was seen.
        modality: of the base.
        base_title: what the base is called; may be untrusted text, as it is returned.
    """
    examples = wording.examples(found.n, modality)
    if found.distance is None:
        words = _("A first look at {examples}: how far they are from what {base} was trained on "
                  "is not measured for this kind of base.")  # fmt: skip
    else:
        words = _(_LOOKS[modality, found.distance])
    told = [words.format(examples=examples, base=base_title)]
    if found.shift is not None and found.shift_expected is not None:
        shift, expected = found.shift.late, found.shift_expected.late
        told.append(
            _(_SHIFTED[modality]).format(
                shift=wording.number(shift), expected=wording.number(expected)
            )
        )
    if found.source_confidence is not None:
        told.append(
            _("On average the base is {share} sure of its own classes.").format(
                share=wording.percent(found.source_confidence)
            )
        )
    told.append(_("This is preliminary and may still change: the rest is being measured."))
    return told
