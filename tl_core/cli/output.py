"""What the command line writes: JSON to standard output, words for people, problems with fixes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from tl_core.errors import Issue, RunFailed, ThawError
from tl_core.i18n import _, ngettext

result = Console()
"""Standard output: the result, once, for people or as JSON."""
notes = Console(stderr=True)
"""Standard error: progress, remarks and problems."""


def write_json(value: Any) -> None:
    """Write one JSON object on one line of standard output; what is no number becomes null."""
    text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)
    result.file.write(text + "\n")
    result.file.flush()


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def say(text: str) -> None:
    """Write a remark to standard error; `text` is shown as it is, never as markup."""
    notes.print(Text(text), highlight=False, soft_wrap=not notes.is_terminal)


def tell(*parts: RenderableType) -> None:
    """Write the result for people to standard output; strings are shown as they are."""
    for part in parts:
        shown = Text(part) if isinstance(part, str) else part
        result.print(shown, highlight=False, soft_wrap=not result.is_terminal)


def cell(text: object) -> str:
    """Return a text that Rich tables show as it is: data names may look like markup."""
    return escape(str(text))


def issue_dict(issue: Issue) -> dict[str, str]:
    """Return an issue as the JSON contract wants it."""
    return {"field": issue.field, "message": issue.message, "fix": issue.fix}


def show_issues(issues: Iterable[Issue], *, as_json: bool) -> None:
    """Show every problem with its fix."""
    found = list(issues)
    if as_json:
        write_json({"issues": [issue_dict(issue) for issue in found]})
        return
    lines: list[RenderableType] = []
    for issue in found:
        lines.append(Text.assemble((issue.field, "bold"), ": ", issue.message))
        lines.append(Text(f"  {issue.fix}", style="dim"))
    title = ngettext(
        "{n} problem with the request", "{n} problems with the request", len(found)
    ).format(n=len(found))
    notes.print(Panel(Group(*lines), title=title, title_align="left", border_style="yellow"))


def show_failure(error: ThawError, *, as_json: bool) -> None:
    """Show that a job could not end, and what to do about it."""
    code, message, fix = "failed", str(error), ""
    if isinstance(error, RunFailed):
        code, message, fix = error.code, error.message, error.fix
    if as_json:
        write_json({"error": {"code": code, "message": message, "fix": fix}})
        return
    lines = [Text(message), Text(fix, style="dim")]
    title = _("The run could not end")
    notes.print(Panel(Group(*lines), title=title, title_align="left", border_style="yellow"))
