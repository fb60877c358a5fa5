"""Takes what the lessons show from recorded runs and from measured evidence.

    python benchmarks/lessons.py

Reads `recorded/`, `advice/evidence.jsonl` and `alarms.json`, trains nothing, and writes to
`sample_data/lessons.json` for each option of each lesson its facts, its picture and the names of
the runs behind it. Everything is of seed 0. What is not recorded yet is named and left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lesson_curves import curve, ladder, learning_rate
from lesson_facts import (
    Facts,
    Shown,
    as_count,
    as_number,
    as_share,
    as_word,
    bar,
    compared,
    guessing,
    measured,
    reached,
    run_of,
    runs,
    share,
)

from tl_core import files

OUT = Path(__file__).parents[1] / "sample_data" / "lessons.json"
PRETRAINING_PICTURES = 1_281_167  # ImageNet-1k, ILSVRC 2012 (Russakovsky and others 2015)
PRETRAINING_EPOCHS = 350  # Tan and Le 2019 for EfficientNet; assumed for its Lite version
LEARNING = 3.0  # forward and backward cost about three forward passes (Kaplan and others 2020)
SETS = {"ants_bees": "all", "cifar10": "30", "sign_digits": "20", "magnetic_tile": "all"}


def portable(sample: str) -> Shown:
    """Frozen base against the same network from nothing."""
    ways = {"frozen": "linear_probe", "scratch": "from_scratch"}
    facts, bars, names = compared(sample, ways)
    run = runs()[names[0]]
    facts |= {
        "n": as_count(run.settings["train"]),
        "chance": as_share(guessing(run)),
        "minutes": as_number(run.settings["minutes"]),
    }
    return Shown("bars", [bar("guessing", guessing(run)), *reversed(bars)], facts, names)


def paid_once(strategy: str) -> Shown:
    """The computing of pretraining against one's own, in pictures that pass through."""
    run = run_of("sign_digits-all", strategy)
    n, epochs = int(run.settings["train"]), int(run.epochs[-1]["epoch"])
    paid = PRETRAINING_PICTURES * PRETRAINING_EPOCHS
    own = float(n) if strategy == "linear_probe" else n * epochs * LEARNING
    whole = paid * LEARNING + own
    facts = {
        "paid": as_count(float(f"{paid:.2g}")),
        "own": as_count(float(f"{own:.2g}")),
        "n": as_count(n),
        "epochs": as_count(epochs),
        "one_in": as_count(float(f"{whole / own:.2g}")),
    }
    bars = [
        {"name": "pretraining", "value": paid * LEARNING},
        {"name": strategy, "value": own},
    ]
    return Shown("counts", bars, facts, (run.name,))


def by_stage(sample: str) -> Shown:
    """How well each stage tells the classes apart."""
    found = measured()[sample]
    probes = found["stage_probes"]
    n = found["n"]
    shares = {p["stage"]: share(round(p["accuracy"] * n), n) for p in probes}
    best = max(shares, key=lambda stage: shares[stage]["value"])
    facts = {
        "best_stage": as_word(best),
        "best": as_share(shares[best]),
        "last": as_share(shares[probes[-1]["stage"]]),
        "together": as_share(found["multi_stage_probe"]),
    }
    bars = [bar(f"stage:{stage}", accuracy) for stage, accuracy in shares.items()]
    return Shown("bars", [*bars, bar("multi_stage_probe", found["multi_stage_probe"])], facts, ())


def lora(sample: str) -> Shown:
    """How many numbers learn, and what comes of it."""
    ways = {"frozen": "linear_probe", "lora": "lora", "full": "full_fine_tune"}
    facts, _bars, names = compared(sample, ways)
    numbers = {"head_numbers": names[0], "lora_numbers": names[1], "full_numbers": names[2]}
    bars = []
    for fact, name in numbers.items():
        learned = int(runs()[name].result["trainable_parameters"])
        facts[fact] = as_count(learned)
        bars.append({"name": runs()[name].strategy, "value": learned})
    return Shown("counts", bars, facts, names)


def volume(sample: str) -> Shown:
    """Frozen, thawed and everything at once with so many examples."""
    ways = {"frozen": "linear_probe", "thawed": "gradual_unfreezing", "full": "full_fine_tune"}
    facts, bars, names = compared(sample, ways)
    facts["n"] = as_count(runs()[names[0]].settings["train"])
    return Shown("bars", bars, facts, names)


def gained(sample: str) -> tuple[float, float, float]:
    """Return what thawing adds to the frozen base, with its 95 % interval (paired, normal)."""
    frozen, thawed = run_of(sample, "linear_probe"), run_of(sample, "gradual_unfreezing")
    assert (frozen.example == thawed.example).all()
    won = int((thawed.right & ~frozen.right).sum())
    lost = int((frozen.right & ~thawed.right).sum())
    n = len(frozen.right)
    gain = (won - lost) / n
    wide = 1.96 * math.sqrt(max(won + lost - (won - lost) ** 2 / n, 1.0)) / n
    return round(gain, 4), round(gain - wide, 4), round(gain + wide, 4)


def distance(chosen: str) -> Shown:
    """What thawing adds, from near sets to far ones."""
    samples = {name: f"{name}-{size}" for name, size in SETS.items()}
    nearest_first = sorted(samples, key=lambda name: measured()[samples[name]]["shift"]["late"])
    bars, names = [], []
    for name in nearest_first:
        gain, low, high = gained(samples[name])
        bars.append({"name": f"set:{name}", "value": gain, "low": low, "high": high})
        names += [f"{samples[name]}/{way}-s0" for way in ("linear_probe", "gradual_unfreezing")]
    gain = next(one for one in bars if one["name"] == f"set:{chosen}")
    facts = {
        "shift": as_number(measured()[samples[chosen]]["shift"]["late"]),
        "gain": {"as": "points", "value": gain["value"]},
        "frozen": as_share(reached(run_of(samples[chosen], "linear_probe"))),
    }
    return Shown("gains", {"bars": bars, "chosen": f"set:{chosen}"}, facts, tuple(names))


def forgetting(sample: str) -> Shown:
    """How many of the base's own answers are left after each way of learning."""
    ways = {"lora": "lora", "thawed": "gradual_unfreezing", "full": "full_fine_tune"}
    facts: Facts = {}
    frozen = run_of(sample, "linear_probe")
    bars, names = [bar("linear_probe", {"value": 1.0})], [frozen.name]
    for fact, strategy in ways.items():
        run = run_of(sample, strategy)
        n = int(run.settings["val"])
        kept = share(round(run.result["retention"]["agreement"] * n), n)
        facts[fact] = as_share(kept)
        bars.append(bar(strategy, kept))
        names.append(run.name)
    return Shown("bars", bars, facts, tuple(names))


def negative(sample: str) -> Shown:
    """Bare pixels against the base."""
    found, thawed = measured()[sample], run_of(sample, "gradual_unfreezing")
    shares = {
        "pixels": found["controls"]["pixels"],
        "frozen": found["linear_probe"],
        "together": found["multi_stage_probe"],
        "thawed": reached(thawed),
    }
    names = ("pixels", "linear_probe", "multi_stage_probe", "gradual_unfreezing")
    bars = [bar(name, one) for name, one in zip(names, shares.values(), strict=True)]
    facts = {name: as_share(one) for name, one in shares.items()}
    return Shown("bars", bars, facts, (thawed.name,))


def modalities(option: str) -> Shown:
    """Words counted, a base for texts, and one for pictures."""
    found = measured()["sst2-500"]
    n = found["n"]
    shares = {
        "words": found["controls"]["bag_of_words"],
        "frozen": found["linear_probe"],
        "together": found["multi_stage_probe"],
    }
    facts = {name: as_share(one) for name, one in shares.items()}
    facts |= {"n": as_count(n), "chance": as_share({"value": 0.5})}
    if option == "picture_base":
        facts["refusal"] = {"as": "refusal", "base": "tf_efficientnet_lite0", "modality": "text"}
    bars = [bar("guessing", {"value": 0.5}), bar("words", shares["words"])]
    if option == "text_base":
        bars += [
            bar("linear_probe", shares["frozen"]),
            bar("multi_stage_probe", shares["together"]),
        ]
    return Shown("bars", bars, facts, ())


LESSONS: dict[str, tuple[Callable[[str], Shown], dict[str, str]]] = {
    "portable": (
        portable,
        {"signs": "sign_digits-20", "photos": "cifar10-30", "insects": "ants_bees-all"},
    ),
    "paid_once": (
        paid_once,
        {way: way for way in ("linear_probe", "gradual_unfreezing", "full_fine_tune")},
    ),
    "feature_extraction": (
        by_stage,
        {"insects": "ants_bees-all", "signs": "sign_digits-20", "stripes": "gratings-50"},
    ),
    "learning_rate": (learning_rate, {"usual": "", "large": "learning_rate"}),
    "lora": (lora, {"signs": "sign_digits-all", "photos": "cifar10-30", "reviews": "sst2-500"}),
    "volume": (volume, {size: f"sign_digits-{size}" for size in ("10", "20", "40", "all")}),
    "distance": (distance, {name: name for name in SETS}),
    "ladder": (ladder, {step: step for step in ("frozen", "thawed", "whole")}),
    "curves": (curve, {way: way for way in ("learns", "memorises", "jumps")}),
    "forgetting": (
        forgetting,
        {"near": "ants_bees-all", "photos": "cifar10-30", "far": "sign_digits-20"},
    ),
    "negative": (negative, {"digits": "digits-40", "insects": "ants_bees-all"}),
    "modalities": (modalities, {way: way for way in ("words", "text_base", "picture_base")}),
}


def main() -> None:
    """Take the facts of every option, and write them."""
    found: dict[str, dict[str, Any]] = {}
    for lesson, (make, options) in LESSONS.items():
        found[lesson] = {}
        for option, what in options.items():
            try:
                shown = make(what)
            except KeyError as missing:
                print(f"{lesson}/{option}: not recorded: {missing}")
                continue
            found[lesson][option] = {
                "kind": shown.kind,
                "picture": shown.picture,
                "facts": shown.facts,
                "runs": list(shown.runs),
            }
            told = {n: f.get("value") for n, f in shown.facts.items()}
            print(f"{lesson}/{option}", told, flush=True)
    text = json.dumps({"command": "python benchmarks/lessons.py", "lessons": found}, indent=1)
    files.write_atomically(OUT, text + "\n")


if __name__ == "__main__":
    main()
