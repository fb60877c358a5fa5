"""Which lessons somebody has been through; kept on this computer only."""

from __future__ import annotations

from pathlib import Path

from tl_core import files
from tl_core.lessons.course import course

FILE = "lessons.json"


def read_done() -> frozenset[str]:
    """Return the ids of the lessons that are done; a damaged file counts as none."""
    try:
        content = files.read_json(_path())
    except (OSError, ValueError):
        return frozenset()
    done = content.get("done") if isinstance(content, dict) else None
    known = {lesson.id for lesson in course()}
    return frozenset(str(one) for one in done) & known if isinstance(done, list) else frozenset()


def mark_done(lesson_id: str) -> None:
    """Remember that a lesson was answered rightly."""
    done = read_done()
    if lesson_id not in done:
        files.write_json(_path(), {"done": sorted(done | {lesson_id})})


def _path() -> Path:
    return files.home() / FILE
