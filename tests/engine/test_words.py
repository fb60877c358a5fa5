"""Words weighed by leaving them out: those that say it count, in the order of the text."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from tests.engine.handmade import train
from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.data.samples import load_sample
from tl_core.engine import words
from tl_core.engine.predict import predict
from tl_core.engine.rebuild import Rebuilt, rebuild
from tl_core.spec import RunSpec

SPEC = RunSpec(
    "train", "messages", base=catalog.default_base("text"), strategy="linear_probe", size=64
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the messages, shared by the tests: its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THAW_HOME", str(tmp_path_factory.mktemp("home")))
        folder = tmp_path_factory.mktemp("run")
        train(SPEC, load_sample("messages"), folder)
        return folder


@pytest.fixture
def messages(thaw_home: Path) -> Dataset:
    return load_sample("messages")


@pytest.fixture
def model(home: Path, messages: Dataset) -> Rebuilt:
    return rebuild(SPEC, messages, home)


def test_the_words_that_say_it_weigh_most(model: Rebuilt, messages: Dataset) -> None:
    label = messages.classes.index("account")
    said = "Hello, yesterday I forgot my password and the lamp is on."
    found = words.weigh(model.learner, model.backbone, messages, said, label)
    assert [word.text for word in found] == said.split()
    assert max(found, key=lambda word: word.weight).text == "password"
    assert max(word.weight for word in found) > 0.1


def test_a_weight_is_what_the_log_probability_loses(model: Rebuilt, messages: Dataset) -> None:
    found = words.weigh(model.learner, model.backbone, messages, "Where is it", 0)
    example = messages.examples[0]
    sure = []
    for text in ("Where is it", "is it", "Where it", "Where is"):
        asked = dataclasses.replace(messages, examples=(dataclasses.replace(example, text=text),))
        examples = words.modality_of("text").open_examples(asked, [0], model.backbone)
        with torch.inference_mode():
            sure.append(float(model.learner(examples.inputs([0])).log_softmax(1)[0, 0]))
    assert [w.weight for w in found] == pytest.approx([sure[0] - s for s in sure[1:]], abs=1e-3)


def test_long_texts_are_weighed_at_their_beginning(model: Rebuilt, messages: Dataset) -> None:
    found = words.weigh(model.learner, model.backbone, messages, "word " * 500, 0)
    assert len(found) == words.MOST_WORDS
    (only,) = words.weigh(model.learner, model.backbone, messages, "password", 0)
    assert only.text == "password"


def test_mistakes_come_first_and_the_surest_of_each(model: Rebuilt) -> None:
    sure = torch.tensor([[3.0, 0], [0, 2.0], [5.0, 0], [0, 1.0], [4.0, 0], [0.5, 0], [0, 6.0]])
    assert words.surest(sure, [0, 1, 0, 0, 1, 0, 1]) == [4, 3, 6, 2, 0]
    assert words.surest(sure[:2], [0, 1]) == [0, 1]


def test_a_run_keeps_some_texts_with_their_words(home: Path, messages: Dataset) -> None:
    told = json.loads((home / "artifacts" / "words.json").read_text())
    assert 1 <= len(told) <= 2 * words.EXAMPLES
    by_name = {example.name: example for example in messages.examples}
    for one in told:
        said = " ".join([*(word["text"] for word in one["words"]), one["rest"]]).strip()
        assert said == " ".join(by_name[one["name"]].text.split())
        assert 0 < one["probability"] <= 1
        assert {one["label"], one["predicted"]} <= set(messages.classes)


def test_a_kept_model_weighs_words_for_the_class_it_gives(home: Path, messages: Dataset) -> None:
    asked = [dataclasses.replace(messages.examples[0], key="", text="I forgot my password again.")]
    (plain,) = predict(SPEC, messages, home, asked)
    (answer,) = predict(SPEC, messages, home, asked, why=True)
    assert plain.words == ()
    assert answer.guesses == plain.guesses
    assert answer.guesses[0].label == "account"
    assert max(answer.words, key=lambda word: word.weight).text == "password"
