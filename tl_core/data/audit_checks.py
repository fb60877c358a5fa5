"""What an audit of pictures notices beyond what an import does, and how it is told."""

from __future__ import annotations

from tl_core.data.check import Check
from tl_core.i18n import N_, ngettext

AUDIT_CHECKS: dict[str, Check] = {
    "shortcut": Check(
        "serious",
        lambda n: ngettext(
            "{n} class gives itself away by something that is not in the picture's subject. A "
            "model may learn that instead, and fail on pictures from elsewhere.",
            "{n} classes give themselves away by something that is not in the picture's subject. "
            "A model may learn that instead, and fail on pictures from elsewhere.",
            n,
        ),
        N_("Bring pictures of all classes from the same sources, made and saved the same way."),
    ),
    "wrong_labels": Check(
        "warning",
        lambda n: ngettext(
            "{n} example looks as if it belonged to another class. Wrong labels cost accuracy, "
            "and make the score lie.",
            "{n} examples look as if they belonged to another class. Wrong labels cost accuracy, "
            "and make the score lie.",
            n,
        ),
        N_("Look at each: give it the other class, leave it out, or keep it as it is."),
    ),
    "near_conflict": Check(
        "warning",
        lambda n: ngettext(
            "{n} pair of nearly equal pictures has two different labels; one of them may be wrong.",
            "{n} pairs of nearly equal pictures have two different labels; one of each may be "
            "wrong.",
            n,
        ),
        N_("Look at both: give one the other's class, leave both out, or keep them."),
    ),
    "flat": Check(
        "warning",
        lambda n: ngettext(
            "{n} picture is one even colour and shows nothing.",
            "{n} pictures are one even colour and show nothing.",
            n,
        ),
        N_("Leave them out, unless showing nothing is what their class means."),
    ),
    "few_pixels": Check(
        "warning",
        lambda n: ngettext(
            "{n} picture is less than 32 pixels wide or high; enlarged for the model, it is "
            "blurred.",
            "{n} pictures are less than 32 pixels wide or high; enlarged for the model, they are "
            "blurred.",
            n,
        ),
        N_("Use larger originals if there are any."),
    ),
    "extreme_shape": Check(
        "warning",
        lambda n: ngettext(
            "{n} picture is at least four times as long as wide. Models look at squares, so most "
            "of it is cut off or squeezed.",
            "{n} pictures are at least four times as long as wide. Models look at squares, so "
            "most of them is cut off or squeezed.",
            n,
        ),
        N_("Cut them to what matters, or leave them out."),
    ),
    "near_twins": Check(
        "info",
        lambda n: ngettext(
            "{n} picture shows nearly the same as another, so there is less to learn from than "
            "the count says. Thaw keeps such near twins on one side of training and validation, "
            "unless they make up most of a class.",
            "{n} pictures show nearly the same as others, so there is less to learn from than "
            "the count says. Thaw keeps such near twins on one side of training and validation, "
            "unless they make up most of a class.",
            n,
        ),
        N_("Nothing needs doing. If copies only fill the folder, keep one of each."),
    ),
    "imbalance": Check(
        "warning",
        lambda n: ngettext(
            "{n} class is far larger than the smallest. A model that always says the large one "
            "looks good, and the small ones are hardly learned.",
            "{n} classes are far larger than the smallest. A model that always says a large one "
            "looks good, and the small ones are hardly learned.",
            n,
        ),
        N_("Bring more of the small classes; look at the share right of each class, not of all."),
    ),
    "grey": Check(
        "info",
        lambda n: ngettext(
            "{n} picture is grey among coloured ones.",
            "{n} pictures are grey among coloured ones.",
            n,
        ),
        N_("Nothing needs doing, unless grey ones gather in one class."),
    ),
    "turned": Check(
        "info",
        lambda n: ngettext(
            "{n} picture carries a note from the camera to turn it; Thaw shows it upright.",
            "{n} pictures carry a note from the camera to turn them; Thaw shows them upright.",
            n,
        ),
        N_("Other programs may ignore the note: turn the files themselves if you use them there."),
    ),
}
"""The numbers in the texts are those of `oddities`; a test holds that."""
