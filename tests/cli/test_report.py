"""`thaw report`: a page or Markdown, by the name of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core.cli import report as module
from tl_core.report.card import Card

Thaw = Callable[..., Any]


@pytest.fixture(autouse=True)
def _card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "card_of", lambda run: Card(f"{run} <i>", "It is right.", ()))


def test_the_ending_says_what_it_is(thaw: Thaw, tmp_path: Path) -> None:
    page, text = tmp_path / "a.html", tmp_path / "a.md"
    outcome = thaw("report", "a-run", "--out", page, "--json")
    assert outcome.json == {"files": [{"path": str(page), "bytes": page.stat().st_size}]}
    assert "<h1>a-run &lt;i&gt;</h1>" in page.read_text()
    assert str(text) in thaw("report", "a-run", "--out", text).out.replace("\n", "")
    assert text.read_text().startswith("# a-run \\<i\\>\n")


def test_without_a_name_it_is_a_page_beside(
    thaw: Thaw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert thaw("report", "a-run").code == 0
    assert (tmp_path / "a-run.html").is_file()


def test_another_ending_is_refused(thaw: Thaw, tmp_path: Path) -> None:
    outcome = thaw("report", "a-run", "--out", tmp_path / "a.pdf", "--json")
    assert outcome.code == 2
    assert outcome.json["issues"][0]["field"] == "out"
