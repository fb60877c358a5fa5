"""The seam knows pictures and says plainly what it does not know."""

from __future__ import annotations

import pytest

from tl_core.engine.modality import modality_of
from tl_core.errors import InputError


def test_pictures_are_known() -> None:
    assert modality_of("picture").name == "picture"


def test_other_data_are_refused_with_a_way_out() -> None:
    with pytest.raises(InputError, match=r"smell.*Bring pictures"):
        modality_of("smell")
