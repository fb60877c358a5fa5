"""What was measured, in words and tables: distance, probes and controls."""

from __future__ import annotations

from tl_core import catalog, wording
from tl_core.catalog import Base
from tl_core.i18n import N_, _
from tl_core.report.distance import distance_sentence
from tl_core.report.first_look import first_look_sentences
from tl_core.spec import Accuracy, Evidence, FirstLook, Shift

_SHIFTED = {
    "picture": N_("In its late stages they differ by {shift}; data of its own kind by {expected}."),
    "text": N_("In its late layers they differ by {shift} from English that describes software; "
               "other such English differs by {expected}."),
}  # fmt: skip

PROBES = ("accuracy", "zero_training", "knn", "linear_probe", "multi_stage_probe", "controls")
SIGNS = ("shift", "own_kind", "distance", "landmark", "source_confidence", "source_entropy",
         "leep", "probe_gap")  # fmt: skip
"""Terms for the two tables of numbers."""


def method(modality: str) -> str:
    """Return how the distance is measured, for people."""
    compared = {
        "picture": _("Thaw compares how its channels answer with how they answered to its own "
                     "training data (the shift)"),
        "text": _("Thaw compares how its channels answer with how they answer to plain English "
                  "that describes software (the shift): a stand-in, since what the base has read "
                  "is not at hand"),
    }[modality]  # fmt: skip
    return _(
        "Your examples run once through the untouched base. {compared}, learns a last layer on "
        "top to see how well your classes can be told apart as it is (linear probes), and does "
        "the same without the base, to see whether it helps at all (controls). Only training "
        "examples are looked at."
    ).format(compared=compared)


def distance_answer(found: Evidence, base: Base) -> str:
    """Return how far the task is, with the numbers that say so."""
    words = [distance_sentence(found, base.title)]
    if found.shift and found.shift_expected:
        shift, expected = found.shift.late, found.shift_expected.late
        words.append(
            _(_SHIFTED[base.modality]).format(
                shift=wording.number(shift), expected=wording.number(expected)
            )
        )
    return " ".join(words)


def controls_sentence(found: Evidence) -> str:
    """Say whether the base helps at all: the probe against what works without it."""
    named = {
        _("raw pixels"): found.controls.pixels,
        _("words merely counted (bag of words)"): found.controls.bag_of_words,
        _("the same network with random weights"): found.controls.random_init,
    }
    measured = {name: value for name, value in named.items() if value is not None}
    if not measured:
        return _("Whether the base helps at all has not been measured.")
    name, control = max(measured.items(), key=lambda item: item[1].value)
    numbers = {
        "probe": wording.percent_interval(found.linear_probe),
        "name": name,
        "control": wording.percent_interval(control),
    }
    if found.linear_probe.low > control.high:
        return _("The base helps: on it a last layer gets {probe}; without it "
                 "the best is {control}: {name}.").format(**numbers)  # fmt: skip
    if control.low > found.linear_probe.high:
        return _("The base does not help here: on it a last layer gets {probe}; without it "
                 "the best is {control}: {name}.").format(**numbers)  # fmt: skip
    return _("Whether the base helps is too close to call: on it a last layer gets {probe}; "
             "without it the best is {control}: {name}.").format(**numbers)  # fmt: skip


def probes_table(found: Evidence) -> list[dict[str, str]]:
    """Return every quick test with its interval, as rows of a table."""
    rows: list[tuple[str, Accuracy | None]] = [
        (_("The base's own answers, nothing trained (EEP)"), found.zero_training),
        (_("The most similar examples decide (k nearest neighbours)"), found.knn),
        (_("A last layer on the frozen base (linear probe)"), found.linear_probe),
        (_("A last layer on all stages together"), found.multi_stage_probe),
        (_("Control: raw pixels, no base"), found.controls.pixels),
        (_("Control: words merely counted, no base"), found.controls.bag_of_words),
        (_("Control: same network, random weights"), found.controls.random_init),
    ]
    return [
        {_("Quick test"): name, _("Right (95 % interval)"): wording.percent_interval(value)}
        for name, value in rows
        if value is not None
    ]


def first_look(found: FirstLook, base: Base) -> str:
    """Return what the first examples tell, and that it may still change."""
    return " ".join(first_look_sentences(found, base.modality, base.title))


def depths_table(shift: Shift | None, expected: Shift | None) -> list[dict[str, str]]:
    """Return the shift by depth beside what data of the base's own kind give."""
    if shift is None:
        return []
    depths = {"early": _("early"), "middle": _("middle"), "late": _("late")}
    return [
        {
            _("Sign of distance"): _("Shift in the {depth} stages (nats)").format(depth=name),
            _("Your data"): wording.number(getattr(shift, depth)),
            _("Data of its own kind"): (
                wording.number(getattr(expected, depth)) if expected else "–"
            ),
        }
        for depth, name in depths.items()
    ]


def shift_table(found: Evidence) -> list[dict[str, str]]:
    """Return the shift by depth beside what the base's own pictures give, and two more signs."""
    rows = depths_table(found.shift, found.shift_expected)
    sign, yours, own = _("Sign of distance"), _("Your data"), _("Data of its own kind")
    if found.source_confidence is not None:
        name = _("How sure the base is of its own classes")
        rows.append({sign: name, yours: wording.percent(found.source_confidence), own: "–"})
    if found.source_entropy is not None:
        name = _("How undecided the base is between its own classes (entropy, of the highest)")
        rows.append({sign: name, yours: wording.percent(found.source_entropy), own: "–"})
    if found.leep_per_log_c is not None:
        name = _("LEEP / ln C (0 is best, −1 is chance)")
        rows.append({sign: name, yours: wording.number(found.leep_per_log_c), own: "–"})
    if found.probe_gap is not None:
        name = _("The simple classifier: right on what it learned from, less held out")
        rows.append({sign: name, yours: wording.points(found.probe_gap), own: "–"})
    return rows


def measured_on(found: Evidence) -> str:
    """Say on how many examples, of which size and how long it was measured."""
    modality = catalog.find(found.base).modality
    words = {
        "text": _(
            "Measured on {examples} of the training part, at most {size} tokens of each, in {time}."
        ),
        "picture": _("Measured on {examples} of the training part at {size} px in {time}."),
    }[modality]
    return words.format(
        examples=wording.examples(found.n, modality),
        size=found.size,
        time=wording.duration(found.seconds),
    )


def share_trained(share: float) -> str:
    """Return the share of the network that is trained, two figures where it is small."""
    return _("{n} %").format(n=wording.number(100 * share) if share < 0.1 else f"{100 * share:.0f}")
