"""Values that hold others, whatever their class, seen alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any, Literal, NamedTuple

from amphis._internal.values import Attachment

ContainerKind = Literal["list", "tuple", "set", "map", "attachment"]


class Container(NamedTuple):
    """A value that holds others. An attachment is seen as the map of its meta."""

    kind: ContainerKind
    value: Any
    size: int

    @property
    def is_mapping(self) -> bool:
        """Tell whether the items have keys."""
        return self.kind in ("map", "attachment")

    def first(self, count: int) -> list[tuple[object, object]]:
        """At most so many items from the first, each with its key or None."""
        if self.is_mapping:
            source = self.value.meta if self.kind == "attachment" else self.value
            return list(islice(source.items(), count))
        return [(None, item) for item in islice(self.value, count)]


def container_of(value: object) -> Container | None:
    """None for what holds no other value."""
    if isinstance(value, Attachment):
        return Container("attachment", value, len(value.meta))
    if isinstance(value, Mapping):
        return Container("map", value, len(value))
    if isinstance(value, (list, tuple, set, frozenset)):
        return Container(_sequence_kind(value), value, len(value))
    return None


def _sequence_kind(value: Collection[object]) -> Literal["list", "tuple", "set"]:
    if isinstance(value, list):
        return "list"
    return "tuple" if isinstance(value, tuple) else "set"
