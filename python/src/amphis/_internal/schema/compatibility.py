"""What a new version of a schema breaks for programs that use the old one (spec/schema.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from amphis._internal.schema.describe import describe
from amphis._internal.schema.document import SchemaDocument
from amphis._internal.schema.identity import identity
from amphis._internal.schema.keywords import Schema, as_list, as_map, constants, tuple_members
from amphis._internal.schema.layout_kind import fixed_length, layout_kind, nullable_member
from amphis._internal.schema.narrowing import BOUNDS, narrowed
from amphis._internal.schema.show import property_step, quote, show

_ROOM = 128
_UNREADABLE = "is newly allowed, which old readers cannot read"


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """Every reason why a program with the old schema and one with the new cannot talk.

    Empty when the new schema is a safe next version: what it adds are optional properties at the
    end of the top-level map, and what it changes only widens constraints.

    Raises:
        AmphisError: SCHEMA_INVALID when one of them cannot be compiled
    """
    return _Comparison(SchemaDocument(old), SchemaDocument(new)).reasons()


class _Comparison:
    """Walks two schemas side by side and writes down every break."""

    def __init__(self, old: SchemaDocument, new: SchemaDocument) -> None:
        self._old = old
        self._new = new
        self._reasons: list[str] = []
        self._seen: set[tuple[int, int, bool]] = set()

    def reasons(self) -> list[str]:
        """Every break, in the order of the old schema."""
        self._compare(self._old.schemas[""], self._new.schemas[""], "$", is_top=True)
        return self._reasons

    def _say(self, path: str, reason: str) -> None:
        self._reasons.append(f"{path}: {reason}")

    def _compare(self, old: object, new: object, path: str, *, is_top: bool = False) -> None:
        before, after = _follow(old, self._old), _follow(new, self._new)
        # Schemas may contain themselves; the same pair breaks in the same way everywhere.
        pair = (id(before), id(after), is_top)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            if pair in self._seen:
                return
            self._seen.add(pair)
        self._compare_nullable(before, after, path, is_top=is_top)

    def _compare_nullable(self, old: Schema, new: Schema, path: str, *, is_top: bool) -> None:
        inner_old, inner_new = nullable_member(old), nullable_member(new)
        if inner_old is None and inner_new is None:
            self._compare_kinds(old, new, path, is_top=is_top)
            return
        if inner_old is None:
            self._say(path, "null is newly allowed, which changes the layout")
        elif inner_new is None:
            self._say(path, "null is no longer allowed")
        self._compare(
            old if inner_old is None else inner_old, new if inner_new is None else inner_new, path
        )

    def _compare_kinds(self, old: Schema, new: Schema, path: str, *, is_top: bool) -> None:
        kind, kind_after = layout_kind(old), layout_kind(new)
        if kind != kind_after:
            self._say(path, f"type changed from {kind} to {kind_after}")
            return
        if isinstance(old, bool) or isinstance(new, bool):
            return
        self._compare_choices(kind, old, new, path)
        self._compare_not(old, new, path)
        self._compare_bounds(old, new, path)
        self._compare_children(kind, old, new, path, is_top=is_top)

    def _compare_choices(
        self, kind: str, old: Mapping[str, Any], new: Mapping[str, Any], path: str
    ) -> None:
        if kind == "constant":
            if not _same(old["const"], new["const"]):
                before, after = show(old["const"]), show(new["const"])
                self._say(path, f"constant changed from {before} to {after}")
        elif kind == "enum":
            self._compare_enum(constants(old) or [], constants(new) or [], path)
        elif kind == "union":
            self._compare_members(old["anyOf"], new["anyOf"], path)
        elif kind == "oneOf":
            self._compare_members(old["oneOf"], new["oneOf"], path)
        elif kind == "allOf":
            self._compare_all_of(old["allOf"], new["allOf"], path)

    def _compare_enum(self, old: list[object], new: list[object], path: str) -> None:
        before = {identity(value, _ROOM): value for value in old}
        after = {identity(value, _ROOM): value for value in new}
        removed = [value for key, value in before.items() if key not in after]
        added = [value for key, value in after.items() if key not in before]
        for value in removed:
            self._say(path, f"{show(value)} is no longer allowed")
        for value in added:
            self._say(path, f"{show(value)} {_UNREADABLE}")
        kept = [key for key in before if key in after]
        if kept != [key for key in after if key in before]:
            self._say(path, "order of the allowed values changed")

    def _compare_members(self, old: list[object], new: list[object], path: str) -> None:
        for index, (before, after) in enumerate(zip(old, new, strict=False), start=1):
            self._compare(before, after, f"{path}(alternative {index})")
        for index, member in enumerate(old[len(new) :], start=len(new) + 1):
            text = describe(cast("Schema", member), self._old)
            self._say(path, f"alternative {index} ({text}) is no longer allowed")
        for index, member in enumerate(new[len(old) :], start=len(old) + 1):
            text = describe(cast("Schema", member), self._new)
            self._say(path, f"alternative {index} ({text}) {_UNREADABLE}")

    def _compare_all_of(self, old: list[object], new: list[object], path: str) -> None:
        for index, (before, after) in enumerate(zip(old, new, strict=False), start=1):
            self._compare(before, after, f"{path}(allOf {index})")
        for index in range(len(old), len(new)):
            self._say(path, f"allOf member {index + 1} added")

    def _compare_not(self, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> None:
        if "not" in new and "not" not in old:
            self._say(path, "not added")
        elif "not" in new and not _same(old["not"], new["not"]):
            self._say(path, "not changed")

    def _compare_bounds(self, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> None:
        for keyword in BOUNDS:
            if keyword in new and not (fixed_length(new) and keyword in ("minItems", "maxItems")):
                reason = narrowed(keyword, old.get(keyword), new[keyword])
                if reason is not None:
                    self._say(path, reason)

    def _compare_children(
        self,
        kind: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        path: str,
        *,
        is_top: bool,
    ) -> None:
        if old.get("x-amphis") == "map":
            self._compare(old.get("keys", True), new.get("keys", True), f"{path}(keys)")
            self._compare(old.get("values", True), new.get("values", True), f"{path}.*")
        elif kind == "tuple":
            self._compare_tuple(old, new, path)
        elif kind in ("map", "map with properties"):
            self._compare_properties(old, new, path, is_top=is_top)
            self._compare_patterns(old, new, path)
            self._compare_others(old, new, path)
        elif "items" in old or "items" in new:
            self._compare(old.get("items", True), new.get("items", True), f"{path}[]")

    def _compare_tuple(self, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> None:
        (first, rest), (first_after, rest_after) = tuple_members(old), tuple_members(new)
        before, after = first or [], first_after or []
        if len(before) != len(after):
            verb = "grew" if len(after) > len(before) else "shrank"
            self._say(path, f"tuple {verb} from {len(before)} to {len(after)} items")
        for index, (item, item_after) in enumerate(zip(before, after, strict=False)):
            self._compare(item, item_after, f"{path}[{index}]")
        if rest is not False and rest_after is False:
            self._say(path, "further items are no longer allowed")
        elif rest is not False:
            self._compare(rest, rest_after, f"{path}[]")

    def _compare_properties(
        self, old: Mapping[str, Any], new: Mapping[str, Any], path: str, *, is_top: bool
    ) -> None:
        before, after = as_map(old.get("properties")), as_map(new.get("properties"))
        required, required_after = (
            as_list(old.get("required", [])),
            as_list(new.get("required", [])),
        )
        for name, schema in before.items():
            place = path + property_step(name)
            if name not in after:
                self._say(place, "removed")
                continue
            self._compare_required(place, name in required, name in required_after)
            self._compare(schema, after[name], place)
        kept = [name for name in before if name in after]
        if kept != [name for name in after if name in before]:
            self._say(path, "order of properties changed")
        for name, reason in _added(before, after, required_after, is_top=is_top):
            self._say(path + property_step(name), reason)

    def _compare_required(self, place: str, before: bool, after: bool) -> None:  # noqa: FBT001 - old and new
        if after and not before:
            self._say(place, "became required")
        elif before and not after:
            self._say(place, "became optional, which changes the layout")

    def _compare_patterns(self, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> None:
        before = as_map(old.get("patternProperties"))
        after = as_map(new.get("patternProperties"))
        for source, schema in before.items():
            if source in after:
                self._compare(schema, after[source], f"{path}.*")
            elif "properties" not in old:
                self._say(path, f"pattern {source} of property names removed")
        for source in after:
            if source not in before:
                self._say(path, f"pattern {source} of property names added")

    def _compare_others(self, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> None:
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if after is False and before is not False:
            self._say(path, "other properties are no longer allowed")
        elif before is not False and not (
            "properties" in old and layout_kind(after) == "any value"
        ):
            self._compare(before, after, f"{path}.*")


def _added(
    before: Mapping[str, object],
    after: Mapping[str, object],
    required: list[object],
    *,
    is_top: bool,
) -> Iterator[tuple[str, str]]:
    """What is wrong with each property that only the new schema has."""
    names = list(after)
    for index, name in enumerate(names):
        if name in before:
            continue
        if name in required:
            yield name, "added as required"
        follower = next((other for other in names[index:] if other in before), None)
        if follower is not None:
            yield name, f"inserted before {quote(follower)}; new properties go to the end"
        elif not is_top and name not in required:
            yield name, "added inside a nested map, whose layout cannot grow"


def _follow(schema: object, document: SchemaDocument) -> Schema:
    found = cast("Schema", schema)
    while not isinstance(found, bool) and "$ref" in found:
        found = document.resolve(str(found["$ref"]))[1]
    return found


def _same(left: object, right: object) -> bool:
    return identity(left, _ROOM) == identity(right, _ROOM)
