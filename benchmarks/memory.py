"""The most memory that this process took, sampled while it works."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

STATUS = Path("/proc/self/status")
SAMPLE_SECONDS = 0.02


def megabytes(field: str) -> float:
    """Return a field of /proc/self/status, `VmHWM` or `RssAnon` say, in MB (2**20 bytes)."""
    for line in STATUS.read_text(encoding="ascii").splitlines():
        name, _, rest = line.partition(":")
        if name == field:
            return round(int(rest.split()[0]) / 1024, 1)
    raise KeyError(field)


class PeakMemory:
    """Samples the anonymous memory of this process in a thread of its own.

    The kernel keeps a high-water mark only of all resident memory, which counts mapped files too,
    as far as they happen to be in memory. What a program asked for itself is `RssAnon`.
    """

    def __init__(self) -> None:
        self.anonymous = 0.0
        """Highest anonymous memory seen, in MB."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    @property
    def resident(self) -> float:
        """Highest resident memory since the process began, in MB, mapped files included."""
        return megabytes("VmHWM")

    def _sample(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.anonymous = max(self.anonymous, megabytes("RssAnon"))

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self.anonymous = max(self.anonymous, megabytes("RssAnon"))
