"""Stand-alone Python files, put together from parts: only what the one at hand needs.

A part is plain Python whose imports stand at its top; the imports of all parts become one block.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("parts")
PREDICT = ("onnx", "safetensors", "pt2")
"""Formats that come with a script that asks the model."""

_NEEDS = {
    ("onnx", "picture"): "numpy pillow onnxruntime",
    ("onnx", "text"): "numpy onnxruntime tokenizers",
    ("pt2", "picture"): "numpy pillow torch",
    ("pt2", "text"): "numpy tokenizers torch",
    ("safetensors", "picture"): "numpy pillow safetensors timm torch",
    ("safetensors", "text"): "numpy safetensors tokenizers torch transformers",
}
_READS = {"picture": "pictures", "text": "text files"}


def predict_name(kind: str) -> str:
    """Return what the script of a format is called."""
    return f"predict_{kind}.py"


def requirements(kind: str, modality: str) -> tuple[str, ...]:
    """Return the packages that the script of a format needs.

    Raises:
        KeyError: if the format has no script.
    """
    return tuple(_NEEDS[kind, modality].split())


def predict_script(kind: str, modality: str) -> str:
    """Return the script that asks a model of this format about new files.

    Args:
        kind: one of `PREDICT`.
        modality: `picture` or `text`.
    """
    reads, needs = _READS[modality], " ".join(requirements(kind, modality))
    heading = (
        f"What the model says of {reads}: python {predict_name(kind)} FILE...\n\n"
        f"It needs {needs} and the files beside it; labels and preparation of the input stand in\n"
        "model.json."
    )
    load = f"predict_{kind}" if kind != "safetensors" else f"predict_{kind}_{modality}s"
    parts = ["predict_head"]
    parts += ["reading_pictures"] if modality == "picture" else []
    parts += [f"predict_{modality}s", load, "predict_main"]
    return assembled(heading, [part(name) for name in parts])


@cache
def part(name: str) -> str:
    """Return a part by its name."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def assembled(heading: str, parts: Sequence[str]) -> str:
    """Return one file: its heading as docstring, one block of imports, then the parts."""
    imports: set[str] = set()
    bodies = []
    for one in parts:
        lines = one.splitlines()
        is_top = [line.startswith(("import ", "from ")) or not line for line in lines]
        end = is_top.index(False) if False in is_top else len(lines)
        imports |= {line for line in lines[:end] if line}
        bodies.append("\n".join(lines[end:]).strip("\n"))
    text = heading.replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{text}\n"""\n\n{_block(imports)}\n' + "\n\n".join(
        f"{body}\n" for body in bodies if body
    )


def _block(imports: Iterable[str]) -> str:
    """Return imports sorted, the standard library's first."""
    own = {line for line in imports if line.split()[1].split(".")[0] in sys.stdlib_module_names}
    groups = [_sorted(own), _sorted(set(imports) - own)]
    return "\n\n".join("\n".join(group) for group in groups if group) + "\n"


def _sorted(imports: Iterable[str]) -> list[str]:
    """Return imports in the usual order, names from one module on one line."""
    named: dict[str, set[str]] = {}
    plain = []
    for line in imports:
        if line.startswith("import "):
            plain.append(line)
            continue
        module, _, names = line.removeprefix("from ").partition(" import ")
        named.setdefault(module, set()).update(names.split(", "))
    froms = [
        f"from {module} import {', '.join(sorted(names, key=_import_order))}"
        for module, names in sorted(named.items(), key=lambda item: item[0].lower())
    ]
    return [*sorted(plain), *froms]


def _import_order(name: str) -> tuple[bool, str]:
    """Put classes before functions, as linters do."""
    return name[0].islower(), name
