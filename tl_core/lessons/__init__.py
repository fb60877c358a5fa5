"""Lessons: one idea each, told in words kept as data and shown by recorded real runs.

The words stand in `lessons.toml`, the facts and pictures in `sample_data/lessons.json`, which
`benchmarks/lessons.py` takes from recorded runs. Flights are runs to be watched and called, with
their words in `flights.toml` and their runs in `sample_data/flights/`.
"""

from tl_core.lessons.course import Answer, Lesson, Option, course, lesson
from tl_core.lessons.flights import (
    Choice,
    Flight,
    Trouble,
    choices,
    flight,
    flights,
    trouble,
    troubles,
)
from tl_core.lessons.progress import mark_done, read_done
from tl_core.lessons.questions import Question, answer, questions
from tl_core.lessons.scenes import Scene, scene, told
from tl_core.lessons.takeaways import Takeaway, takeaways

__all__ = [
    "Answer",
    "Choice",
    "Flight",
    "Lesson",
    "Option",
    "Question",
    "Scene",
    "Takeaway",
    "Trouble",
    "answer",
    "choices",
    "course",
    "flight",
    "flights",
    "lesson",
    "mark_done",
    "questions",
    "read_done",
    "scene",
    "takeaways",
    "told",
    "trouble",
    "troubles",
]
