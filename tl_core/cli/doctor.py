"""`thaw doctor`: what this machine can do and what is here without a network."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import typer

from tl_core import __version__, catalog, files, hardware, spec, wording
from tl_core.cli import output, serve
from tl_core.cli.options import Json
from tl_core.errors import InputError
from tl_core.i18n import N_, _

_LIBRARIES = ("torch", "torchvision", "timm", "accelerate", "scikit-learn", "streamlit")


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("doctor", help=N_("What this machine can do, and what is here offline."))(doctor)


def doctor(as_json: Json = False) -> None:
    """Tell what there is to work with."""
    report = examine()
    if as_json:
        output.write_json(report)
    else:
        output.tell(*_lines(report))


def examine() -> dict[str, Any]:
    """Return everything that `thaw doctor` tells, as JSON values."""
    from tl_core.data import all_samples

    return {
        "version": __version__,
        "machine": spec.to_dict(hardware.machine()),
        "home": str(files.home()),
        "free_disk_gib": round(hardware.free_disk_gib(), 1),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "app": _app(),
        "bases": [
            {"id": base.id, "title": base.title, "available": catalog.is_available(base)}
            for base in catalog.all_bases()
        ],
        "samples": [
            {"id": s.id, "title": s.title, "available": s.available, "how_to_get": s.how_to_get}
            for s in all_samples()
        ],
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _app() -> str | None:
    try:
        return str(serve.find_app())
    except InputError:
        return None


def _gib(memory: float) -> str:
    return _("{n} GiB").format(n=wording.written(f"{memory:.1f}"))


def _lines(report: dict[str, Any]) -> list[str]:
    """Return the report for people, a line each."""
    machine = report["machine"]
    memory = machine["memory_gib"]
    bf16 = _("yes") if machine["bf16"] else _("no")
    absent = _("missing")
    lines = [
        _("Thaw {version} on {system}, Python {python}").format(
            version=report["version"], system=machine["system"], python=machine["python"]
        ),
        _("Processor: {name}; {n} cores for us; fast half precision (bf16): {bf16}").format(
            name=machine["processor"], n=machine["cores"], bf16=bf16
        ),
        _("Memory: {memory}").format(memory=_("unknown") if memory is None else _gib(memory)),
        _("Files: {home} ({n} GiB free)").format(
            home=report["home"], n=wording.count(round(report["free_disk_gib"]))
        ),
        _("Libraries: {names}").format(
            names=", ".join(f"{n} {v or absent}" for n, v in report["libraries"].items())
        ),
        _("Base models:"),
        *(_entry(base["id"], base["available"], "") for base in report["bases"]),
        _("Samples:"),
        *(_entry(s["id"], s["available"], s["how_to_get"]) for s in report["samples"]),
    ]
    if report["app"] is None:
        lines.append(_("The web app is not installed."))
    return lines


def _entry(name: str, available: bool, how_to_get: str) -> str:
    state = _("here, no network needed") if available else how_to_get or _("not here")
    return f"  {name}: {state}"
