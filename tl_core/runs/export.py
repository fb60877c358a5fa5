"""The job that takes a run's model away: each format in a folder of its own, and all in one zip.

THAW_HOME/runs/<id>/artifacts/export/FORMAT/…
THAW_HOME/runs/<id>/artifacts/export.zip
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import Cancelled
from tl_core.i18n import _
from tl_core.runs import events, store
from tl_core.runs.model import require_final
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec, to_dict

FOLDER, ZIP = "artifacts/export", "artifacts/export.zip"

Emit = Callable[..., None]
Ask = Callable[[], bool]


def export_run(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Write what `spec` asks for below the job's folder; returns the fields of its last event.

    Raises:
        InputError: if the run has no model, or its base or data are gone.
        RunFailed: if a format does not say the same as the run.
        Cancelled: if it was stopped between two formats.
    """
    from tl_core.data import load
    from tl_core.engine import export as engine
    from tl_core.engine.export import check

    run = require_final(spec.run)
    emit("phase", phase="export", what=_("Writing the model and checking it"))
    dataset = load(run.spec.dataset, run.spec.revision)

    def report(done: int, total: int) -> None:
        if not should_continue():
            raise Cancelled(_("Stopped before everything was written; nothing was kept."))
        emit("step", what=_("formats"), done=done, total=total)

    models = [kind for kind in spec.formats if kind in engine.MAIN]
    written = (
        engine.export(
            run.spec,
            dataset,
            store.run_dir(run.id),
            folder / FOLDER,
            models,
            {kind: _texts(kind, run, dataset) for kind in models},
            report,
        )
        if models
        else ()
    )
    found = [to_dict(one) for one in written]
    if "script" in spec.formats:
        found += _script(run, dataset, folder / FOLDER / "script")
    pack(folder / FOLDER, folder / ZIP)
    return {
        "stop_reason": "done",
        "files": found,
        "checked_on": min(check.EXAMPLES, len(dataset.examples)),
        "tolerance": check.TOLERANCE,
    }


def _script(run: RunState, dataset: Any, folder: Path) -> list[dict[str, Any]]:
    """Write the script that repeats the run, with the split beside it."""
    from tl_core.engine import precision
    from tl_core.engine.export import beside, listed, recipe
    from tl_core.report import repeat

    run_dir = store.run_dir(run.id)
    told = events.read_events(run_dir / events.FILE)[0]
    is_bf16 = (run.finished or {}).get("precision", precision.mixed_precision()) == "bf16"
    made, base = recipe.recipe_of(run.spec, dataset, run.strategy, run_dir, told, is_bf16=is_bf16)
    files.write_atomically(folder / repeat.NAME, repeat.repeat_script(made))
    files.write_atomically(folder / "requirements.txt", "\n".join(repeat.packages(made)) + "\n")
    beside.write(folder, run.spec, dataset, made, base)
    return [to_dict(one) for one in listed(folder, "script/")]


def _texts(kind: str, run: RunState, dataset: Any) -> dict[str, str]:
    """Return the text files that go along with a format."""
    from tl_core.report import code

    script, modality = "safetensors" if kind == "hf" else kind, dataset.modality
    told = {
        code.predict_name(script): code.predict_script(script, modality),
        "requirements.txt": "\n".join(code.requirements(script, modality)) + "\n",
    }
    if kind == "hf":
        from tl_core.dossier.hub import readme

        told["README.md"] = readme(run, dataset)
    return told


def pack(folder: Path, target: Path) -> None:
    """Put everything below `folder` into one zip; weights do not get smaller by packing."""
    with files.replacing(target) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            packed.write(path, path.relative_to(folder).as_posix())
