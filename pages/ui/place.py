"""Where a person stands: the ids in the address, and nothing else, say what a page shows.

A refresh, another tab or another server therefore shows the same; session state holds no truth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from tl_core import catalog, data
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import store
from tl_core.spec import RunSpec

_MAX_ID = 200


@dataclass(frozen=True, slots=True)
class Place:
    """The ids that the address carries; empty where it carries none."""

    data: str = ""
    base: str = ""
    run: str = ""
    size: int | None = None

    def params(self, *, run: str | None = None) -> dict[str, str]:
        """Return the query of a link that keeps this place; `run` replaces the run."""
        values = {
            "data": self.data,
            "base": self.base,
            "run": self.run if run is None else run,
            "size": str(self.size) if self.size else "",
        }
        return {key: value for key, value in values.items() if value}

    @property
    def base_id(self) -> str:
        """The base to speak of: the chosen one, or the first that reads such data."""
        return self.base or catalog.default_base(self.modality)

    @property
    def modality(self) -> str:
        """What the data are; pictures as long as there are none."""
        return data.load(self.data).modality if data.exists(self.data) else "picture"

    @property
    def revision(self) -> int:
        """How many entries of the edit log stand behind the data as they are now."""
        return data.load(self.data).revision if data.exists(self.data) else 0

    def request(self, kind: str) -> RunSpec:
        """Return the request for a job of this kind on the data as they are now, under the base."""
        return RunSpec(
            kind, self.data, revision=self.revision, base=self.base_id, size=self.size
        )  # fmt: skip

    def edge(self) -> int:
        """Return the picture edge, or most tokens, that measuring and training will use."""
        return self.size or catalog.find(self.base_id).size or 224


def here() -> Place:
    """Return the place that the address names, as it stands there.

    Raises:
        InputError: if the picture size is not a number between 32 and 1024.
    """
    query = st.query_params
    size = query.get("size", "")
    if size and not (size.isascii() and size.isdigit() and 32 <= int(size[:5]) <= 1024):
        raise InputError(
            [
                Issue(
                    "size",
                    _("The picture size in the address is not a number from 32 to 1024."),
                    _("Remove it from the address, or begin again on Start."),
                )
            ]
        )
    return Place(
        data=query.get("data", "")[:_MAX_ID],
        base=query.get("base", "")[:_MAX_ID],
        run=query.get("run", "")[:_MAX_ID],
        size=int(size) if size else None,
    )


def with_run(place: Place) -> Place:
    """Return `place` with what its run knows about data, base and size filled in.

    Raises:
        InputError: if the address names a run that does not exist.
    """
    if not place.run:
        return place
    spec = store.read_run(place.run).spec
    if spec.kind not in ("train", "evidence", "pilot", "race", "benefit"):
        return place
    return replace(
        place,
        data=spec.dataset or place.data,
        base=spec.base or place.base,
        size=spec.size or place.size,
    )
