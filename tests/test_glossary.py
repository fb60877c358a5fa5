"""Definitions: every number that asks for one gets it, and each has its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tl_core import glossary
from tl_core.glossary import Term

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "pages").rglob("*.py"))
TERMS = list(glossary.terms().values())


def ids(term: Term) -> str:
    return term.id


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls `terms.told(…)` and `terms.meanings(…)`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(ast.Name("terms"), "told" | "meanings")):
                yield node


def lists(tree: ast.Module) -> dict[str, set[str]]:
    """Return the tuples of words that a module names by constants."""
    return {
        target.id: {e.value for e in value.elts if isinstance(e, ast.Constant)}
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(value := node.value, ast.Tuple)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def used() -> set[str]:
    """Return every id that pages ask for, through names of constants too."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PAGES]
    named = {name: found for tree in trees for name, found in lists(tree).items()}
    asked: set[str] = set()
    for call in (call for tree in trees for call in calls(tree)):
        for given in call.args:
            match given:
                case ast.Constant(value=str(one)):
                    asked.add(one)
                case ast.Starred(value=ast.Attribute(attr=name)):
                    asked |= named[name]
                case _:
                    pytest.fail(f"cannot see which term is meant: {ast.unparse(call)}")
    return asked


def test_every_id_used_is_defined_and_every_definition_used() -> None:
    assert used() == set(glossary.terms())


@pytest.mark.parametrize("term", TERMS, ids=ids)
def test_every_definition_is_whole(term: Term) -> None:
    assert term.title
    assert term.technical
    assert term.text.endswith(".")
    assert "!" not in term.text
    assert re.search(r"\b(1[89]|20)\d\d\b|\w/\w", term.source), "a publication or a file"


@pytest.mark.parametrize("term", TERMS, ids=ids)
def test_files_named_as_sources_exist(term: Term) -> None:
    for name in re.findall(r"[\w./]+\.(?:py|toml|json)", term.source):
        assert (ROOT / name).is_file(), name


def test_ids_are_unique_and_unknown_ones_refused() -> None:
    text = (ROOT / "tl_core" / "glossary.toml").read_text(encoding="utf-8")
    assert text.count("[[term]]") == len(TERMS)
    with pytest.raises(KeyError):
        glossary.term("luck")
