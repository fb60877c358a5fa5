"""What the page that takes a model away shows: formats, what was written, and the record."""

from __future__ import annotations

import shlex
from decimal import Decimal
from typing import Any

import streamlit as st

from pages.ui import text
from tl_core import wording
from tl_core.dossier import card_of
from tl_core.i18n import _, ngettext
from tl_core.report.card_html import html
from tl_core.report.card_markdown import markdown
from tl_core.runs import launch, store
from tl_core.runs.export import ZIP
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy, RunSpec
from tl_core.watch import ending

USUAL = ("safetensors", "onnx")
"""Formats that are ticked at first: what most people need."""


def purpose(kind: str) -> str:
    """Return what a format is good for."""
    return {
        "safetensors": _("For Python with timm or transformers. LoRA matrices come by themselves, "
                         "too, for peft."),
        "onnx": _("For servers, phones and other languages: ONNX Runtime needs no PyTorch."),
        "pt2": _("For PyTorch alone: the network as a program, without the code of its "
                 "architecture."),
        "hf": _("Weights with a model card, in the layout that the Hub wants: ready to be pushed."),
        "script": _("One file that trains it again without Thaw, each decision as a plain step."),
    }[kind]  # fmt: skip


def about(run: RunState) -> str:
    """Return how good the model is and how large."""
    best = wording.percent_interval(Accuracy(**run.best["val_accuracy"])) if run.best else ""
    told = _("Right on {accuracy} of the validation examples.").format(accuracy=best)
    return " ".join(filter(None, (told if best else "", ending.what_learned(run))))


def begin(run: RunState, formats: tuple[str, ...]) -> None:
    """Start the job that writes a run's model; what earlier ones have written makes room."""
    for job in _jobs(run.id):
        if not job.is_active:
            store.delete_run(job.id)
    spec = run.spec
    launch.start(
        RunSpec("export", dataset=spec.dataset, base=spec.base, run=run.id, formats=formats)
    )


def newest_job(run_id: str) -> RunState | None:
    """Return the last job that wrote this run's model."""
    return next(iter(_jobs(run_id)), None)


def _jobs(run_id: str) -> list[RunState]:
    return [s for s in store.list_runs() if s.spec.kind == "export" and s.spec.run == run_id]


def result(run: RunState, job: RunState) -> None:
    """Draw what was written and how it was checked, with the way to have it."""
    end = job.finished or {}
    if said := checked(end):
        st.success(text.escape(said), icon=":material/check:")
    path = store.run_dir(job.id) / ZIP
    if path.is_file():
        size = wording.file_size(path.stat().st_size)
        st.download_button(
            _("Download everything as a zip ({size})").format(size=size),
            data=path.read_bytes,
            file_name=f"{run.id}.zip",
            mime="application/zip",
            on_click="ignore",
            type="primary",
            icon=":material/download:",
            key="export.zip",
        )
    with st.expander(_("Details and numbers")):
        st.table([_row(one) for one in end.get("files", ())], border="horizontal")
        st.caption(
            _("The largest difference is that of a probability from what the run's own network "
              "says in float32. It was found by running the script that comes with each format in "
              "a Python of its own.")
        )  # fmt: skip


def checked(end: dict[str, Any]) -> str:
    """Return how what was written was checked; empty where there was nothing to check."""
    apart = [f["max_difference"] for f in end.get("files", ()) if f["max_difference"] is not None]
    if not apart:
        return ""
    n = int(end["checked_on"])
    words = ngettext(
        "The same answers to within {found} on {n} of your examples; {allowed} is allowed.",
        "The same answers to within {found} on {n} of your examples; {allowed} is allowed.",
        n,
    )
    return words.format(found=_plain(max(apart)), n=n, allowed=_plain(end["tolerance"]))


def _plain(value: float) -> str:
    """Return a small number to one figure, without an exponent."""
    return format(Decimal(f"{value:.0e}"), "f")


def _row(one: dict[str, Any]) -> dict[str, str]:
    apart = one["max_difference"]
    return {
        _("file"): text.escape(one["path"]),
        _("size"): wording.file_size(one["bytes"]),
        _("largest difference"): "" if apart is None else f"{apart:.1e}",
    }


@st.cache_data(max_entries=4, show_spinner=False)
def record_of(run_id: str, last_seq: int, ending_of_file: str) -> str:
    """Return the decision record as a page or as Markdown."""
    write = html if ending_of_file == ".html" else markdown
    return write(card_of(run_id))


def told_commands(run: RunState, formats: tuple[str, ...]) -> list[str]:
    """Return the commands that do the same from a terminal."""
    wanted = [word for kind in formats or USUAL for word in ("--format", kind)]
    return [
        shlex.join(["thaw", "export", run.id, *wanted]),
        shlex.join(["thaw", "report", run.id]),
    ]
