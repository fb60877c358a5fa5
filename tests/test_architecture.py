"""The map of the code, held by tests: who may import whom, what loads when, how large files get."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tl_core.data import import_data

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tl_core"
MODULES = sorted(PACKAGE.rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))

TORCH = frozenset({"torch", "torchvision", "timm", "accelerate", "peft", "transformers"})
SCIENCE = frozenset({"sklearn", "scipy", "statsmodels", "imagehash"})
HEAVY = TORCH | SCIENCE

FOUNDATION = frozenset(
    {
        "actions",
        "benefits",
        "errors",
        "files",
        "glossary",
        "hardware",
        "i18n",
        "insides",
        "measures",
        "outcomes",
        "recipe",
        "paired",
        "records",
        "shares",
        "spec",
        "wording",
    }
)
"""Modules that everything may use; they use one another only."""

ALLOWED = {
    "catalog": FOUNDATION | {"catalog"},
    "data": FOUNDATION | {"data"},
    "advisor": FOUNDATION | {"advisor"},
    "watch": FOUNDATION | {"watch"},
    "report": FOUNDATION | {"report"},
    "analysis": FOUNDATION | {"analysis", "catalog", "data"},
    "engine": FOUNDATION | {"analysis", "catalog", "data", "engine"},
    "evidence": FOUNDATION | {"analysis", "catalog", "data", "engine", "evidence"},
    "lessons": FOUNDATION | {"catalog", "lessons"},
    "runs": FOUNDATION | {"runs"},
    "dossier": FOUNDATION | {"catalog", "data", "dossier", "report", "runs", "watch"},
    "cli": FOUNDATION
    | {"advisor", "analysis", "catalog", "cli", "data", "dossier", "report", "runs", "watch"},
}
"""Which parts of tl_core the modules of each package may import when they are imported."""

LAZY = {
    "runs/worker.py": frozenset({"engine", "evidence", "data", "advisor", "catalog"}),
    "runs/jobs.py": frozenset({"engine", "evidence", "data", "advisor", "catalog"}),
    "runs/predictor.py": frozenset({"engine", "data"}),
    "runs/insider.py": frozenset({"engine", "data"}),
    "runs/foretell.py": frozenset({"data", "advisor", "catalog"}),
    "runs/alarms.py": frozenset({"watch"}),
    "runs/mixes.py": frozenset({"engine", "catalog"}),
    "runs/controls.py": frozenset({"engine", "advisor", "watch"}),
    "runs/race.py": frozenset({"engine"}),
    "runs/export.py": frozenset({"engine", "data", "report", "dossier"}),
    "runs/competitor.py": frozenset({"engine", "data"}),
    "cli/predict.py": frozenset({"engine"}),
    "cli/options.py": frozenset({"evidence"}),
}
"""What may be imported besides, inside functions: by what runs in a process of its own, the worker,
the predictor and the command that asks a model; and where runs are known as bases."""

LIGHT = (
    *("cli", "runs.store", "runs.launch", "advisor", "watch", "report", "data", "catalog"),
    *("analysis.answers", "analysis.calibration", "analysis.mistakes", "analysis.again"),
    "analysis.unseen",
    *("dossier", "lessons"),
)
"""What the web server and the command line import: must stay small and quick."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), name(path))


def imports(node: ast.AST, *, lazy: bool) -> Iterator[str]:
    """Yield the dotted names imported at import time (lazy=False) or inside functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if lazy:
                yield from _all_imports(child)
        else:
            if not lazy:
                yield from _imported(child)
            yield from imports(child, lazy=lazy)


def _all_imports(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        yield from _imported(child)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "absolute imports only"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top(imported: str) -> str:
    return imported.partition(".")[0]


def part(imported: str) -> str:
    """Return which part of tl_core `tl_core.PART.…` names."""
    return imported.split(".")[1]


def parts(path: Path, *, lazy: bool) -> set[str]:
    """Return the parts of tl_core that a module imports; `__version__` and the like are none."""
    known = {p.stem for p in PACKAGE.iterdir()}
    found = {part(i) for i in imports(tree(path), lazy=lazy) if i.startswith("tl_core.")}
    return found & known


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_tl_core_never_imports_streamlit_or_pages(path: Path) -> None:
    everything = {top(i) for i in _all_imports(tree(path))}
    assert everything.isdisjoint({"streamlit", "pages", "app"})


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_packages_import_only_what_the_map_allows(path: Path) -> None:
    inside = path.relative_to(PACKAGE)
    package = inside.parts[0].removesuffix(".py")
    allowed = ALLOWED.get(package, FOUNDATION)
    assert parts(path, lazy=False) <= allowed
    assert parts(path, lazy=True) <= allowed | LAZY.get(inside.as_posix(), frozenset())


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_torch_is_imported_by_engine_and_evidence_only(path: Path) -> None:
    inside = path.relative_to(PACKAGE)
    at_import = {top(i) for i in imports(tree(path), lazy=False)}
    if inside.parts[0] in {"engine", "evidence"}:
        return
    assert at_import.isdisjoint(HEAVY)
    if inside.as_posix() not in LAZY:
        assert {top(i) for i in _all_imports(tree(path))}.isdisjoint(TORCH)


@pytest.mark.parametrize("path", [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")], ids=name)
def test_pages_import_no_heavy_library(path: Path) -> None:
    everything = {top(i) for i in _all_imports(tree(path))}
    assert everything.isdisjoint(HEAVY)
    if path.parent.name == "ui":
        shared = {i for i in _all_imports(tree(path)) if i.startswith("pages.")}
        assert all(i.startswith("pages.ui.") for i in shared)


def test_every_page_is_registered_and_pages_is_no_package() -> None:
    assert not list((ROOT / "pages").rglob("__init__.py"))
    files = (ROOT / "app.py", ROOT / "pages" / "ui" / "frame.py")
    router = "".join(path.read_text(encoding="utf-8") for path in files)
    missing = [name(p) for p in PAGES if name(p) not in router]
    assert not missing


def test_files_stay_small() -> None:
    limits = {ROOT / "app.py": 80} | dict.fromkeys(PAGES, 150) | dict.fromkeys(MODULES, 300)
    limits |= dict.fromkeys((ROOT / "pages" / "ui").glob("*.py"), 300)
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in limits}
    too_large = {name(p): n for p, n in sizes.items() if n > limits[p]}
    assert not too_large


def test_functions_stay_short() -> None:
    hard_limit = 60
    too_long = [
        f"{name(path)}: {node.name}"
        for path in [*MODULES, *(ROOT / "pages").rglob("*.py")]
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or node.lineno) - node.lineno >= hard_limit
    ]
    assert not too_long


@pytest.mark.parametrize("path", [p for p in MODULES if p.stem != "__init__"], ids=name)
def test_every_module_says_its_one_job_and_no_module_is_a_drawer(path: Path) -> None:
    assert ast.get_docstring(tree(path))
    assert path.stem not in {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def does_something(path: Path) -> bool:
    """Tell a module with functions from one that only declares records and constants."""
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree(path)))


@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if p.stem not in {"__init__", "__main__"} and does_something(p)],
    ids=name,
)
def test_every_module_has_its_test_file(path: Path) -> None:
    folder = ROOT / "tests" / path.parent.relative_to(PACKAGE)
    assert (folder / f"test_{path.stem}.py").is_file()


@pytest.mark.parametrize("module", LIGHT)
def test_what_the_server_imports_loads_no_heavy_library(module: str) -> None:
    code = f"import sys, tl_core.{module}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(done.stdout.split())
    assert "streamlit" not in done.stdout.split()


_RUN_EVERY_PAGE = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
from tl_core import data
from tl_core.runs import launch, store
from tl_core.spec import RunSpec

launch.start = store.new_run  # jobs are asked for and never begin
pictures = data.load(sys.argv[1])
run = store.new_run(RunSpec(kind="train", dataset=pictures.id, strategy="linear_probe"))
pages = sorted(Path("pages").glob("*.py"))
assert pages
for query in ({}, {"data": pictures.id}, {"data": pictures.id, "run": run}):
    app = AppTest.from_file("app.py", default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    for page in pages:
        app.switch_page(page.as_posix()).run()
        assert not app.exception, (page, query, app.exception)
print(*sorted(sys.modules))
"""


def test_no_page_loads_a_heavy_library(thaw_home: Path, tiny_pictures: Path) -> None:
    imported = import_data(tiny_pictures)  # a job does that elsewhere, with what it needs
    done = subprocess.run(
        [sys.executable, "-c", _RUN_EVERY_PAGE, imported.id],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert HEAVY.isdisjoint(done.stdout.split())
