"""Parts of containers, and what they mean as parts of values."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import fields, is_dataclass
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, TypeAlias

from amphis._internal.codec.refusal import key_step
from amphis._internal.values import Attachment, Ext, Handle
from amphis._internal.worker.outgoing_scalars import NO_SCALAR, scalar

if TYPE_CHECKING:
    from collections.abc import Sequence

Entries: TypeAlias = list[tuple[object, object]]
"""Entries of a map; a list, as keys may become equal."""

_SHOWN = frozenset((str, bool, float, type(None)))
_MOST_SHOWN = 10**18


def step_of(key: object) -> str:
    """The step of a path to an entry; a key that is long, or not plain, is named by its type."""
    kind = type(key)
    if kind in _SHOWN or (kind is int and isinstance(key, int) and abs(key) < _MOST_SHOWN):
        return key_step(key)
    return f"[{kind.__name__}]"


def has_none(keys: Sequence[object]) -> bool:
    """Whether one of the keys does not travel."""
    return any(key is NO_SCALAR for key in keys)


def is_lossy(keys: list[object]) -> bool:
    """Whether a key does not travel, or two would be one."""
    if has_none(keys):
        return True
    try:
        return len(set(keys)) < len(keys)
    except TypeError:
        # What was a key by its identity, as a signaling NaN, may not be one by its value.
        return True


def key_of(value: Any) -> object:  # noqa: ANN401 - anything that Python can hash
    """What to send for a key or an element of a set; NO_SCALAR when there is nothing."""
    if issubclass(type(value), tuple):
        parts = tuple(map(key_of, tuple.__iter__(value)))
        return NO_SCALAR if has_none(parts) else parts
    plain = scalar(value)
    return NO_SCALAR if isinstance(plain, Ext) else plain


def items_of(value: list[object] | tuple[object, ...] | deque[object]) -> list[object]:
    """The items, as the base class has them: what a subclass overrides is not asked for."""
    if isinstance(value, list):
        return list.copy(value)
    return list(tuple.__iter__(value) if isinstance(value, tuple) else deque.__iter__(value))


def is_short(value: range, most: int) -> bool:
    """Whether a range has at most so many numbers."""
    # Its length may be more than a length can be.
    return not value[most : most + 1]


def entries_of(value: dict[object, object]) -> Entries:
    """The entries, as the base class has them, in the order of the map."""
    if isinstance(value, OrderedDict):
        return list(OrderedDict.items(value))
    return list(dict.items(value))


def names_of(value: tuple[object, ...]) -> Entries | None:
    """The fields of a named tuple, and of what C code returns like one (`os.stat_result`)."""
    kind = type(value)
    names = getattr(kind, "_fields", None)
    if isinstance(names, tuple):
        is_named = len(names) == len(value) and all(type(name) is str for name in names)
        return list(zip(names, items_of(value), strict=True)) if is_named else None
    if "n_sequence_fields" not in vars(kind):
        return None
    members = (name for name, member in vars(kind).items() if type(member) is MemberDescriptorType)
    return [(name, getattr(value, name)) for name in members]


def fields_of(value: Any) -> Entries | None:  # noqa: ANN401 - anything at all
    """The fields of an instance of a data class; None for anything else."""
    kind = type(value)
    if issubclass(kind, (type, Handle, Attachment)) or not is_dataclass(kind):
        return None
    try:
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    except Exception:  # noqa: BLE001 - a property of the user's, or a field that was never set
        return None
