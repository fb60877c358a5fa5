"""What might have been found inside of networks, made up for tests of words and markup."""

from __future__ import annotations

from tl_core.insides import LIGHT, Answering, Filter, Filters, Layer


def filters_of(*kinds: str, colour_share: float = 0.1) -> Filters:
    """Return a first layer with a filter of each kind."""
    made = (Filter(kind, LIGHT, 0.9, None, None, colour_share, "PNG") for kind in kinds)
    return Filters(3, 0.6, tuple(made))


def answering(
    name: str,
    *,
    field_px: int = 20,
    explained: float = 0.1,
    alike: float | None = None,
    sheet: str = "",
    classes: tuple[tuple[str, ...], ...] = (),
) -> Answering:
    """Return what pictures say of a stage."""
    return Answering(name, field_px, explained, alike, sheet, classes)


def layer(name: str, *, spread: float | None = None) -> Layer:
    """Return what a layer makes of two tokens."""
    looks = ((0.25, 0.75), (0.5, 0.5)) if spread else ()
    return Layer(name, looks, spread, (("<b>", "banks"), ()), 3, 4)
