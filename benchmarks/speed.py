"""How fast training is, beside the same work done by others and beside its own bare cost.

    THAW_DATA=… python benchmarks/speed.py --fastai VENV [--only PART …] [--repeats N]

Every figure is of a process of its own with an empty THAW_HOME; what is compared is measured
alternately in one call, and the median of the repeats is taken. Absolute figures are this
machine's alone, ratios less so. Parts (`--only` takes their numbers; the others keep the figures
they have in `speed.json`):

1. A frozen base, from files to a validated head, beside fastai's one epoch and a forward pass.
2. Steps of full fine-tuning beside the plain loop and beside the bare steps of our own network.
3. A run of 1,000 pictures with judging and checkpoints, beside its training steps.
4. An epoch with the last stage thawed beside one with everything thawed.
5. Time to 0.90 on hand signs, thawing after a fitted head beside everything from a new head.
6. Memory with 50,000 pictures beside 5,000.
7. Texts: features of 1,000 sentences; LoRA on 200 sentences for 10 epochs after the head's. In
   seconds, imports apart, so of this machine alone.

Run it when nothing else runs; with everything about an hour on two cores. `--quick` is a trial of
the script on tiny pictures, written to `--out`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from comparing import Figures, Session, Task, ratio
from measuring import machine_record
from PIL import Image

from tl_core import files

RESULTS = Path(__file__).with_suffix(".json")
SIGN_TARGET = 0.90
ACCURACY_LEAD = 0.05
PEER_RATES = (5e-4, 1e-3, 2e-3)
MEMORY_EDGE_PX = 32
MEMORY_CLASSES = 10


def frozen(session: Session) -> Figures:
    """Part 1."""
    size = {"size_px": session.size_px(224)}
    tasks: dict[str, Task] = {
        "thaw": ("frozen", size),
        "forward": ("bare_forward", {**size, "decoding": False}),
        "forward_decoding": ("bare_forward", {**size, "decoding": True}),
    }
    if session.fastai:
        tasks["fastai"] = ("fastai_frozen", size)
    found = session.alternately(tasks)
    own, seconds = found["thaw"], found["thaw"]["seconds"]
    ratios = [
        ratio("frozen / forward", seconds, found["forward"]["seconds"]),
        ratio("frozen / forward with decoding", seconds, found["forward_decoding"]["seconds"]),
    ]
    if session.fastai:
        peer = found["fastai"]
        ratios.append(ratio("frozen / fastai", seconds, peer["seconds"]))
        better = round(own["accuracy"]["value"] - peer["accuracy"], 4)
        ratios.append(
            {"ratio": "accuracy above fastai", "value": better, "target": "at least 0.05",
             "met": better >= ACCURACY_LEAD}
        )  # fmt: skip
        with_imports = [f["seconds"] + f["import_seconds"] for f in (own, peer)]
        ratios.append(ratio("frozen / fastai, imports included", *with_imports))
    return {"measured": found, "ratios": ratios}


def full_steps(session: Session) -> Figures:
    """Part 2; the plain loop is timed before and after ours."""
    size, steps = session.size_px(224), session.few(10, 2)
    loop = {"size_px": size, "steps": steps}
    tasks: dict[str, Task] = {
        "plain_before": ("plain_loop", loop),
        "thaw": ("full_rate", {"size_px": size, "epochs": 3}),
        "plain_after": ("plain_loop", loop),
        "own_bare": ("own_loop", loop),
    }
    found = session.alternately(tasks)
    rates = {name: figures["images_per_second"] for name, figures in found.items()}
    plain = (rates["plain_before"] + rates["plain_after"]) / 2
    return {
        "measured": found,
        "ratios": [
            ratio("full / plain loop", rates["thaw"], plain),
            ratio("full / own bare steps", rates["thaw"], rates["own_bare"]),
        ],
    }


def whole_run(session: Session) -> Figures:
    """Part 3, at 128 px: 1,000 pictures of which a fifth is held out, as a run does by itself, and
    1,000 to learn from with 500 held out, where judging weighs more."""
    options = {"size_px": session.size_px(128), "per_class": session.few(100, 5), "epochs": 6}
    tasks: dict[str, Task] = {
        "a_fifth_held_out": ("whole_run", {**options, "own_split": True}),
        "a_third_held_out": ("whole_run", {**options, "own_split": False}),
    }
    found = session.alternately(tasks)
    split, more = found["a_fifth_held_out"], found["a_third_held_out"]
    return {
        "measured": found,
        "ratios": [
            ratio("run / its steps", split["run_seconds"], split["steps_seconds"]),
            ratio("with a third held out", more["run_seconds"], more["steps_seconds"]),
            ratio(
                "run with reading, features and head / its steps",
                split["whole_seconds"],
                split["steps_seconds"],
            ),
        ],
    }


def last_stage(session: Session) -> Figures:
    """Part 4, at 128 px on 1,000 pictures; the first epochs, which fill the cache, stand apart."""
    options = {"size_px": session.size_px(128), "per_class": session.few(100, 5)}
    tasks: dict[str, Task] = {
        "last_stage": ("epoch_cost", {**options, "epochs": 8, "last_stage_only": True}),
        "everything": ("epoch_cost", {**options, "epochs": 2, "last_stage_only": False}),
    }
    found = session.alternately(tasks)
    one, other = found["last_stage"], found["everything"]
    return {
        "measured": found,
        "ratios": [
            ratio("last stage / everything", one["seconds"], other["seconds"]),
            ratio(
                "last stage / everything, judging included",
                one["seconds_with_judging"],
                other["seconds_with_judging"],
            ),
        ],
    }


def time_to_target(session: Session) -> Figures:
    """Part 5; everything from a new head gets the rate that is quickest on the first seed."""
    target = 0.2 if session.is_quick else SIGN_TARGET
    options: Figures = {"size_px": session.size_px(128), "target": target}
    all_at_once = {**options, "strategy": "full_fine_tune", "epochs": session.few(30, 2)}
    thawing = {**options, "strategy": "gradual_unfreezing", "epochs": session.few(24, 5)}
    rates = {
        r: session.once(("time_to", {**all_at_once, "seed": 0, "rate": r})) for r in PEER_RATES
    }
    print("rates", rates, flush=True)
    quickest = min(rates, key=lambda r: rates[r]["seconds"] or float("inf"))
    found: dict[str, list[Figures]] = {"thawing": [], "everything": []}
    for seed in range(session.few(3, 1)):
        found["thawing"].append(session.once(("time_to", {**thawing, "seed": seed})))
        asked = {**all_at_once, "seed": seed, "rate": quickest}
        found["everything"].append(session.once(("time_to", asked)))
        print(seed, found["thawing"][-1], found["everything"][-1], flush=True)
    medians = {name: median_seconds(runs) for name, runs in found.items()}
    name = "thawing / everything from a new head"
    return {
        "measured": {"seeds": found, "median_seconds": medians, "pilot_rates": rates},
        "rate": quickest,
        "target_accuracy": target,
        "ratios": [ratio(name, medians["thawing"], medians["everything"])],
    }


def median_seconds(runs: list[Figures]) -> float | None:
    """Return the median time to the target; None if most runs never reached it."""
    times = sorted(run["seconds"] or float("inf") for run in runs)
    middle = times[len(times) // 2]
    return round(middle, 3) if middle != float("inf") else None


def memory(session: Session) -> Figures:
    """Part 6, at 32 px; one run each, since memory hardly varies."""
    found: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as place:
        for total in (session.few(5_000, 100), session.few(50_000, 400)):
            folder = Path(place) / str(total)
            draw(folder, total // MEMORY_CLASSES)
            for strategy, epochs in (("linear_probe", 5), ("full_fine_tune", 2)):
                options = {"folder": str(folder), "strategy": strategy, "epochs": epochs}
                task = ("memory", {**options, "size_px": MEMORY_EDGE_PX})
                found[f"{strategy}, {total}"] = session.once(task)
                print(strategy, total, found[f"{strategy}, {total}"], flush=True)
    ratios = []
    for strategy in ("linear_probe", "full_fine_tune"):
        few, many = (f["peak_anonymous_mb"] for n, f in found.items() if n.startswith(strategy))
        ratios.append(ratio(f"memory of {strategy}, 50,000 / 5,000", many, few))
    return {"measured": found, "ratios": ratios}


def of_texts(session: Session) -> Figures:
    """Part 7, film reviews of a sentence each under MiniLM."""
    per_class = session.few(100, 10)
    tasks: dict[str, Task] = {
        "features": ("text_features", {"texts": session.few(1000, 50)}),
        "lora": ("text_lora", {"per_class": per_class, "adapter_epochs": session.few(10, 2)}),
    }
    found = session.alternately(tasks)
    return {
        "measured": found,
        "ratios": [
            ratio("seconds, features of 1,000 sentences", found["features"]["seconds"], 1.0),
            ratio("seconds, LoRA on 200 sentences", found["lora"]["whole_seconds"], 1.0),
        ],
    }


def draw(folder: Path, per_class: int) -> None:
    """Write small pictures: noise in a colour by class."""
    rng = np.random.default_rng(0)
    for label in range(MEMORY_CLASSES):
        place = folder / f"class{label}"
        place.mkdir(parents=True)
        tint = rng.integers(40, 216, 3)
        for number in range(per_class):
            noise = rng.integers(-40, 40, (MEMORY_EDGE_PX, MEMORY_EDGE_PX, 3))
            Image.fromarray((tint + noise).astype(np.uint8)).save(place / f"{number:05}.jpg")


PARTS: dict[str, Callable[[Session], Figures]] = {
    "1": frozen,
    "2": full_steps,
    "3": whole_run,
    "4": last_stage,
    "5": time_to_target,
    "6": memory,
    "7": of_texts,
}


def main() -> None:
    """Measure the parts asked for and keep the figures of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(PARTS), default=[])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--fastai", type=Path, help="environment with fastai")
    parser.add_argument("--quick", action="store_true", help="a trial on tiny pictures")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if asked.quick and asked.out == RESULTS:
        parser.error("a trial goes to another file: --out")
    session = Session(1 if asked.quick else asked.repeats, asked.fastai, asked.quick)
    for number in asked.only or sorted(PARTS):
        began, load = time.monotonic(), os.getloadavg()[0]
        part = {"part": (PARTS[number].__doc__ or "").strip(), **PARTS[number](session)}
        part |= {"load_before": round(load, 2), "took_seconds": round(time.monotonic() - began)}
        for told in part["ratios"]:
            print(f"{told['ratio']}: {told['value']} ({told['target']}, met: {told['met']})")
        record = files.read_json(asked.out) if asked.out.exists() else {"parts": {}}
        record |= {"command": "python benchmarks/speed.py", **machine_record()}
        record["parts"][number] = part
        record["parts"] = dict(sorted(record["parts"].items()))
        files.write_json(asked.out, record)


if __name__ == "__main__":
    main()
