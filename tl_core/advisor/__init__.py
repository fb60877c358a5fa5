"""From evidence to advice: rules as data, a choice with its reasons, and what would change it."""

from tl_core.advisor.advice import Advice, Candidate, Prior, Range, Reason, Recommendation, Step
from tl_core.advisor.facts import FACTS, PRIORITIES, facts_from
from tl_core.advisor.plan import advise
from tl_core.advisor.rules import (
    fire,
    lint,
    load_rules,
    load_sources,
    load_thumbs,
)

__all__ = [
    "FACTS",
    "PRIORITIES",
    "Advice",
    "Candidate",
    "Prior",
    "Range",
    "Reason",
    "Recommendation",
    "Step",
    "advise",
    "facts_from",
    "fire",
    "lint",
    "load_rules",
    "load_sources",
    "load_thumbs",
]
