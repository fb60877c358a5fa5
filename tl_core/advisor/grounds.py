"""What speaks against a base before a run begins: values measured, beside the borders of the rules.

Whoever watches a run gets these plain numbers with it, so that an alarm and the advice never judge
by different borders.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tl_core.advisor.advice import Grounds
from tl_core.advisor.declared import Value
from tl_core.advisor.rules import load_rules
from tl_core.spec import Evidence

KNOWN, NO_HELP, FAR = "R1", "R10", "R4"
"""The rules that say what the base knows already, that it does not help, and that it is far."""

_TOLD = (
    "modality",
    "linear_probe",
    "best_control",
    "best_control_name",
    "probe_minus_best_control",
    "probe_minus_best_control_low",
    "probe_minus_best_control_high",
    "shift_late",
    "shift_expected_late",
    "source_confidence",
    "leep_per_log_c",
)


def grounds(facts: Mapping[str, Value], evidence: Evidence) -> Grounds:
    """Return what the evidence says of the base, with the borders from which on it is alarming.

    Args:
        facts: those of `facts_from`.
        evidence: what they come from.
    """
    controls = evidence.controls
    told = {name: facts.get(name) for name in _TOLD}
    is_leaky = bool(facts.get("leak_suspected"))
    if is_leaky:  # the rule is silenced then: controls profit from twins most
        told["probe_minus_best_control"] = None
    return Grounds(
        **told,  # type: ignore[arg-type]
        leak_pairs=facts["leak_pairs"] if is_leaky else None,  # type: ignore[arg-type]
        raw_name="bag_of_words" if controls.bag_of_words else "pixels" if controls.pixels else None,
        raw=controls.bag_of_words or controls.pixels,
        all_depths=evidence.multi_stage_probe,
        least_lead=max(borders(NO_HELP, "probe_minus_best_control")),
        familiar_from=min(borders(KNOWN, "source_confidence")),
        far_from=min(borders(FAR, "shift_late")),
        far_leep=max(borders(FAR, "leep_per_log_c")),
    )


def borders(rule_id: str, fact: str) -> Iterator[float]:
    """Yield every number with which a rule compares a fact."""
    rule = next(rule for rule in load_rules() if rule.id == rule_id)
    for case in rule.case:
        yield from (float(c.value) for c in case.all if c.fact == fact)
