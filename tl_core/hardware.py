"""What machine this is: processor, memory, number formats, free disk; learned without torch."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tl_core import files

_CPUINFO = Path("/proc/cpuinfo")
_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
"""Flags of Linux for native bfloat16 arithmetic: x86 AVX-512, x86 AMX, ARM."""
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer as far as it decides how fast and how large a run can be."""

    system: str
    """Name of the operating system and its version."""
    processor: str
    """The processor's own name; its architecture where it gives none."""
    cores: int
    """Processor cores that this process may use."""
    memory_gib: float | None
    """Main memory in GiB, or the limit set on this container if that is lower."""
    bf16: bool
    """Whether the processor multiplies bfloat16 natively; emulation is slower than float32."""
    python: str


@cache
def machine() -> Machine:
    """Return what is known about this computer; asked once per process."""
    info = _cpuinfo()
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=info.get("model name") or _sysctl("machdep.cpu.brand_string")
        or platform.machine(),
        cores=_cores(),
        memory_gib=_memory_gib(),
        bf16=has_bf16(info.get("flags") or info.get("Features") or "")
        or _sysctl("hw.optional.arm.FEAT_BF16") == "1",
        python=platform.python_version(),
    )  # fmt: skip


def has_bf16(flags: str) -> bool:
    """Tell from the processor flags, separated by spaces, whether bfloat16 is native."""
    return not _BF16_FLAGS.isdisjoint(flags.split())


def free_disk_gib() -> float:
    """Return the free space in GiB where Thaw keeps its files."""
    place = files.home()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free / _GIB


def _cpuinfo() -> dict[str, str]:
    """Return the fields of the first processor; empty where the system does not tell."""
    try:
        first = _CPUINFO.read_text(encoding="utf-8", errors="replace").split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _colon, value in pairs}


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_gib() -> float | None:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None
    with contextlib.suppress(OSError, ValueError):  # the file says "max" where no limit is set
        size = min(size, int(_MEMORY_LIMIT.read_text()))
    return size / _GIB


def _sysctl(name: str) -> str:
    """Return a value of macOS's system control; empty elsewhere."""
    if platform.system() != "Darwin":
        return ""
    command = ["/usr/sbin/sysctl", "-n", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()
