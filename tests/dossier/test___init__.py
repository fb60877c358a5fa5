"""A whole record: every section, whatever is missing, and nothing from data as markup."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dossier.conftest import Ended
from tl_core import data
from tl_core.dossier import card_of
from tl_core.errors import InputError
from tl_core.report.card_html import html
from tl_core.report.card_markdown import markdown
from tl_core.runs import store
from tl_core.spec import RunSpec


def test_it_tells_of_everything(ended: Callable[..., Ended]) -> None:
    page = html(card_of(ended().run.id))
    for heading in ("Result", "Data", "Checks of the data", "Changes of the data", "Base model",
                    "Evidence", "Advice", "Predicted against achieved", "Curves", "Limits",
                    "Versions and hashes", "How to reproduce it"):  # fmt: skip
        assert f"<h2>{heading}" in page
    assert "&lt;b&gt;tiny&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "data:image/jpeg" in page


def test_data_that_are_gone_are_said_to_be(ended: Callable[..., Ended]) -> None:
    run = ended().run
    data.delete(run.spec.dataset)
    assert "not on this computer any more" in markdown(card_of(run.id))


def test_a_run_without_a_model_has_no_record(ended: Callable[..., Ended]) -> None:
    run = store.new_run(RunSpec("train", ended().dataset.id, strategy="lora"))
    with pytest.raises(InputError, match="thaw runs stop"):
        card_of(run)
