"""What this process has read of each run so far, so that the next look reads only what is new.

Pages run in threads: an entry is used only while its lock is held.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from tl_core.runs import events
from tl_core.runs.fold import Fold
from tl_core.spec import RunSpec

_MOST_ENTRIES = 1024

_entries: OrderedDict[Path, Entry] = OrderedDict()
_entries_lock = threading.Lock()


class Entry:
    """The sum of one run's events up to an offset in its log."""

    def __init__(self, folder: Path) -> None:
        """Begin before the first event."""
        self.lock = threading.Lock()
        self.spec: RunSpec | None = None
        self._path = folder / events.FILE
        self._restart(inode=0)

    def _restart(self, inode: int) -> None:
        self.fold = Fold()
        self.bad_lines = 0
        self._inode = inode
        self._offset = 0

    def update(self) -> bool:
        """Take in what was added to the log; tells whether there was anything."""
        try:
            return self._read_on()
        except OSError:  # gone or not ours to read: what is known stays
            return False

    def _read_on(self) -> bool:
        found = self._path.stat()
        if found.st_ino != self._inode or found.st_size < self._offset:
            self._restart(found.st_ino)
        if found.st_size == self._offset:
            return False
        added, offset, bad = events.read_events(self._path, self._offset)
        for event in added:
            self.fold.add(event)
        self.bad_lines += bad
        moved = offset > self._offset
        self._offset = offset
        return moved


def entry_of(folder: Path) -> Entry:
    """Return the entry of a run; the one unused for longest makes room for a new one."""
    with _entries_lock:
        entry = _entries.pop(folder, None) or Entry(folder)
        _entries[folder] = entry
        while len(_entries) > _MOST_ENTRIES:
            _entries.popitem(last=False)
        return entry
