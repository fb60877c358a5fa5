"""Stand-alone files are Python, hold what they need and nothing of Thaw."""

from __future__ import annotations

import ast
import sys

import pytest

from tl_core.report import code

CASES = [(kind, modality) for kind in code.PREDICT for modality in ("picture", "text")]


@pytest.mark.parametrize(("kind", "modality"), CASES)
def test_each_script_imports_just_what_it_names(kind: str, modality: str) -> None:
    tree = ast.parse(code.predict_script(kind, modality))
    found = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    named = {"pillow": "PIL"}
    needed = {named.get(name, name) for name in code.requirements(kind, modality)}
    assert found - sys.stdlib_module_names == needed
    assert ast.get_docstring(tree)


def test_onnx_needs_no_torch() -> None:
    assert "torch" not in code.predict_script("onnx", "picture")
    assert code.predict_name("onnx") == "predict_onnx.py"


def test_imports_of_all_parts_become_one_block() -> None:
    made = code.assembled(
        'What """it" \\ is',
        ["import os\nimport numpy\n\nA = 1", "import os\n\n\ndef f():\n    pass"],
    )
    assert made.count("import os") == 1
    assert made.index("import os") < made.index("import numpy") < made.index("A = 1")
    assert made.endswith("def f():\n    pass\n")
    compile(made, "made", "exec")


def test_names_from_one_module_share_a_line() -> None:
    made = code.assembled("x", ["from torch import nn\n", "from torch import fx, nn\n\nnn, fx"])
    assert "from torch import fx, nn\n" in made
    assert made.count("from torch") == 1


def test_a_format_without_a_script_is_a_defect() -> None:
    with pytest.raises(KeyError):
        code.requirements("script", "picture")
