"""What a model says of new examples, in words and as a table; of records as programs get them.

An answer is what `engine.predict.told` makes: file, top, unlike_training; or `file` and `issue`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from tl_core import wording
from tl_core.i18n import _

Answer = Mapping[str, Any]

SHOWN = 3
"""Classes of each file in a table."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How cells begin that a spreadsheet would run as a formula (OWASP, CSV injection)."""


def headline(answer: Answer, modality: str) -> str:
    """Return the answer as one sentence; holds untrusted text."""
    first = answer["top"][0]
    sure = wording.percent(first["probability"])
    found = answer.get("unlike_training")
    if found is None:
        return _("{label}, {sure} sure.").format(label=first["label"], sure=sure)
    if found["flag"]:
        words = {
            "picture": _("Not like your training pictures; the model says {label}, {sure} sure."),
            "text": _("Not like your training texts; the model says {label}, {sure} sure."),
        }
    else:
        words = {
            "picture": _("{label}, {sure} sure; it looks like your training pictures."),
            "text": _("{label}, {sure} sure; it reads like your training texts."),
        }
    return words[modality].format(label=first["label"], sure=sure)


def likeness(found: Mapping[str, Any], modality: str) -> str:
    """Return in one sentence how far something lies, beside the run's own held-out examples."""
    n = wording.per_hundred(found["farther_than"])
    words = {
        "picture": _("It lies farther from your training pictures than {n} of 100 of your own "
                     "held-out pictures."),
        "text": _("It lies farther from your training texts than {n} of 100 of your own held-out "
                  "texts."),
    }  # fmt: skip
    return words[modality].format(n=n)


def warning(modality: str) -> str:
    """Return what it means that something is unlike the training examples, and what to do."""
    words = {
        "picture": _("The model has never learned from anything close to this picture, so its "
                     "answer may be wrong however sure it is. If you expect such pictures, label "
                     "some and train again."),
        "text": _("The model has never learned from anything close to this text, so its answer "
                  "may be wrong however sure it is. If you expect such texts, label some and "
                  "train again."),
    }  # fmt: skip
    return words[modality]


def table(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Return a row for each answer, with the headings that people see; holds untrusted text."""
    rows = []
    for answer in answers:
        top = answer.get("top") or ()
        found = answer.get("unlike_training")
        rows.append(
            {
                _("File"): answer["file"],
                _("Most probable"): top[0]["label"] if top else "–",
                _("Sure"): wording.percent(top[0]["probability"]) if top else "–",
                _("Like training"): _likeness_word(found),
                _("Problem"): answer["issue"]["message"] if "issue" in answer else "",
            }
        )
    return rows


def _likeness_word(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "–"
    return _("no") if found["flag"] else _("yes")


def csv_text(answers: Sequence[Answer]) -> str:
    """Return the answers as a CSV table whose column names are the same in every language.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    guesses = [f"{what}_{n}" for n in range(1, SHOWN + 1) for what in ("label", "probability")]
    writer.writerow(["file", *guesses, "unlike_training", "score", "farther_than", "problem"])
    for answer in answers:
        cells: list[Any] = [_harmless(answer["file"])]
        top = list(answer.get("top") or ())[:SHOWN]
        for guess in top:
            cells += [_harmless(guess["label"]), guess["probability"]]
        cells += [""] * (2 * (SHOWN - len(top)))
        found = answer.get("unlike_training") or {}
        flag = ("yes" if found["flag"] else "no") if found else ""
        cells += [flag, found.get("score", ""), found.get("farther_than", "")]
        cells.append(_harmless(answer["issue"]["message"]) if "issue" in answer else "")
        writer.writerow(cells)
    return text.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
