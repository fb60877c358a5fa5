"""Records and events as they could have been measured, and a page as one long text."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import parse_qs

from PIL import Image
from streamlit.testing.v1 import AppTest

from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.spec import DEFAULT_BASE, Accuracy, Controls, Evidence, Shift, StageProbe


def png() -> bytes:
    """Return a small picture as a file."""
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 60)).save(buffer, "PNG")
    return buffer.getvalue()


def share(value: float) -> Accuracy:
    return Accuracy(value, value - 0.05, value + 0.04, 192)


def evidence_of(dataset: Dataset, base: str = DEFAULT_BASE, probe: float = 0.8) -> Evidence:
    """Return evidence as it could have been measured."""
    stages = catalog.find(base).stages
    return Evidence(
        dataset=dataset.id,
        base=base,
        size=catalog.find(base).size or 0,
        seed=0,
        n=192,
        classes=len(dataset.classes),
        distance="far",
        shift=Shift(0.1, 0.2, 0.31),
        shift_expected=Shift(0.01, 0.02, 0.02),
        source_confidence=0.2,
        leep_per_log_c=-0.5,
        zero_training=share(0.5),
        knn=share(0.7),
        linear_probe=share(probe),
        controls=Controls(pixels=share(0.4), random_init=share(0.5)),
        stages=stages,
        forward_per_second=100.0,
        train_per_second=30.0,
        seconds=12.0,
        stage_probes=tuple(StageProbe(s.name, 0.3 + 0.05 * i) for i, s in enumerate(stages)),
    )


def epoch(number: int, **changes: Any) -> dict[str, Any]:
    """Return the fields of one epoch event."""
    loss = 1.4 / (number + 1)
    return {
        "epoch": number,
        "phase": "before" if number == 0 else "head",
        "train_loss": 0.9 * loss,
        "train_accuracy": 0.5 + 0.04 * number,
        "val_loss": loss,
        "val_accuracy": 0.5 + 0.03 * number,
        "val_low": 0.4 + 0.03 * number,
        "val_high": 0.6 + 0.03 * number,
        "val_n": 48,
        "lr": 0.0 if number == 0 else 1e-4,
        "seconds": 2.0 * number,
        "improved": True,
        "epochs_max": 24,
        "patience": 5,
        "patience_used": 0,
        "thawed": [],
        "eta_seconds": 40.0,
    } | changes


def best_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the `best` of a run whose best epoch is this one."""
    value = {"value": "val_accuracy", "low": "val_low", "high": "val_high", "n": "val_n"}
    return {
        "epoch": fields["epoch"],
        "val_loss": fields["val_loss"],
        "val_accuracy": {key: fields[name] for key, name in value.items()},
    }


def stages_event(base: str = DEFAULT_BASE) -> tuple[str, dict[str, Any]]:
    names = [stage.name for stage in catalog.find(base).stages]
    return "phase", {"phase": "head", "what": "Fitting the head", "stages": names, "thawed": []}


def said(app: AppTest) -> str:
    """Return every word on the page, without backslashes and joiners."""
    lists = (
        app.title,
        app.header,
        app.subheader,
        app.markdown,
        app.caption,
        app.error,
        app.warning,
    )
    words = [element.value for elements in lists for element in elements]
    words += [element.label for element in (*app.button, *app.page_link, *app.checkbox)]
    words += [element.text for element in app.progress]
    return "\n".join(words).replace("\\", "").replace("\u2060", "")


def keys(app: AppTest) -> set[str]:
    """Return the keys of all buttons that are drawn."""
    return {button.key for button in app.button if button.key}


def follow(app: AppTest) -> AppTest:
    """Do what the browser does where a page with timers leaves for another."""
    (link,) = app.container(key="travel").page_link
    for key, values in parse_qs(link.proto.query_string).items():
        app.query_params[key] = values[-1]
    gone = set(app.query_params) - set(parse_qs(link.proto.query_string))
    for key in gone:
        del app.query_params[key]
    return app.switch_page(f"pages/{link.proto.page}.py").run()
