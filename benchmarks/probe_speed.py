"""How long measuring takes a warm worker, beside the forward passes that it cannot do without.

    THAW_DATA=… python benchmarks/probe_speed.py

- `first_word_seconds`: from the request until 32 pictures have told how far they look. Budget: 5.
- `whole / bare`: the evidence on 1,000 pictures at 224 px, decoding included, as a multiple of the
  bare passes through the base and through the untrained network: the same networks cut and joined
  in the same way, number format and batches, inputs ready in memory, a process of their own.
  Budget: 1.6. Once in seconds, once in the processor's time. Where other work takes its share of
  the cores only the latter tells something, and only with OMP_NUM_THREADS=1, since threads that
  wait for one another count as busy.
- `beyond`: the evidence on four times as many pictures, where 2,000 are measured of either.

Every measurement begins without anything decoded or computed; both kinds take turns, and medians
are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measuring import write_results

from tl_core import catalog, files

BASE = "tf_efficientnet_lite0"
SYNSETS_PER_CLASS = 100  # photographs of neighbouring kinds make a class
INSECTS = 125  # of ants and of bees: in all, 1,000 pictures are left to train on
SMALL_PX, FEW, MANY = 64, 2600, 10_400


def gather(folder: Path) -> None:
    """Copy 1,250 photographs into twelve class folders."""
    root = files.data_root()
    wanted = [
        (path, f"kinds{number // SYNSETS_PER_CLASS}")
        for number, kind in enumerate(sorted((root / "imagenet_one_per_class").iterdir()))
        for path in kind.iterdir()
    ]
    for name in ("ants", "bees"):
        found = sorted((root / "ants_bees" / "train" / name).iterdir())
        wanted += [(path, name) for path in found[:INSECTS]]
    for path, name in wanted:
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / name / path.name)


def bare(n: int) -> dict[str, float]:
    """Run `n` inputs through the base and through an untrained network; nothing else."""
    import torch

    from tl_core.engine import features, precision
    from tl_core.engine.modality.vision import VISION

    precision.keep_freed_memory()
    base = catalog.find(BASE)
    networks = [VISION.load_backbone(base, size=None, pretrained=p) for p in (True, False)]
    edge = networks[0].size
    inputs = torch.randn(features.BATCH, 3, edge, edge).contiguous(
        memory_format=torch.channels_last
    )
    began, before = time.monotonic(), _own_cpu()
    for network in networks:
        with torch.inference_mode(), precision.autocast():
            for start in range(0, n, features.BATCH):
                value = inputs[: n - start]
                for segment in network.chain.segments:
                    value = segment(value)
    return {"seconds": time.monotonic() - began, "cpu_seconds": _own_cpu() - before}


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def bare_elsewhere(n: int) -> dict[str, float]:
    """Do `bare` in a fresh process."""
    command = [sys.executable, __file__, "--bare", str(n)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return found


def measure(dataset: Any, size: int | None = None) -> dict[str, float]:
    """Have a warm worker measure a dataset of which nothing is known; return what it took."""
    from tl_core.data.store import dataset_dir
    from tl_core.runs import events, launch, pool, store
    from tl_core.spec import Evidence, RunSpec, from_dict

    shutil.rmtree(files.cache_dir(), ignore_errors=True)
    shutil.rmtree(dataset_dir(dataset.id) / "evidence", ignore_errors=True)
    launch.ensure_warm_worker()
    while not any(pool.read_info(folder).get("ready") for folder in pool.folders()):
        time.sleep(0.1)
    (pid,) = (pool.read_info(folder)["pid"] for folder in pool.folders())
    began, before = time.time(), _cpu_of(pid)
    run = launch.start(RunSpec("evidence", dataset.id, revision=dataset.revision, base=BASE,
                               size=size))  # fmt: skip
    while store.read_run(run).is_active:
        time.sleep(0.1)
    cpu = _cpu_of(pid) - before
    told, _offset, _bad = events.read_events(store.run_dir(run) / events.FILE)
    at = {event["kind"]: event["t"] - began for event in told}
    phases = {event["phase"]: event["t"] - began for event in told if event["kind"] == "phase"}
    found = from_dict(Evidence, files.read_json(store.run_dir(run) / "artifacts" / "evidence.json"))
    store.delete_run(run, for_good=True)
    return {
        "n": found.n,
        "first_word_seconds": round(at["first_look"], 2),
        "seconds": round(at["finished"], 2),
        "cpu_seconds": round(cpu, 2),
        **{f"until_{phase}": round(seconds, 2) for phase, seconds in phases.items()},
    }


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def imported(folder: Path) -> Any:
    """Import a folder, twins kept together."""
    from tl_core.cli.options import with_twins
    from tl_core.data import import_data

    return with_twins(import_data(folder, name=folder.name))


def against_bare(folder: Path, repeats: int) -> dict[str, Any]:
    """Measure 1,000 pictures and bare passes in turns."""
    gather(folder)
    dataset = imported(folder)
    rounds = []
    for number in range(repeats):
        whole = measure(dataset)
        plain = bare_elsewhere(int(whole["n"]))
        rounds.append(
            {
                "whole": whole,
                "bare": {name: round(value, 2) for name, value in plain.items()},
                "ratio": round(whole["seconds"] / plain["seconds"], 2),
                "cpu_ratio": round(whole["cpu_seconds"] / plain["cpu_seconds"], 2),
                "load": round(os.getloadavg()[0], 1),
            }
        )
        print(number, rounds[-1], flush=True)
    return {
        "omp_num_threads": os.environ.get("OMP_NUM_THREADS", ""),
        "first_word_seconds": statistics.median(r["whole"]["first_word_seconds"] for r in rounds),
        "whole / bare": statistics.median(r["ratio"] for r in rounds),
        "whole / bare, processor's time": statistics.median(r["cpu_ratio"] for r in rounds),
        "rounds": rounds,
    }


def beyond(folder: Path) -> dict[str, Any]:
    """Measure few and many small pictures; 2,000 are looked at of either."""
    from speed import MEMORY_CLASSES, draw

    found = {}
    for count in (FEW, MANY):
        draw(folder / str(count), count // MEMORY_CLASSES)
        found[str(count)] = measure(imported(folder / str(count)), SMALL_PX)
        print(count, found[str(count)], flush=True)
    few, many = found[str(FEW)], found[str(MANY)]
    return {
        "measured": found,
        "many / few": round(many["seconds"] / few["seconds"], 2),
        "many / few, processor's time": round(many["cpu_seconds"] / few["cpu_seconds"], 2),
    }


def main() -> None:
    """Measure both, or do the bare passes that another process asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    if asked.bare:
        print(json.dumps(bare(asked.bare)))
        return
    from tl_core.runs import launch

    with tempfile.TemporaryDirectory() as home:
        os.environ["THAW_HOME"] = home
        try:
            results = {
                "1,000 pictures": against_bare(Path(home) / "photographs", asked.repeats),
                "beyond": beyond(Path(home) / "small"),
            }
        finally:
            launch.stop_warm_workers()
    write_results(__file__, "python benchmarks/probe_speed.py", results)


if __name__ == "__main__":
    main()
