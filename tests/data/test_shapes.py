"""The generated shapes: always the same, balanced, and not to be told by colour or place."""

from __future__ import annotations

from collections import Counter

import numpy as np

from tl_core.data.shapes import CLASSES, EDGE_PX, PER_CLASS, draw_shapes


def test_the_pictures_are_many_different_and_the_same_every_time() -> None:
    one, other = list(draw_shapes()), list(draw_shapes())
    assert Counter(name for name, _picture in one) == dict.fromkeys(CLASSES, PER_CLASS)
    assert [p.tobytes() for _n, p in one] == [p.tobytes() for _n, p in other]
    assert len({p.tobytes() for _n, p in one}) == len(one)
    assert {(p.size, p.mode) for _n, p in one} == {((EDGE_PX, EDGE_PX), "RGB")}


def test_neither_mean_colour_nor_mean_picture_tells_the_class() -> None:
    pixels = {name: [] for name in CLASSES}
    for name, picture in draw_shapes():
        pixels[name].append(np.asarray(picture.resize((8, 8)), dtype=np.float64))
    means = {name: np.mean(own, axis=0) for name, own in pixels.items()}
    spread = float(np.mean([np.std(own, axis=0) for own in pixels.values()]))
    for name in CLASSES:
        for other in CLASSES:
            assert float(np.abs(means[name] - means[other]).mean()) < spread / 3
