"""How facts are shown to people."""

from __future__ import annotations

from tl_core.advisor import declared


def test_values_are_shown_with_their_unit() -> None:
    assert declared.show("n", 1650) == "1,650"
    assert declared.show("shift_late", 0.0651) == "0.065"
    assert declared.show("linear_probe", 0.955) == "96 %"
    assert declared.show("headroom", 0.06) == "6 points"
    assert declared.show("leep_per_log_c", -0.9) == "−0.90"
    assert declared.show("distance", "far") == "far"
    assert declared.show("best_control_name", "pixels") == "raw pixels"
    assert declared.show("leak_suspected", False) == "no"
    assert declared.show("shift_late", None) == "not measured"
