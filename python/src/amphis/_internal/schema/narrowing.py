"""When a limit became narrower from one version of a schema to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amphis._internal.schema.bounds import is_multiple
from amphis._internal.schema.show import show

if TYPE_CHECKING:
    from collections.abc import Callable

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
# In the order in which failures are listed.
BOUNDS = (
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)


def narrowed(keyword: str, old: Any, new: Any) -> str | None:  # noqa: ANN401 - depends on the keyword
    compare = _SPECIAL.get(keyword)
    if compare is not None:
        return compare(old, new)
    if old is None:
        return f"{keyword} {show(new)} added"
    if keyword in _LOWER:
        return f"{keyword} raised from {show(old)} to {show(new)}" if new > old else None
    return f"{keyword} lowered from {show(old)} to {show(new)}" if new < old else None


def _narrowed_multiple(old: Any, new: Any) -> str | None:  # noqa: ANN401 - numbers
    if old is None:
        return f"multipleOf {show(new)} added"
    if is_multiple(old, new):
        return None
    return f"multipleOf changed from {show(old)} to {show(new)}"


def _narrowed_pattern(old: Any, new: Any) -> str | None:  # noqa: ANN401 - text or nothing
    if old is None:
        return f"pattern {new} added"
    return f"pattern changed from {old} to {new}" if old != new else None


def _narrowed_unique(old: Any, new: Any) -> str | None:  # noqa: ANN401 - bool or nothing
    return "items must now be distinct" if new is True and old is not True else None


_SPECIAL: dict[str, Callable[[Any, Any], str | None]] = {
    "multipleOf": _narrowed_multiple,
    "pattern": _narrowed_pattern,
    "uniqueItems": _narrowed_unique,
}
