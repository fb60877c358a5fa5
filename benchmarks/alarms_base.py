"""What Watch says of a base from the evidence alone, beside what came of the runs themselves.

Used by `alarms.py`. The evidence is that of `advice/evidence.jsonl`. Whether a base helps is told
by the control arm as Thaw judges it: the run from scratch against the one that thaws stage by
stage, on the same examples (exact McNemar test). Whether what is frozen fits badly is told by
thawing: a gradual thaw or full fine-tuning is right on more than the linear probe, beyond chance.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recordings import Recording

from tl_core.advisor.facts import facts_from
from tl_core.advisor.grounds import grounds
from tl_core.spec import DatasetFacts, Evidence, from_dict
from tl_core.watch.inheritance import at_the_start

EVIDENCE = Path(__file__).parent / "advice" / "evidence.jsonl"

Beats = Callable[[Recording, Recording], bool]
Share = Callable[[int, int], dict[str, Any]]


def judged(runs: Sequence[Recording], beats: Beats, share: Share) -> dict[str, Any]:
    """Return the alarms of every sample measured, the verdicts of all controls, and how both go."""
    by_sample: dict[str, dict[str, Recording]] = {}
    for run in runs:
        sample = f"{run.name.split('/')[0]}-s{run.seed}"
        by_sample.setdefault(sample, {})[run.strategy] = run
    alarms = {name: told for name, told in _alarms().items() if name in by_sample}
    verdicts = {
        name: verdict(found["gradual_unfreezing"], found["from_scratch"], beats)
        for name, found in by_sample.items()
        if {"gradual_unfreezing", "from_scratch"} <= set(found)
    }
    results: dict[str, Any] = {
        "samples": alarms,
        "control_arms": {"n": len(verdicts), **Counter(verdicts.values())},
    }
    for side in ("alarm", "no_alarm"):
        helpless, unlike = (
            [name for name, told in alarms.items() if (kind in told) == (side == "alarm")]
            for kind in ("negative_transfer", "domain_mismatch")
        )
        results.setdefault("negative_transfer", {})[side] = {
            "n": len(helpless),
            "controls": dict(Counter(verdicts[name] for name in helpless if name in verdicts)),
        }
        paid = [_thawing_paid(by_sample[name], beats) for name in unlike]
        known = [one for one in paid if one is not None]
        results.setdefault("domain_mismatch", {})[side] = share(sum(known), len(known))
    return results


def verdict(base: Recording, scratch: Recording, beats: Beats) -> str:
    """Return what the control arm says: helps, hurts or not_proven."""
    if beats(base, scratch):
        return "helps"
    return "hurts" if beats(scratch, base) else "not_proven"


def _alarms() -> dict[str, list[str]]:
    """Return the kinds of alarm of each sample of the kept evidence."""
    found = {}
    for line in EVIDENCE.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        evidence = from_dict(Evidence, entry["evidence"])
        known = from_dict(DatasetFacts, entry["facts"])
        told = at_the_start(asdict(grounds(facts_from(known, evidence), evidence)), 0)
        found[f"{entry['sample']}-s{entry['seed']}"] = [alert.kind for alert in told]
    return found


def _thawing_paid(found: Mapping[str, Recording], beats: Beats) -> bool | None:
    """Tell whether letting the base move was right on more; None where it was not recorded."""
    probe = found.get("linear_probe")
    moved = [found[name] for name in ("gradual_unfreezing", "full_fine_tune") if name in found]
    if probe is None or not moved:
        return None
    return any(beats(run, probe) for run in moved)
