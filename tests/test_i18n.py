"""Translation works, the catalog is complete, and no words for people escape it."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
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


@pytest.mark.parametrize("path", [*SCREEN, *CORE], ids=name)
def test_no_text_hides_where_it_is_not_collected(path: Path) -> None:
    """Inside an f-string the extractor sees no call."""
    hidden = [
        call.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and called(call) in {"_", "N_", "ngettext"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == [], "translate before the f-string"


def test_texts_of_data_files_are_collected_by_key() -> None:
    toml = b'[[rule]]\nid = "a"\ntext = "Words, {n} of them."\nsource = "key"\n'
    found = list(i18n.extract_toml(io.BytesIO(toml), (), (), {}))
    assert found == [(3, "_", "Words, {n} of them.", ["text"])]


def test_an_unknown_language_gives_the_text_of_the_source() -> None:
    assert i18n._("a text that no catalog knows") == "a text that no catalog knows"
    assert i18n.N_("marked only") == "marked only"
    assert i18n.ngettext("{n} class", "{n} classes", 1).format(n=1) == "1 class"
    assert i18n.ngettext("{n} class", "{n} classes", 2).format(n=2) == "2 classes"


Speak = Callable[[str], None]


def test_each_text_is_made_in_the_language_of_its_moment(speak: Speak) -> None:
    said = []
    for code in ("de", "en", "xx"):
        speak(code)
        said.append((i18n.language(), i18n._("Data"), i18n.ngettext("{n} run", "{n} runs", 2)))
    english = ("en", "Data", "{n} runs")
    assert said == [("de", "Daten", "{n} Läufe"), english, english]


def test_no_text_is_no_text_in_every_language(speak: Speak) -> None:
    speak("de")
    assert i18n._("") == ""


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, ""),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "C.UTF-8"}, ""),
        ({"LANG": "de_DE", "LC_ALL": "en_GB"}, "en"),
        ({"LANG": "de_DE", "LANGUAGE": "fr:de:en"}, "de"),
        ({"LANG": "de_DE", "LANGUAGE": "fr"}, ""),
    ],
)
def test_the_environment_asks_for_a_language(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in i18n._VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert i18n.from_environment() == language


def at_import(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that run while a module is imported: not those inside functions."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.FunctionDef):
            asked = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            waiting += [*node.decorator_list, *node.args.defaults]
            waiting += [found for found in node.args.kw_defaults if found]
            waiting += [one.annotation for one in asked if one.annotation]
        else:
            waiting += ast.iter_child_nodes(node)


@pytest.mark.parametrize(
    "path", [p for p in [*SCREEN, *CORE] if p.parent.name != "pages"], ids=name
)
def test_nothing_is_translated_while_a_module_is_imported(path: Path) -> None:
    if path.name == "app.py":  # a script: Streamlit runs it for each session
        return
    early = at_import(ast.parse(path.read_text(encoding="utf-8")))
    assert [call.lineno for call in early if called(call) in {"_", "ngettext"}] == []


def test_the_command_line_is_put_together_before_its_language_is_known() -> None:
    code = (
        "from tl_core import i18n; i18n._ = i18n.ngettext = None\n"
        "import tl_core.cli; print(len(tl_core.cli._thaw.registered_commands))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5
