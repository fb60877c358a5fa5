"""Base models as data: what each was trained on, what it costs, where its weights lie.

`base` has those that come with Thaw, `tuned` what runs have made of them and `learned` what these
runs have learned from; nothing here loads a network.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
from dataclasses import replace
from pathlib import Path

from tl_core import files, wording
from tl_core.catalog import tuned
from tl_core.catalog.base import UNRANKED as UNRANKED
from tl_core.catalog.base import Base as Base
from tl_core.catalog.base import all_bases as all_bases
from tl_core.catalog.learned import Judged as Judged
from tl_core.catalog.learned import has_learned_from as has_learned_from
from tl_core.catalog.learned import require_unseen as require_unseen
from tl_core.catalog.tuned import Tuned
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import _

TIMM_PREFIX = "timm:"
HUB_PREFIX = "hf:"
RUN_PREFIX = tuned.PREFIX
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")


def find(base_id: str) -> Base:
    """Return the base named `base_id`.

    `timm:NAME` stands for any timm model, `hf:NAME` for any transformer of the Hugging Face hub
    that reads texts, a folder on this computer for such a transformer that lies in it, and
    `run:ID` for what a finished run has made of its base.

    Raises:
        InputError: if there is no such base; the message names those there are.
    """
    for base in all_bases():
        if base.id == base_id:
            return base
    if base_id.startswith(RUN_PREFIX):
        return _made_by(tuned.line(base_id.removeprefix(RUN_PREFIX)))
    name = base_id.removeprefix(TIMM_PREFIX)
    if base_id.startswith(TIMM_PREFIX) and name.replace("_", "").replace(".", "").isalnum():
        return Base(id=base_id, title=name, modality="picture", source="timm", architecture=name)
    if base_id.startswith(HUB_PREFIX) and _HUB_NAME.fullmatch(base_id.removeprefix(HUB_PREFIX)):
        name = base_id.removeprefix(HUB_PREFIX)
        return Base(id=base_id, title=name, modality="text", source="hub", architecture=name)
    if "/" in base_id and (Path(base_id).expanduser() / "config.json").is_file():
        folder = Path(base_id).expanduser().resolve()
        return Base(
            id=base_id,
            title=folder.name,
            modality="text",
            source=str(folder),
            architecture=str(folder),
        )
    raise InputError(
        [
            Issue(
                "base",
                _("There is no base model '{found}'.").format(found=base_id[:80]),
                _(
                    "Choose one of {known}, name any timm model as timm:NAME, any text model of "
                    "the Hugging Face hub as hf:NAME or a folder that holds one, or a finished run "
                    "of yours as run:ID."
                ).format(known=", ".join(offline_ids())),
            )
        ]
    )


def _made_by(line: tuple[Tuned, ...]) -> Base:
    """Return the base that the first of these runs has made; the last began from another kind."""
    last, *before = line
    origin = _made_by(tuple(before)) if before else find(last.origin)
    title = _("{base}, tuned on {name}") if last.inherits else _("{base}, trained on {name} alone")
    knows = (
        _("{origin}. Then on {name}: {n} classes.") if last.inherits else _("{name}: {n} classes.")
    )
    return replace(
        origin,
        id=f"{RUN_PREFIX}{last.run}",
        title=title.format(base=origin.title, name=last.dataset_name),
        pretraining=origin.pretraining if last.inherits else None,
        domain=last.dataset_name,
        trained_on=knows.format(
            origin=_(origin.trained_on or origin.title).rstrip("."),
            name=last.dataset_name,
            n=last.classes,
        ),
        good_for=_("Data that resemble {name}, where it gets {share} right.").format(
            name=last.dataset_name, share=wording.percent_interval(last.accuracy)
        ),
        macs=origin.macs if last.size == origin.size else None,
        size=last.size,
        source="run",
        source_accuracy=last.accuracy.value,
        static_rank=UNRANKED,
        stages=last.stages,
        tuned=line,
    )


def kept(modality: str) -> tuple[Base, ...]:
    """Return what finished runs have made of bases that read `modality`, the newest first."""
    found = []
    for run_id in tuned.run_ids():
        with contextlib.suppress(InputError):
            found.append(find(f"{RUN_PREFIX}{run_id}"))
    return tuple(base for base in found if base.modality == modality)


def choices(modality: str, judged: Judged | None = None) -> tuple[Base, ...]:
    """Return the bases for such data that can be used here, in the known order.

    Those that come with Thaw, then what runs have made of them on other data than these: of all
    runs on the same data the one that does best there.

    Args:
        modality: what the data are.
        judged: what would judge the bases, if there are any data.
    """
    best: dict[str, Base] = {}
    for base in kept(modality):
        before = best.get(base.tuned[0].dataset)
        is_better = before is None or (base.source_accuracy or 0) > (before.source_accuracy or 0)
        if is_better and not (judged and has_learned_from(base, judged)):
            best[base.tuned[0].dataset] = base
    offline = (base for base in rank(modality) if is_available(base))
    return (*offline, *best.values())


def rank(modality: str) -> tuple[Base, ...]:
    """Return the bases that read `modality`, in the known order before any measurement."""
    return tuple(base for base in all_bases() if base.modality == modality)


def weights_path(base: Base) -> Path | None:
    """Return where the weights of `base` lie on this computer, or None if they are not here."""
    spec = importlib.util.find_spec(base.package) if base.package else None
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / base.file
    return path if path.is_file() else None


def trusted_weights(base: Base) -> Path | None:
    """Return where the weights of `base` lie, their hash checked, or None if they are not here.

    Raises:
        RunFailed: if they are not those that the catalog describes.
    """
    path = weights_path(base)
    if path is not None and base.sha256 and files.sha256_of(path) != base.sha256:
        raise RunFailed(
            "bad_weights",
            _("The weights of {base} are not the ones that Thaw knows: their hash differs.").format(
                base=base.title
            ),
            _("Install the package {package} again.").format(package=base.package),
        )
    return path


def not_fetched(base: Base) -> Issue:
    """Return the problem that weights are neither here nor to be had, with what is here instead."""
    return Issue(
        "base",
        _("The weights of {base} are not on this computer and could not be fetched.").format(
            base=base.title
        ),
        _("Connect to the internet, or choose a base that is here: {known}.").format(
            known=", ".join(offline_ids(base.modality))
        ),
    )


def is_available(base: Base) -> bool:
    """Tell whether `base` can be used without a network."""
    if base.tuned:
        is_whole = any(not run.inherits for run in base.tuned)
        return is_whole or is_available(find(base.tuned[-1].origin))
    return weights_path(base) is not None


def offline_ids(modality: str = "") -> tuple[str, ...]:
    """Return the ids of all bases that can be used without a network, or of one modality."""
    return tuple(
        base.id for base in all_bases() if is_available(base) and modality in ("", base.modality)
    )


def require_reads(base: Base, modality: str) -> None:
    """Check that `base` can do anything with data of `modality`.

    Raises:
        InputError: if it has only ever seen data of another kind; with the way out.
    """
    if base.modality == modality:
        return
    message = {
        "text": _("{base} has only ever read texts, so it has nothing to say about pictures."),
        "picture": _("{base} has only ever seen pictures, so it has nothing to say about texts."),
    }[base.modality]
    fix = _("Choose a base that was trained on such data: {known}.")
    raise InputError(
        [
            Issue(
                "base",
                message.format(base=base.title),
                fix.format(known=", ".join(offline_ids(modality))),
            )
        ]
    )


def default_base(modality: str) -> str:
    """Return the id of the base to begin with for data of `modality`."""
    return rank(modality)[0].id
