"""Whether a base has read the language that texts are in, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tl_core import wording
from tl_core.i18n import _

MOST = 0.5  # of the texts


def languages_sentence(shares: Mapping[str, float]) -> str:
    """Return which languages the texts seem to be in; empty where that is not known."""
    if not shares:
        return ""
    return _("They seem to be in {languages}.").format(languages=wording.languages(shares))


def misfit_sentence(base: str, known: Sequence[str], shares: Mapping[str, float]) -> str:
    """Return that the base has not read what most of the texts are in; empty if it has.

    It is a warning, not a refusal: the language is guessed, and related languages share words.

    Args:
        base: what it is called.
        known: codes of the languages that it has read; none if that is unknown.
        shares: of the texts, by code.
    """
    strange = {code: share for code, share in shares.items() if code not in known}
    if not known or sum(strange.values()) < MOST:
        return ""
    return _(
        "Most of your texts seem to be in {found}, and {base} has read {known} only. A base that "
        "has read that language, or many, will do better: name one of the Hugging Face hub, for "
        "instance hf:FacebookAI/xlm-roberta-base."
    ).format(
        found=wording.languages(strange),
        base=base,
        known=", ".join(wording.language(code) for code in known),
    )
