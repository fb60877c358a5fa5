"""The request of a run as its folder keeps it: written once, read with suspicion."""

from __future__ import annotations

import dataclasses
import json
import os
import types
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.spec import SPEC_VERSION, RunSpec, from_dict, to_dict

SPEC_FILE = "spec.json"
SAMPLE_PREFIX = "sample:"
"""A source that begins so names a sample instead of a path."""


def write_spec(folder: Path, spec: RunSpec) -> None:
    """Write what is asked for into the folder of a run."""
    # ASCII escapes also hold file names that are not valid text.
    content = json.dumps(to_dict(spec), allow_nan=False, indent=1)
    files.write_atomically(folder / SPEC_FILE, content + "\n")


def read_spec(folder: Path) -> RunSpec:
    """Return what was asked for in the run of this folder.

    Raises:
        InputError: if `spec.json` is missing, damaged or of another version.
    """
    try:
        values = json.loads((folder / SPEC_FILE).read_text(encoding="utf-8"))
        spec = from_dict(RunSpec, values)
    except (OSError, ValueError, TypeError, InputError) as error:
        raise _damaged(folder) from error
    if spec.version != SPEC_VERSION or not _has_declared_types(spec):
        raise _damaged(folder)
    return spec


def _has_declared_types(spec: RunSpec) -> bool:
    hints = get_type_hints(RunSpec)
    return all(_is_a(getattr(spec, name), hint) for name, hint in hints.items())


def _is_a(value: Any, hint: Any) -> bool:
    choices = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    classes = {get_origin(choice) or choice for choice in choices}
    if float in classes:
        classes.add(int)
    return isinstance(value, tuple(classes))


def _damaged(folder: Path) -> InputError:
    return InputError(
        [
            Issue(
                "run",
                _("What was asked for in the run {id} cannot be read.").format(id=folder.name),
                _("Its file {file} is damaged or of another version. Start it again, and delete "
                  "this one.").format(file=SPEC_FILE),
            )
        ]
    )  # fmt: skip


def with_absolute_source(spec: RunSpec) -> RunSpec:
    """Return `spec` so that it means the same in whatever folder a worker runs."""
    if spec.source_folder:
        spec = dataclasses.replace(spec, source_folder=_absolute(spec.source_folder))
    if spec.kind != "import" or spec.source.startswith(SAMPLE_PREFIX):
        return spec
    return dataclasses.replace(spec, source=_absolute(spec.source))


def _absolute(path: str) -> str:
    return str(Path(os.path.expanduser(path)).absolute())  # unlike Path's own it never fails
