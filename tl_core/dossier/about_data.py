"""What a decision record says of the data: how many, what was found, what was changed."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Iterable

from PIL import Image

from tl_core import wording
from tl_core.data import audit
from tl_core.data import edits as log
from tl_core.data.dataset import Dataset, Example
from tl_core.data.edits import Edit
from tl_core.data.pictures import read_picture
from tl_core.data.split import split
from tl_core.data.store import dataset_dir
from tl_core.i18n import _, ngettext
from tl_core.report.card import Block, Facts, Picture, Pictures, Points, Table, Text
from tl_core.runs import store
from tl_core.runs.state import RunState

CLASSES_SHOWN = 40
PICTURES_SHOWN = 8
EDGE_PX = 112  # of a picture on the page
TEXT_CHARS = 160
JPEG_QUALITY = 80


def facts(run: RunState, dataset: Dataset) -> tuple[Block, ...]:
    """Return how many examples there are, of which class, and in which part."""
    parts = split(dataset, val_fraction=run.spec.val_fraction, seed=run.spec.seed)
    named = ((_("train"), parts.train), (_("validation"), parts.val), (_("test"), parts.test))
    counts = [Counter(dataset.examples[row].label for row in rows) for _name, rows in named]
    rows = tuple(
        (name, *(wording.count(count[label]) for count in counts))
        for label, name in enumerate(dataset.classes[:CLASSES_SHOWN])
    )
    known = Facts(
        (
            (_("name"), dataset.name),
            (_("examples"), wording.examples(len(dataset.examples), dataset.modality)),
            (_("classes"), wording.count(len(dataset.classes))),
            *((name, wording.count(len(part))) for name, part in named),
            *_languages(dataset),
        )
    )
    blocks: list[Block] = [known, Table((_("class"), *(name for name, _rows in named)), rows)]
    more = len(dataset.classes) - CLASSES_SHOWN
    if more > 0:
        text = ngettext("and {n} more class", "and {n} more classes", more)
        blocks.append(Text(text.format(n=more)))
    return tuple(blocks)


def _languages(dataset: Dataset) -> Iterable[tuple[str, str]]:
    if dataset.languages:
        yield _("languages"), wording.languages(dataset.languages)


def checks(dataset: Dataset) -> tuple[Block, ...]:
    """Return what the checks have found, worst first."""
    found = audit.findings(dataset)
    if not found:
        return (Text(_("The checks found nothing to remark.")),)
    return (Points(tuple(" ".join(filter(None, (f.effect, f.fix))) for f in found)),)


def edits(dataset: Dataset) -> tuple[Block, ...]:
    """Return what was changed since the import, as it stood when the run began."""
    entries = log.read_log(dataset_dir(dataset.id))[: dataset.revision]
    if not entries:
        return (Text(_("Nothing was changed since the import.")),)
    return (Points(tuple(_edit(number, one) for number, one in enumerate(entries, 1))),)


def _edit(number: int, edit: Edit) -> str:
    n = len(edit.rows)
    told = {
        "drop": ngettext("{n} example was left out", "{n} examples were left out", n),
        "relabel": ngettext(
            "{n} example was given the class {label}",
            "{n} examples were given the class {label}",
            n,
        ),
        "merge": _("the class {label} went up in {into}"),
        "regroup": _("examples that belong together were kept in one part"),
        "resplit": _("the parts that the data brought were forgotten; the test part stays"),
        "keep": ngettext(
            "{n} example was left as it is although a check found fault with it",
            "{n} examples were left as they are although a check found fault with them",
            n,
        ),
        "undo": _("change {entry} was taken back, or put in force again"),
    }.get(edit.do, edit.do)
    words = told.format(n=wording.count(n), label=edit.label, into=edit.into, entry=edit.entry)
    by = _("by a person") if edit.by == "person" else _("by Thaw")
    return _("{number}. {words} ({by})").format(number=number, words=words, by=by)


def examples(run: RunState, dataset: Dataset) -> tuple[Block, ...]:
    """Return an example of each class, and what the model saw in training."""
    first: dict[int, Example] = {}
    for example in dataset.examples:
        first.setdefault(example.label, example)
    chosen = [first[label] for label in sorted(first)[:PICTURES_SHOWN]]
    if dataset.modality == "text":
        rows = ((dataset.classes[e.label], e.text[:TEXT_CHARS]) for e in chosen)
        return (Table((_("class"), _("text")), tuple(rows)),)
    shown = [_thumbnail(example, dataset.classes[example.label]) for example in chosen]
    found = [picture for picture in shown if picture is not None]
    blocks: list[Block] = [Pictures(tuple(found))] if found else []
    sheet = store.run_dir(run.id) / "artifacts" / "seen.jpg"
    if sheet.is_file():
        caption = _("What the model saw while it learned: a picture in each row, first as it is, "
                    "then varied.")  # fmt: skip
        blocks.append(Pictures((Picture(_jpeg_url(sheet.read_bytes()), caption),)))
    return tuple(blocks)


def _thumbnail(example: Example, name: str) -> Picture | None:
    """Return a picture in small, drawn anew so that nothing hidden in the file goes along."""
    try:
        picture = read_picture(example.path, draft_px=2 * EDGE_PX)
    except OSError:
        return None
    picture.thumbnail((2 * EDGE_PX, EDGE_PX), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=JPEG_QUALITY)
    return Picture(_jpeg_url(stream.getvalue()), name)


def _jpeg_url(content: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
