"""Some of the examples that were opened: what is computed of all of them is computed once.

The parts of a cross-validation are such choices. `features` and `caches` compute and keep the whole
and hand out rows of it, so that no fold runs the frozen base again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from tl_core.engine.modality import Raw, Variation
from tl_core.spec import Reading


@dataclass(frozen=True)
class Chosen:
    """Rows of opened examples, as they are judged: they are never varied."""

    whole: Raw
    rows: tuple[int, ...]

    @property
    def lengths(self) -> Sequence[int]:
        """[n] what each costs beside the others; empty where all cost the same."""
        return chosen(self.whole.lengths, self.rows) if self.whole.lengths else ()

    @property
    def key(self) -> str:
        """Hash of what is decoded and how, and which of it."""
        return f"{self.whole.key} {self.rows}"

    @property
    def keys(self) -> Sequence[str]:
        """[n] hash of what each is decoded from; empty where that is not known."""
        return [self.whole.keys[row] for row in self.rows] if self.whole.keys else ()

    @property
    def varies(self) -> bool:
        """Never: the whole is computed in its plain view only."""
        return False

    @property
    def control(self) -> str:
        """What `raw` is called among the controls."""
        return self.whole.control

    @property
    def ways(self) -> tuple[str, ...]:
        """No changes are tried."""
        return ()

    def __len__(self) -> int:
        return len(self.rows)

    def inputs(self, rows: Sequence[int]) -> torch.Tensor:
        """Return the inputs of `rows`, counted within these."""
        return self.whole.inputs(chosen(self.rows, rows))

    def augmented(self, rows: Sequence[int], variation: Variation) -> torch.Tensor:
        """Return the same as `inputs`."""
        return self.inputs(rows)

    def changed(self, rows: Sequence[int], way: str) -> torch.Tensor:
        """Return the inputs of `rows` with one change."""
        return self.whole.changed(chosen(self.rows, rows), way)

    def sheet(self, rows: Sequence[int], variations: Sequence[Variation]) -> bytes | None:
        """Return nothing: there is no variation to show."""
        return None

    def reading(self) -> Reading | None:
        """Return how well the base's vocabulary fits the whole."""
        return self.whole.reading()

    def raw(self) -> torch.Tensor:
        """Return the plain encoding of these, [n, k]."""
        return self.whole.raw()[list(self.rows)]


def chosen(values: Sequence[int], rows: Sequence[int]) -> tuple[int, ...]:
    """Return the values of `rows`."""
    return tuple(values[row] for row in rows)
