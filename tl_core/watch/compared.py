"""What a paired comparison of runs comes to, in words: who does better, or too close to call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tl_core import wording
from tl_core.i18n import N_, _, ngettext
from tl_core.paired import Comparison, Pair, Unlike

Names = Mapping[str, str]
"""Run id -> what people call it here; may hold untrusted text."""

_WHY = {
    "data": N_("{a} cannot be compared in pairs with {b}: they learned from different data."),
    "labels": N_("{a} cannot be compared in pairs with {b}: the labels of the validation examples "
                 "were changed between the two."),
    "edits": N_("{a} cannot be compared in pairs with {b}: the data were changed between the two, "
                "and with them which examples are held out."),
    "split": N_("{a} cannot be compared in pairs with {b}: another seed or share held out other "
                "examples for validation."),
    "examples": N_("{a} cannot be compared in pairs with {b}: they were judged on different "
                   "validation examples."),
}  # fmt: skip


def headline(found: Comparison, names: Names) -> str:
    """Return the answer in one sentence."""
    return _group(found.groups[0], found.pairs, names) if found.pairs else _nothing(found)


def _group(group: Sequence[str], pairs: Sequence[Pair], names: Names) -> str:
    """Return who does best of those that were judged on the same examples."""
    ahead = [run for run in group if not _beaten_by(run, pairs)]
    behind = [run for run in group if run not in ahead]
    if len(ahead) == 1 and _beats_all(ahead[0], group, pairs):
        return _("{name} does best: a paired test tells it from {others}.").format(
            name=names[ahead[0]], others=_listed([names[run] for run in behind])
        )
    if behind:
        return _("Too close to call between {names}; {others} did worse than at least one of "
                 "them.").format(
            names=_listed([names[run] for run in ahead]),
            others=_listed([names[run] for run in behind]),
        )  # fmt: skip
    return _("Too close to call between {names}.").format(
        names=_listed([names[run] for run in group])
    )


def _nothing(found: Comparison) -> str:
    if found.training:
        return _("The verdict comes when they have ended.")
    if found.unlike:
        return _("These cannot be compared in pairs.")
    return _("There are no answers to compare.")


def remarks(found: Comparison, names: Names) -> tuple[str, ...]:
    """Return what stands below the answer: each pair, and who makes none and why."""
    said = [_pair(pair, names) for pair in found.pairs] if len(found.pairs) <= 1 else []
    said += [_group(group, found.pairs, names) for group in found.groups[1:] if len(group) > 1]
    for unlike in found.unlike:
        said += _apart(unlike, found.groups, names)
    if found.training:
        said.append(
            ngettext(
                "{names} is still being trained; its answers are compared at its end.",
                "{names} are still being trained; their answers are compared at their end.",
                len(found.training),
            ).format(names=_listed([names[run] for run in found.training]))
        )
    if found.silent:
        said.append(
            ngettext(
                "{names} has kept no answers example by example, so that no paired test is "
                "possible.",
                "{names} have kept no answers example by example, so that no paired test is "
                "possible.",
                len(found.silent),
            ).format(names=_listed([names[run] for run in found.silent]))
        )
    return tuple(said)


def _pair(pair: Pair, names: Names) -> str:
    words = {
        "a": names[pair.first],
        "b": names[pair.second],
        "x": wording.count(pair.only_first),
        "y": wording.count(pair.only_second),
        "n": wording.count(pair.n),
        "p": wording.number(pair.p_holm),
    }
    if not pair.only_first + pair.only_second:
        return _("Of {n} validation examples, {a} and {b} are right on exactly the same.").format(
            **words
        )
    told = _("Of {n} validation examples, {a} alone is right on {x} and {b} alone on {y} (exact "
             "McNemar test, p {p}).").format(**words)  # fmt: skip
    if pair.better:
        return told
    return told + " " + _("Chance alone makes such a difference too easily.")


def _apart(unlike: Unlike, groups: Sequence[Sequence[str]], names: Names) -> list[str]:
    """Say why a group cannot be compared with the first, and what that would have needed."""
    group = next(group for group in groups if unlike.second in group)
    a, b = (_listed([names[run] for run in runs]) for runs in (groups[0], group))
    said = [_(_WHY[unlike.why]).format(a=a, b=b)]
    if unlike.why == "split":
        said.append(
            _("What one was judged on, the other may have learned from. With the same seed and the "
              "same share held out they could be.")
        )  # fmt: skip
    return said


def verdict_of(pair: Pair, names: Names) -> str:
    """Return a pair's verdict in a few words."""
    if not pair.better:
        return _("too close to call")
    return _("{name} does better").format(name=names[pair.better])


def _beaten_by(run: str, pairs: Sequence[Pair]) -> list[str]:
    return [p.better for p in pairs if run in (p.first, p.second) and p.better not in ("", run)]


def _beats_all(run: str, group: Sequence[str], pairs: Sequence[Pair]) -> bool:
    return sum(pair.better == run for pair in pairs) == len(group) - 1


def _listed(names: Sequence[str]) -> str:
    """Return names as one says them: A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return _("{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])
