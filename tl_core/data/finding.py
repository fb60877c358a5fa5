"""Findings: what an import or an audit noticed, why it matters and what to do about it.

Only the check, the count and some names are stored; the words come from `checks` and
`text_checks`, so that an old import reads well in a new version and in another language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tl_core import files, wording
from tl_core.data import limits
from tl_core.data.check import SEVERITIES, Severity
from tl_core.data.labels import plain_name
from tl_core.data.text_checks import ALL_CHECKS, told_of
from tl_core.i18n import _

FINDINGS_FILE = "findings.json"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth knowing about a data set."""

    check: str
    """Which check noticed it: one of `ALL_CHECKS`."""
    severity: Severity
    count: int
    """How many files, rows, pictures or classes it concerns."""
    effect: str
    """What was found and what it means, as a sentence."""
    fix: str
    """What to do about it; may be empty when nothing needs doing."""
    examples: tuple[str, ...]
    """Names of the first few concerned, or what they are; untrusted text."""
    rows: tuple[int, ...] = ()
    """All examples concerned, by `Example.row`, where they are in the dataset."""
    pairs: tuple[tuple[int, int], ...] = ()
    """Rows that show the same, where that is the fault: what stays first, what may go second."""
    asides: tuple[str, ...] = ()
    """For each row what else is to be said of it, such as the class it seems to be of."""


def finding(
    check: str,
    count: int,
    examples: Iterable[str] = (),
    *,
    modality: str = "picture",
    rows: Iterable[int] = (),
    pairs: Iterable[tuple[int, int]] = (),
    asides: Iterable[str] = (),
) -> Finding:
    """Build a finding of the kind `check` with its words in the current language."""
    told = told_of(check, modality)
    return Finding(
        check=check,
        severity=told.severity,
        count=count,
        effect=told.effect(count).format(n=wording.count(count)),
        fix=_(told.fix) if told.fix else "",
        examples=tuple(examples)[: limits.MAX_NAMES_KEPT],
        rows=tuple(rows),
        pairs=tuple(pairs),
        asides=tuple(asides),
    )


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, most pressing first, otherwise in the order of `ALL_CHECKS`."""
    order = list(ALL_CHECKS)
    return tuple(
        sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), order.index(f.check)))
    )


class Notes:
    """What an import has passed over so far: a count and the first names per check."""

    def __init__(self) -> None:
        self.modality = "picture"
        self._counts: dict[str, int] = {}
        self._names: dict[str, list[str]] = {}

    def add(self, check: str, *names: str) -> None:
        """Note that `check` concerns each of `names`."""
        kept = self._names.setdefault(check, [])
        kept += map(plain_name, names[: limits.MAX_NAMES_KEPT - len(kept)])
        self._counts[check] = self._counts.get(check, 0) + len(names)

    def findings(self) -> tuple[Finding, ...]:
        """Return everything noted, most pressing first."""
        return by_severity(
            finding(c, n, self._names[c], modality=self.modality)
            for c, n in self._counts.items()
            if n
        )


def write_findings(folder: Path, findings: Iterable[Finding]) -> None:
    """Store the findings of an import in the dataset's folder."""
    rows = [{"check": f.check, "count": f.count, "examples": list(f.examples)} for f in findings]
    files.write_json(folder / FINDINGS_FILE, rows)


def read_findings(folder: Path, modality: str = "picture") -> tuple[Finding, ...]:
    """Return the stored findings; none if nothing is stored. Unknown checks are passed over."""
    try:
        rows: list[dict[str, Any]] = files.read_json(folder / FINDINGS_FILE)
    except FileNotFoundError:
        return ()
    return by_severity(
        finding(row["check"], row["count"], row["examples"], modality=modality)
        for row in rows
        if row["check"] in ALL_CHECKS
    )
