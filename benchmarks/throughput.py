"""How a training step compares with a forward pass, by what is thawed and by number format.

    python benchmarks/throughput.py

EfficientNet-Lite0 at 224 px, batches of 32, median of five. `evidence.STEP_COST` and the cost
model of the advisor rest on the ratios; the absolute figures are this machine's alone. The formats
tell something only on a processor that multiplies bf16 natively.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from measuring import write_results
from torch.nn.functional import conv2d

from tl_core import catalog
from tl_core.engine import chain, precision
from tl_core.engine.learner import Learner, parameter_groups, set_moving
from tl_core.engine.modality.vision import VISION
from tl_core.engine.strategies import Phase

BATCH = 32
REPEATS = 5


def per_second(work: Callable[[], object]) -> float:
    """Return pictures per second of `work`, the median of a few goes after a warm-up."""
    work()
    times = []
    for _ in range(REPEATS):
        began = time.monotonic()
        work()
        times.append(time.monotonic() - began)
    return round(BATCH / statistics.median(times), 1)


@contextmanager
def computing(name: str) -> Iterator[None]:
    """Compute in a number format: fp32, bf16, or `bf16 throughout`, gradients of groups too."""
    before, convolved = os.environ.get(precision.ENVIRONMENT), chain._convolved
    os.environ[precision.ENVIRONMENT] = name.split()[0]
    if name.endswith("throughout"):
        chain._convolved = lambda inputs, weight, bias, shape: conv2d(inputs, weight, bias, *shape)
    yield
    chain._convolved = convolved
    os.environ.pop(precision.ENVIRONMENT)
    if before is not None:
        os.environ[precision.ENVIRONMENT] = before


def main() -> None:
    """Measure a forward pass and a training step for each depth of thaw."""
    precision.keep_freed_memory()
    base = catalog.find("tf_efficientnet_lite0")
    backbone = VISION.load_backbone(base, size=None, pretrained=True)
    learner = Learner(backbone, 10)
    inputs = torch.randn(BATCH, 3, 224, 224).contiguous(memory_format=torch.channels_last)
    labels = torch.arange(BATCH) % 10
    names = [stage.name for stage in backbone.stages]

    def forward() -> None:
        with torch.inference_mode(), precision.autocast():
            learner(inputs)

    def training(count: int) -> float:
        phase = Phase("x", 1, tuple(names[-count:]), body_lr=1e-5)
        set_moving(learner, backbone.stage_of, phase)
        groups = parameter_groups(learner, names, backbone.stage_of, phase)
        optimizer = torch.optim.AdamW(groups)

        def step() -> None:
            with precision.autocast():
                loss = torch.nn.functional.cross_entropy(learner(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return per_second(step)

    with computing("fp32"):
        results = {"forward": per_second(forward)}
        for count in (1, 2, 3, len(names)):
            results[f"step, {count} of {len(names)} stages thawed"] = training(count)
    forward_rate = results["forward"]
    ratios = {name: round(forward_rate / rate, 2) for name, rate in results.items()}
    for name, ratio in ratios.items():
        print(f"{name}: {results[name]} pictures/s, {ratio} forward passes")
    formats = {}
    for name in ("fp32", "bf16", "bf16 throughout"):
        with computing(name):
            formats[name] = {"forward": per_second(forward), "step, all thawed": training(8)}
        print(name, formats[name])
    write_results(
        __file__,
        "python benchmarks/throughput.py",
        {
            "pictures_per_second": results,
            "cost_in_forward_passes": ratios,
            "pictures_per_second_by_format": formats,
        },
    )


if __name__ == "__main__":
    main()
