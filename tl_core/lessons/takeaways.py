"""What to take home from each lesson, with the measurement that shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tl_core.i18n import _
from tl_core.lessons.course import Lesson, course
from tl_core.lessons.scenes import scene, told


@dataclass(frozen=True, slots=True)
class Takeaway:
    """One sentence and what stands behind it, in the current language."""

    lesson: Lesson
    sentence: str
    shown: str
    """What was measured; empty where this installation lacks the recording."""
    folklore: str
    """Where measurements disagree with what one often hears; empty where they do not."""


def takeaways() -> tuple[Takeaway, ...]:
    """Return what to take home from every lesson, in their order."""
    return tuple(map(_takeaway, course()))


def _takeaway(lesson: Lesson) -> Takeaway:
    option = next(option for option in lesson.options if option.id == lesson.shown_by)
    shown = scene(lesson.id, option.id)
    said = against = ""
    if shown is not None:
        said = told(option, shown)
        if lesson.folklore:
            against = told(replace(option, said=lesson.folklore), shown)
    return Takeaway(lesson, _(lesson.takeaway), said, against)
