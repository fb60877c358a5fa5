"""The control arm on Watch: begun with a button or from an alarm, and told on both runs."""

from __future__ import annotations

import dataclasses
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Make, Open
from tests.pages.handmade import epoch, follow, keys, said
from tests.pages.test_watch import alert, epochs, finished, spec_of
from tl_core.data.dataset import Dataset
from tl_core.runs import control, controls, store

LAST = epoch(3)
SHARE = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 48}


def verdict(kind: str, other: str) -> tuple[str, dict[str, Any]]:
    text = "Whatever _they_ say together."
    return "control", {"run": other, "verdict": kind, "base": SHARE, "scratch": SHARE, "text": text}


def only_control() -> Any:
    (found,) = (run for run in store.list_runs() if run.spec.control_of)
    return found


def test_an_ended_run_offers_its_control_and_then_the_way_to_it(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), *epochs(4), finished(LAST))
    app = open_page("watch", run=run)
    assert "whether what the base brings helps, hurts" in said(app)
    app.button(key="control.begin").click().run()
    assert not app.exception
    found = only_control()
    assert found.spec == controls.request(store.read_run(run))
    assert "control.begin" not in keys(app)
    assert "Once both have ended, a paired test says here whether the base helps." in said(app)
    app.button(key="control.open").click().run()
    shown = follow(app)
    assert "This is the control of another run (finished)" in said(shown)
    assert f"thaw runs control {run}" in "".join(code.value for code in shown.code)


def test_a_running_run_is_asked_for_none_but_an_alarm_offers_it(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    quiet = make_run(spec_of(shapes), *epochs(4), alive=True)
    assert not [key for key in keys(open_page("watch", run=quiet)) if key.startswith("control.")]
    run = make_run(spec_of(shapes), *epochs(4), alert("negative_transfer", 0), alive=True)
    app = open_page("watch", run=run)
    offered = [b.key for b in app.button if (b.key or "").startswith("steer.negative_transfer.")]
    assert offered[0] == "steer.negative_transfer.train_control"
    app.button(key=offered[0]).click().run()
    assert not app.exception
    assert only_control().spec.control_of == run
    assert app.button(key=offered[0]).disabled


def test_what_does_not_inherit_has_no_control(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    spec = dataclasses.replace(spec_of(shapes), strategy="from_scratch")
    app = open_page("watch", run=make_run(spec, *epochs(4), finished(LAST)))
    assert not [key for key in keys(app) if key.startswith("control.")]


def test_after_an_alarm_the_control_is_what_to_do_next(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    for kind, weight in (("domain_mismatch", "primary"), ("forgetting", "secondary")):
        told = [*epochs(4), alert(kind, 0), finished(LAST)]
        app = open_page("watch", run=make_run(spec_of(shapes), *told))
        assert app.button(key="control.begin").proto.type == weight


def test_the_verdict_is_told_and_where_the_base_hurts_what_to_do(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    other = store.new_run(spec_of(shapes))
    for kind, is_alarm in (("hurts", True), ("helps", False), ("not_proven", False)):
        run = make_run(spec_of(shapes), *epochs(4), finished(LAST), verdict(kind, other))
        app: AppTest = open_page("watch", run=run)
        assert "Whatever _they_ say together." in said(app)
        assert ("control.another_base" in keys(app)) == is_alarm


def test_another_base_leads_back_with_the_same_data(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), *epochs(4), alert("domain_mismatch", 0), alive=True)
    app = open_page("watch", run=run)
    app.button(key="steer.domain_mismatch.another_base").click().run()
    shown = follow(app)
    assert shapes.id in shown.query_params["data"]
    assert "steer.domain_mismatch.another_base" not in keys(shown)


def test_stopping_is_an_action_that_will_be_drawn(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), *epochs(4), alive=True)
    app = open_page("watch", run=run)
    app.button(key="watch.stop").click().run()
    (asked,) = control.read_actions(store.run_dir(run))
    assert asked.action == "stop_keep_best"
    assert control.read_want(store.run_dir(run)) == "stop"
