"""From evidence to advice: rules as data, a choice with its reasons, and what would change it."""

from tl_core.advisor.advice import (
    Advice,
    Candidate,
    Exit,
    Prior,
    Range,
    Reason,
    Recommendation,
    Step,
)
from tl_core.advisor.declared import FACTS, PRIORITIES
from tl_core.advisor.facts import facts_from
from tl_core.advisor.plan import advise
from tl_core.advisor.ranking import frontier, runner_up
from tl_core.advisor.rules import (
    fire,
    lint,
    load_rules,
    load_sources,
    load_thumbs,
)
from tl_core.advisor.vocabulary import BESIDE
from tl_core.advisor.whatif import WhatIf, is_distance_read, training_examples, what_if

__all__ = [
    "BESIDE",
    "FACTS",
    "PRIORITIES",
    "Advice",
    "Candidate",
    "Exit",
    "Prior",
    "Range",
    "Reason",
    "Recommendation",
    "Step",
    "WhatIf",
    "advise",
    "facts_from",
    "fire",
    "frontier",
    "is_distance_read",
    "lint",
    "load_rules",
    "load_sources",
    "load_thumbs",
    "runner_up",
    "training_examples",
    "what_if",
]
