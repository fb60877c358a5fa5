"""The sample of texts: as many as declared, none twice, always the same."""

from __future__ import annotations

from collections import Counter

from tl_core.data.messages import PER_CLASS, WAYS, write_messages


def test_messages_are_many_different_and_always_the_same() -> None:
    made = list(write_messages())
    assert made == list(write_messages())
    assert Counter(label for label, _group, _text in made) == {
        "delivery": PER_CLASS,
        "payment": PER_CLASS,
        "returns": PER_CLASS,
        "account": PER_CLASS,
    }
    texts = [text for _label, _group, text in made]
    assert len(set(texts)) == len(texts)
    assert Counter(Counter(group for _label, group, _text in made).values()) == {WAYS: 60}
    assert not any("{" in text for text in texts)
    assert all(text[0].isupper() for text in texts)
