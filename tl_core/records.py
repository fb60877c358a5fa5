"""Frozen records as plain JSON values, and back."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, TypeVar

from tl_core.errors import InputError, Issue
from tl_core.i18n import _

T = TypeVar("T")


def to_dict(record: Any) -> Any:
    """Return a record as plain JSON values (nested records become objects, tuples lists)."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: to_dict(getattr(record, f.name)) for f in dataclasses.fields(record)}
    if isinstance(record, dict):
        return {key: to_dict(value) for key, value in record.items()}
    if isinstance(record, (list, tuple)):
        return [to_dict(value) for value in record]
    return record


def from_dict(kind: type[T], values: dict[str, Any]) -> T:
    """Build a record of class `kind` from JSON values; unknown keys are ignored.

    Raises:
        InputError: if a required key is missing.
    """
    hints = typing.get_type_hints(kind)
    known: dict[str, Any] = {}
    issues: list[Issue] = []
    for f in dataclasses.fields(typing.cast(Any, kind)):
        if f.name in values:
            known[f.name] = _decode(hints[f.name], values[f.name])
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            message = _("The record {kind} lacks '{name}'.").format(kind=kind.__name__, name=f.name)
            issues.append(Issue(f.name, message, _("Make the file again with this version.")))
    if issues:
        raise InputError(issues)
    return kind(**known)


def _decode(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _decode(next(a for a in args if a is not type(None)), value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_dict(hint, value)
    if origin is tuple:
        return tuple(_decode(args[0], v) for v in value)
    return value
