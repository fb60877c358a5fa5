"""Words on the screen: escaping of untrusted text, counts of things, points in time.

Numbers as people read them come from `tl_core.wording`.
"""

from __future__ import annotations

import re
from datetime import datetime

from tl_core import wording
from tl_core.i18n import N_, _, ngettext
from tl_core.spec import STRATEGIES

STATUSES = {
    "queued": N_("waiting"),
    "running": N_("running"),
    "paused": N_("paused"),
    "stopping": N_("stopping"),
    "finished": N_("finished"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$^=&:@\"'/])")
_JOINER = "\u2060"
# Emoji shortcodes, icons and bare links are found after Markdown has removed the backslashes, so
# a character that shows nothing has to break them up.
_LATE = re.compile(r"(:|@|www(?=\.))", re.IGNORECASE)


def escape(text: object) -> str:
    """Return `text` so that Streamlit shows it letter by letter: no Markdown, links or icons."""
    flat = " ".join(str(text).split())
    return _PUNCTUATION.sub(r"\\\1", _LATE.sub(rf"\1{_JOINER}", flat))


def begun(words: str) -> str:
    """Return `words` with a capital at the beginning and nothing else changed."""
    return words[:1].upper() + words[1:]


def classes(n: int) -> str:
    """Return `1 class`, `4 classes`."""
    return ngettext("{n} class", "{n} classes", n).format(n=wording.count(n))


def when(created: float) -> str:
    """Return a point in time as local date and minute."""
    return datetime.fromtimestamp(created).strftime("%Y-%m-%d %H:%M")


def status(name: str) -> str:
    """Return the status of a run in one word."""
    return _(STATUSES.get(name, name))


def strategy(name: str) -> str:
    """Return a strategy as it is shown; `auto` is what the advisor will choose."""
    return _(STRATEGIES[name]) if name in STRATEGIES else _("Thaw chooses")
