from __future__ import annotations

import os
from pathlib import Path

import pytest

from tl_core import hardware


def test_machine_counts_only_the_cores_this_process_may_use() -> None:
    machine = hardware.machine()
    assert 1 <= machine.cores <= (os.cpu_count() or 1)
    assert machine.processor
    assert machine.memory_gib is None or machine.memory_gib > 0


@pytest.mark.parametrize(
    ("flags", "native"),
    [
        ("fpu avx2 avx512f", False),
        ("fpu avx512_bf16 fma", True),
        ("amx_tile amx_bf16", True),
        ("fp asimd bf16 i8mm", True),
        ("", False),
        ("not_bf16_at_all", False),
    ],
)
def test_bf16_is_read_from_whole_flags(flags: str, native: bool) -> None:
    assert hardware.has_bf16(flags) is native


def test_a_lower_limit_of_the_container_counts_as_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(hardware, "_MEMORY_LIMIT", limit)
    limit.write_text("max\n")
    whole = hardware._memory_gib()
    limit.write_text(f"{1 << 28}\n")
    assert hardware._memory_gib() == 0.25
    assert whole is not None
    assert whole > 0.25


def test_a_system_without_cpuinfo_still_gives_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "_CPUINFO", tmp_path / "missing")
    assert hardware._cpuinfo() == {}


def test_free_disk_is_measured_where_files_will_go(thaw_home: Path) -> None:
    assert not thaw_home.exists()
    assert hardware.free_disk_gib() > 0
