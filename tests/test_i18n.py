"""Translation works, the catalog is complete, and no words for people escape it."""

from __future__ import annotations

import ast
import gettext
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tl_core import i18n

ROOT = Path(__file__).parents[1]
POT = ROOT / "tl_core" / "locale" / "thaw.pot"
SCREEN = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
CORE = sorted((ROOT / "tl_core").rglob("*.py"))
NAMES = frozenset({"Thaw"})
"""Words that are the same in every language."""

SHOWN_BY_STREAMLIT = frozenset({
    "badge", "button", "camera_input", "caption", "checkbox", "dialog", "download_button",
    "error", "expander", "feedback", "file_uploader", "form_submit_button", "header",
    "info", "link_button", "markdown", "metric", "multiselect", "number_input", "page_link",
    "pills", "popover", "radio", "segmented_control", "select_slider", "selectbox",
    "slider", "spinner", "status", "subheader", "success", "tabs", "text", "text_area",
    "text_input", "title", "toast", "toggle", "warning", "write"
})  # fmt: skip
"""Streamlit calls whose first argument a person reads."""

SHOWN_BY_TERMINAL = frozenset({"add_column", "add_row", "add_task", "echo", "print", "rule"})
"""Typer and Rich calls whose arguments a person reads."""

SHOWN_KEYWORDS = frozenset({
    "alt", "caption", "description", "effect", "fix", "help", "label", "message",
    "page_title", "placeholder", "subtitle", "text", "title", "what"
})  # fmt: skip
"""Keyword arguments that a person reads, whatever is called with them."""

NOT_WORDS = re.compile(
    r":material/\w+:|:\w+\[|(?<!\w)/[\w./]+|<[^>]*>|&\w+;|\[/?[a-z_ #0-9]*\]|https?://\S+"
)
"""Parts of texts that are no words: icons, markup, paths, addresses."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def called(call: ast.Call) -> str:
    """Return the last part of the name that is called: `st.sidebar.title` gives `title`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def bare(node: ast.expr | None) -> Iterator[str]:
    """Yield the literal texts with words in an argument, except those inside `_()` and the like."""
    match node:
        case ast.Constant(value=str(text)):
            if text not in NAMES and re.search(r"[^\W\d_]{2}", NOT_WORDS.sub("", text)):
                yield text
        case ast.JoinedStr(values=pieces):
            for piece in pieces:
                yield from bare(piece if isinstance(piece, ast.Constant) else None)
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            yield from bare(one)
            yield from bare(other)
        case ast.BoolOp(values=pieces) | ast.List(elts=pieces) | ast.Tuple(elts=pieces):
            for piece in pieces:
                yield from bare(piece)
        case ast.Call(func=ast.Attribute(value=ast.Constant() as text)):
            yield from bare(text)


def escaping(path: Path, first: frozenset[str], every: frozenset[str]) -> list[str]:
    """Return where a literal text reaches a person: `file:line: text`."""
    found = []
    for call in calls(path):
        shown: list[ast.expr] = [k.value for k in call.keywords if k.arg in SHOWN_KEYWORDS]
        if called(call) in first:
            shown += call.args[:1]
        if called(call) in every:
            shown += call.args
        if called(call) in {"Issue", "RunFailed"}:
            shown += call.args[1:]
        for node in shown:
            found += [f"{name(path)}:{call.lineno}: {text}" for text in bare(node)]
    return found


@pytest.mark.parametrize("path", SCREEN, ids=name)
def test_no_words_escape_translation_on_screen(path: Path) -> None:
    assert not escaping(path, SHOWN_BY_STREAMLIT, frozenset())


@pytest.mark.parametrize("path", CORE, ids=name)
def test_no_words_escape_translation_in_the_core(path: Path) -> None:
    is_cli = "cli" in path.parts or path.name == "cli.py"
    assert not escaping(path, frozenset(), SHOWN_BY_TERMINAL if is_cli else frozenset())


@pytest.mark.parametrize("path", [*SCREEN, *CORE], ids=name)
def test_translated_texts_are_plain_literals(path: Path) -> None:
    formatted = [
        f"{name(path)}:{call.lineno}"
        for call in calls(path)
        if called(call) in {"_", "N_", "ngettext"}
        and any(isinstance(a, (ast.JoinedStr, ast.BinOp)) for a in call.args[:2])
    ]
    assert not formatted, "format after translating, never before"


@pytest.mark.parametrize(
    ("source", "escapes"),
    [
        ('st.title("Hello")', True),
        ('st.title(_("Hello"))', False),
        ('st.title(_("Hello {n}").format(n=3))', False),
        ('st.title("Hello {n}".format(n=3))', True),
        ('st.title(f"Hello {n}")', True),
        ('st.title(f"{n} %")', False),
        ('st.title("yes" if x else _("no"))', True),
        ('st.button(x, help="Press it")', True),
        ('st.write(":material/check:")', False),
        ('st.write("Thaw")', False),
        ('Issue("size", _("Bad."), "Fix it.")', True),
        ('Issue("size", _("Bad."), _("Fix it."))', False),
        ('st.tabs(["One", _("Two")])', True),
    ],
)
def test_the_check_itself(
    source: str, escapes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "page.py"
    path.write_text(source)
    assert bool(escaping(path, SHOWN_BY_STREAMLIT, frozenset())) is escapes


def collected() -> set[str | tuple[str, ...]]:
    """Collect every text for people, as `make pot` does."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    methods = [
        (pattern, entry["method"])
        for entry in config["tool"]["babel"]["mappings"]
        for pattern in (
            [entry["pattern"]] if isinstance(entry["pattern"], str) else entry["pattern"]
        )
    ]
    return {found[2] for found in extract_from_dir(ROOT, method_map=methods)}


def test_the_catalog_holds_exactly_the_texts_of_the_code() -> None:
    with POT.open("rb") as file:
        known = {message.id for message in read_po(file) if message.id}
    texts = collected()
    missing, outdated = texts - known, known - texts
    assert (missing, outdated) == (set(), set()), "run: make pot"


def test_texts_of_data_files_are_collected_by_key() -> None:
    toml = b'[[rule]]\nid = "a"\ntext = "Words, {n} of them."\nsource = "key"\n'
    found = list(i18n.extract_toml(io.BytesIO(toml), (), (), {}))
    assert found == [(3, "_", "Words, {n} of them.", ["text"])]


def test_an_unknown_language_gives_the_text_of_the_source() -> None:
    assert i18n._("a text that no catalog knows") == "a text that no catalog knows"
    assert i18n.N_("marked only") == "marked only"
    assert i18n.ngettext("{n} class", "{n} classes", 1).format(n=1) == "1 class"
    assert i18n.ngettext("{n} class", "{n} classes", 2).format(n=2) == "2 classes"


def test_a_catalog_of_another_language_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog(locale="de")
    catalog.add("Train", "Trainieren")
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "thaw.mo").open("wb") as file:
        write_mo(file, catalog)
    german = gettext.translation("thaw", tmp_path, languages=["de"])
    monkeypatch.setattr(i18n, "_translation", german)
    assert i18n._("Train") == "Trainieren"
