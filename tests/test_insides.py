"""Records of what is found inside of networks, as they go from one process to another."""

from __future__ import annotations

import json

from tl_core.insides import (
    EDGE,
    LIGHT,
    SILENT,
    UNNAMED,
    Answering,
    Filter,
    Filters,
    Layer,
    Read,
    Scan,
    Seen,
    Stage,
)
from tl_core.spec import from_dict, to_dict


def of_kind(kind: str) -> Filter:
    return Filter(kind, LIGHT, 0.9, None, None, 0.1, "")


def test_only_what_has_a_pattern_counts_as_named() -> None:
    kinds = (EDGE, UNNAMED, SILENT, EDGE)
    assert Filters(3, 0.6, tuple(map(of_kind, kinds))).named == 2


def test_they_are_the_same_after_the_way_through_json() -> None:
    stages = (Stage("stem", 8, 32, (3, 1), "sheet"), Stage("1", 16, 16, (9,), "sheet"))
    seen = Seen(64, "picture", stages, Filters(3, 0.6, (of_kind(EDGE),)))
    assert from_dict(Seen, json.loads(json.dumps(to_dict(seen)))) == seen
    assert seen.channels() == {"stem": [3, 1], "1": [9]}
    answering = Answering("stem", 9, 0.25, None, "sheet", (("ants", "bees"), ("ants", "ants")))
    scan = Scan(16, 16, (answering,))
    assert from_dict(Scan, json.loads(json.dumps(to_dict(scan)))) == scan
    assert scan.is_whole
    assert not Scan(8, 16, ()).is_whole
    layer = Layer("1", ((0.5, 0.5), (0.1, 0.9)), 1.5, (("a", "b"), ()), 1, 1)
    read = Read(("a", "."), False, (layer,))
    assert from_dict(Read, json.loads(json.dumps(to_dict(read)))) == read
