"""How one kind of finding is told: how serious, what it means for so many, what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "serious"]
SEVERITIES: tuple[Severity, ...] = ("serious", "warning", "info")
"""Most pressing first."""


@dataclass(frozen=True, slots=True)
class Check:
    """How one kind of finding is told."""

    severity: Severity
    effect: Callable[[int], str]
    fix: str
