"""The same thing from a terminal: the command that does what a page does."""

from __future__ import annotations

import shlex

import streamlit as st

from tl_core import benefits, catalog
from tl_core.i18n import _
from tl_core.spec import DEFAULT_PATIENCE, RunSpec


def train(spec: RunSpec) -> str:
    """Return the command that trains as `spec` asks for."""
    if spec.control_of:
        return shlex.join(["thaw", "runs", "control", spec.control_of])
    options = {
        "--base": _base(spec.base),
        "--size": spec.size,
        "--strategy": spec.strategy if spec.strategy != "auto" else None,
        "--epochs": spec.epochs,
        "--patience": spec.patience if spec.patience != DEFAULT_PATIENCE else None,
        "--minutes": None if spec.minutes is None else f"{spec.minutes:g}",
        "--seed": spec.seed or None,
    }
    return _command("train", spec.dataset, options)


def race(spec: RunSpec) -> str:
    """Return the command that lets strategies race as `spec` asks for."""
    options = {
        "--strategies": ",".join(spec.strategies),
        "--base": _base(spec.base),
        "--size": spec.size,
        "--minutes": None if spec.minutes is None else f"{spec.minutes:g}",
        "--seed": spec.seed or None,
    }
    return _command("race", spec.dataset, options)


def benefit(spec: RunSpec) -> str:
    """Return the command that measures what the head start brings as `spec` asks for."""
    options = {
        "--base": _base(spec.base),
        "--size": spec.size,
        "--strategy": spec.strategy if spec.strategy != benefits.DEFAULT_STRATEGY else None,
        "--minutes": None if spec.minutes is None else f"{spec.minutes:g}",
        "--seed": spec.seed or None,
    }
    return _command("benefit", spec.dataset, options)


def measure(dataset_id: str, base_id: str, size: int | None) -> str:
    """Return the command that measures a dataset under a base."""
    return _command("probe", dataset_id, {"--bases": base_id, "--size": size})


def advise(dataset_id: str, base_id: str, size: int | None) -> str:
    """Return the command that gives the advice."""
    return _command("advise", dataset_id, {"--base": _base(base_id), "--size": size})


def check(dataset_id: str) -> str:
    """Return the command that looks a dataset over."""
    return shlex.join(["thaw", "data", "check", dataset_id])


def results(run_id: str) -> str:
    """Return the command that tells what a run gets wrong."""
    return shlex.join(["thaw", "runs", "results", run_id])


def _base(base_id: str) -> str | None:
    """Return the base unless it is the one that is taken anyhow for such data."""
    usual = {catalog.default_base(base.modality) for base in catalog.all_bases()}
    return None if base_id in usual else base_id


def _command(name: str, dataset_id: str, options: dict[str, object]) -> str:
    words = ["thaw", name, dataset_id]
    for option, value in options.items():
        if value is not None:
            words += [option, str(value)]
    return shlex.join(words)


def fold(command: str) -> None:
    """Draw the fold that shows a command."""
    with st.expander(_("Show the code")):
        st.write(_("The same from a terminal:"))
        st.code(command, language="bash", wrap_lines=True)
