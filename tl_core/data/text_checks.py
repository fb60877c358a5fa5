"""What an import or an audit notices about texts, where it is told otherwise than of pictures."""

from __future__ import annotations

from tl_core.data.audit_checks import AUDIT_CHECKS
from tl_core.data.check import Check
from tl_core.data.checks import CHECKS
from tl_core.i18n import N_, ngettext

TEXT_CHECKS: dict[str, Check] = {
    "conflict": Check(
        "serious",
        lambda n: ngettext(
            "{n} text appears with more than one label; at most one of them can be right.",
            "{n} texts appear with more than one label; at most one of each can be right.",
            n,
        ),
        N_("Look at them and leave out those with the wrong label."),
    ),
    "leak": Check(
        "serious",
        lambda n: ngettext(
            "{n} text held out for checking is also in the training part, which makes the model "
            "look better than it is (a leak).",
            "{n} texts held out for checking are also in the training part, which makes the "
            "model look better than it is (a leak).",
            n,
        ),
        N_("Leave them out of training, or let Thaw divide the data anew."),
    ),
    "shared": Check(
        "warning",
        lambda n: ngettext(
            "{n} text held out for checking is also in the training part; that is too few to "
            "change the result much.",
            "{n} texts held out for checking are also in the training part; that is too few to "
            "change the result much.",
            n,
        ),
        N_("Leave them out of training if you like."),
    ),
    "small_class": Check(
        "warning",
        lambda n: ngettext(
            "{n} class has too few usable texts to be learned and checked, and was set aside.",
            "{n} classes have too few usable texts to be learned and checked, and were set aside.",
            n,
        ),
        N_("Add texts until the class has at least 5, or merge it with another class."),
    ),
    "untrained_class": Check(
        "warning",
        lambda n: ngettext(
            "{n} class has texts to check but too few to train on, and was set aside.",
            "{n} classes have texts to check but too few to train on, and were set aside.",
            n,
        ),
        N_("Move some of its texts to the training part."),
    ),
    "unchecked_class": Check(
        "warning",
        lambda n: ngettext(
            "{n} class has no text in the validation part, so nothing can be said about it.",
            "{n} classes have no text in the validation part, so nothing can be said about them.",
            n,
        ),
        N_("Move some of its texts from training to validation."),
    ),
    "duplicates": Check(
        "warning",
        lambda n: ngettext(
            "{n} text has the same words as another, so there is less to learn from than the "
            "count says. Such twins are never divided between training and validation by Thaw.",
            "{n} texts have the same words as others, so there is less to learn from than the "
            "count says. Such twins are never divided between training and validation by Thaw.",
            n,
        ),
        N_("Leave the copies out, unless they are meant to weigh more."),
    ),
    "near_leak": Check(
        "warning",
        lambda n: ngettext(
            "{n} text held out for checking says nearly the same as one in the training part, "
            "which may make the model look better than it is.",
            "{n} texts held out for checking say nearly the same as some in the training part, "
            "which may make the model look better than it is.",
            n,
        ),
        N_("Remove them from one of the two parts, or import without the given parts."),
    ),
    "near_twins": Check(
        "info",
        lambda n: ngettext(
            "{n} text says nearly the same as another, so there is less to learn from than the "
            "count says. Thaw keeps such near twins on one side of training and validation, "
            "unless they make up most of a class.",
            "{n} texts say nearly the same as others, so there is less to learn from than the "
            "count says. Thaw keeps such near twins on one side of training and validation, "
            "unless they make up most of a class.",
            n,
        ),
        N_("Keep one of each, unless they are meant to weigh more."),
    ),
    "empty_texts": Check(
        "warning",
        lambda n: ngettext(
            "{n} text is empty, and was left out.",
            "{n} texts are empty, and were left out.",
            n,
        ),
        N_("Fill them in, or delete their rows."),
    ),
    "long_texts": Check(
        "warning",
        lambda n: ngettext(
            "{n} text is longer than 100,000 letters; only its beginning was taken.",
            "{n} texts are longer than 100,000 letters; only their beginnings were taken.",
            n,
        ),
        N_("Cut long documents into the parts that decide; a model reads a few hundred words."),
    ),
    "other_encoding": Check(
        "info",
        lambda n: ngettext(
            "{n} line or file is not written in UTF-8; it was read as Western European text.",
            "{n} lines or files are not written in UTF-8; they were read as Western European text.",
            n,
        ),
        N_("If letters look wrong, save the data again as UTF-8."),
    ),
    "too_large": Check(
        "warning",
        lambda n: ngettext(
            "{n} text file is larger than 8 MB, and was left out.",
            "{n} text files are larger than 8 MB, and were left out.",
            n,
        ),
        N_("Cut it into the parts that decide; a model reads a few hundred words."),
    ),
    "stray": Check(
        "info",
        lambda n: ngettext(
            "{n} file is no text file of a class, and was left out.",
            "{n} files are no text files of a class, and were left out.",
            n,
        ),
        N_("Move it into the folder of its class, as .txt, if it is a text to learn from."),
    ),
    "bad_rows": Check(
        "warning",
        lambda n: ngettext(
            "{n} row of the table lacks a text or a label, or names an unknown part, and was left "
            "out.",
            "{n} rows of the table lack a text or a label, or name an unknown part, and were left "
            "out.",
            n,
        ),
        N_("Fill in text and label; split may be train, val, test or empty."),
    ),
}
"""The numbers in the texts are those of `limits`; a test holds that."""

ALL_CHECKS = tuple(dict.fromkeys((*CHECKS, *AUDIT_CHECKS, *TEXT_CHECKS)))
"""Every kind of finding, of pictures or texts, in the order of telling."""


def told_of(check: str, modality: str) -> Check:
    """Return how `check` is told about data of `modality`.

    Raises:
        KeyError: if there is no such check.
    """
    if modality == "text" and check in TEXT_CHECKS:
        return TEXT_CHECKS[check]
    return CHECKS.get(check) or AUDIT_CHECKS.get(check) or TEXT_CHECKS[check]
