"""Rules that go into a value: items, properties and entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.schema.failure import ValidationFailure, failure
from amphis._internal.schema.kinds import is_object
from amphis._internal.schema.rule import Never, Node, Rule
from amphis._internal.schema.show import NOTHING, entry_step, property_step, quote, show

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence


class Items:
    """The items of a list or tuple: the first ones each by its own schema, the others by one."""

    __slots__ = ("_first", "_rest")

    def __init__(self, first: Sequence[Rule], rest: Rule | None) -> None:
        self._first = first
        self._rest = rest

    def check(self, value: object, room: int) -> bool:
        """Tell whether every item satisfies its schema."""
        if not isinstance(value, (list, tuple)):
            return True
        for rule, item in zip(self._first, value, strict=False):
            if not rule.check(item, room - 1):
                return False
        rest = self._rest
        if rest is not None:
            for item in value[len(self._first) :]:
                if not rest.check(item, room - 1):
                    return False
        return True

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """Append the failures of every item."""
        if not isinstance(value, (list, tuple)):
            return
        for index, item in enumerate(value):
            rule = self._first[index] if index < len(self._first) else self._rest
            if rule is not None:
                rule.fail(item, f"{path}[{index}]", room - 1, found)


class Elements:
    """The elements of a set."""

    __slots__ = ("_node",)

    def __init__(self, node: Node) -> None:
        self._node = node

    def check(self, value: object, room: int) -> bool:
        """Tell whether every element satisfies its schema."""
        return not isinstance(value, (set, frozenset)) or all(
            self._node.check(item, room - 1) for item in value
        )

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """Append the failures of every element, in the order of the set."""
        if isinstance(value, (set, frozenset)):
            for index, item in enumerate(value):
                self._node.fail(item, f"{path}[{index}]", room - 1, found)


class Entries:
    """Keys and values of a map whose keys may be of any kind."""

    __slots__ = ("_keys", "_values")

    def __init__(self, keys: Node, values: Node) -> None:
        self._keys = keys
        self._values = values

    def check(self, value: object, room: int) -> bool:
        """Tell whether every key and every value satisfies its schema."""
        return not isinstance(value, dict) or all(
            self._keys.check(key, room - 1) and self._values.check(item, room - 1)
            for key, item in value.items()
        )

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """Append the failures of every entry, those of the key first."""
        if not isinstance(value, dict):
            return
        for key, item in value.items():
            place = path + entry_step(key)
            wrong: list[ValidationFailure] = []
            self._keys.fail(key, place, room - 1, wrong)
            found.extend(failure(one.path, f"key {one.expected}", one.received) for one in wrong)
            self._values.fail(item, place, room - 1, found)


class Properties:
    """The properties of a map with string keys: declared, required, and all others."""

    __slots__ = ("_declared", "_others", "_patterns", "_required")

    def __init__(
        self,
        declared: Mapping[str, Rule],
        required: Mapping[str, str],
        patterns: Sequence[tuple[re.Pattern[str], Node]],
        others: Node | Never | None,
    ) -> None:
        self._declared = declared
        self._required = required  # name to the text of its schema
        self._patterns = patterns
        self._others = others

    def check(self, value: object, room: int) -> bool:
        """Tell whether every property satisfies its schemas and none is missing."""
        if not isinstance(value, dict) or not is_object(value):
            return True
        for name in self._required:
            if name not in value:
                return False
        for name, item in value.items():
            rule = self._declared.get(name)
            if rule is not None and not rule.check(item, room - 1):
                return False
            if (self._patterns or rule is None) and not self._check_other(
                name, item, room - 1, is_declared=rule is not None
            ):
                return False
        return True

    def _check_other(self, name: str, item: object, room: int, *, is_declared: bool) -> bool:
        is_covered = is_declared
        for pattern, node in self._patterns:
            if pattern.search(name) is not None:
                is_covered = True
                if not node.check(item, room):
                    return False
        return is_covered or self._others is None or self._others.check(item, room)

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """Append the failures of every property."""
        if not isinstance(value, dict) or not is_object(value):
            return
        for name, rule in self._declared.items():
            if name in value:
                rule.fail(value[name], path + property_step(name), room - 1, found)
                self._fail_patterns(name, value[name], path, room - 1, found)
            elif name in self._required:
                self._fail_missing(name, path, found)
        for name in self._required:
            if name not in self._declared and name not in value:
                self._fail_missing(name, path, found)
        for name, item in value.items():
            if name not in self._declared:
                self._fail_other(name, item, path, room - 1, found)

    def _fail_missing(self, name: str, path: str, found: list[ValidationFailure]) -> None:
        found.append(failure(path + property_step(name), self._required[name], NOTHING))

    def _fail_patterns(
        self, name: str, item: object, path: str, room: int, found: list[ValidationFailure]
    ) -> bool:
        is_covered = False
        for pattern, node in self._patterns:
            if pattern.search(name) is not None:
                is_covered = True
                node.fail(item, path + property_step(name), room, found)
        return is_covered

    def _fail_other(
        self, name: str, item: object, path: str, room: int, found: list[ValidationFailure]
    ) -> None:
        if self._fail_patterns(name, item, path, room, found) or self._others is None:
            return
        place = path + property_step(name)
        if isinstance(self._others, Never):
            found.append(failure(place, f"no property {quote(name)}", show(item)))
        else:
            self._others.fail(item, place, room, found)
