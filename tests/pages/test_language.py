"""The language of a session: asked for in the address, kept by links, switched in the sidebar."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import ROOT, Make, Open
from tests.pages.handmade import epoch, follow, said
from tl_core import data, i18n
from tl_core.data.dataset import Dataset
from tl_core.spec import RunSpec

GERMAN = "Was soll es lernen?"
ENGLISH = "What do you want to teach?"


def queries(app: AppTest) -> list[str]:
    return [link.proto.query_string for link in app.page_link]


def test_an_address_asks_for_a_language_and_links_keep_it(open_page: Open) -> None:
    app = open_page("start", lang="de")
    assert GERMAN in app.title[0].value
    assert queries(app)
    assert all("lang=de" in query for query in queries(app))


def test_without_a_language_in_the_address_links_bring_none(open_page: Open) -> None:
    app = open_page("start")
    assert ENGLISH in app.title[0].value
    assert not any("lang=" in query for query in queries(app))


def test_a_language_that_nobody_knows_is_passed_over(open_page: Open) -> None:
    app = open_page("start", lang="xx")
    assert ENGLISH in app.title[0].value
    assert not any("lang=" in query for query in queries(app))


def test_the_switch_changes_the_language_there_and_back(open_page: Open, shapes: Dataset) -> None:
    app = open_page("data", data=shapes.id)
    assert "Is this enough" in said(app)
    app.selectbox(key="language.chosen").set_value("de").run()
    assert "Ist das genug" in said(app)
    assert app.query_params == {"data": shapes.id, "lang": "de"}
    app.selectbox(key="language.chosen").set_value("en").run()
    assert "Is this enough" in said(app)
    assert app.query_params["lang"] == "en"


def test_who_goes_on_by_a_button_keeps_the_language(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(RunSpec(kind="train", dataset=shapes.id), ("epoch", epoch(0)), alive=True)
    app = open_page("start", lang="de")
    app = follow(app.button(key=f"sidebar.run.{run}").click().run())
    assert app.query_params["lang"] == "de"
    assert app.query_params["run"] == run
    assert "Läuft es gut?" in said(app)


def test_findings_are_told_in_the_language_of_each_session(
    open_page: Open, thaw_home: Path, tiny_pictures: Path
) -> None:
    picture = next((tiny_pictures / "dark").iterdir())
    shutil.copy(picture, picture.with_stem("again"))
    made = data.import_data(tiny_pictures)
    told = [said(open_page("data", data=made.id, lang=code)) for code in ("de", "en")]
    assert ["genaue Kopie" in words for words in told] == [True, False]
    assert ["exact copy" in words for words in told] == [False, True]


def test_a_browser_is_answered_in_its_own_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    for locale, title in (("de-AT", GERMAN), ("en-US", ENGLISH), ("fr", ENGLISH)):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        app.context["locale"] = locale
        assert title in app.run().title[0].value


def test_outside_of_a_session_the_environment_decides(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page("start", lang="de")
    assert i18n.language() == "en"
    monkeypatch.setenv("LANGUAGE", "de")
    assert i18n.language() == "de"
