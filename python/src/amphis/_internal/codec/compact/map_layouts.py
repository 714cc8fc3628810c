"""Layouts of maps and objects; each is one level of depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from amphis._internal.codec.compact.layout import Layout
from amphis._internal.codec.compact.list_layouts import read_key
from amphis._internal.codec.compact.read_value import check_collisions
from amphis._internal.codec.kinds import check_key, describe_kind
from amphis._internal.codec.refusal import Refusal, key_step, unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter

_NOWHERE: frozenset[int] = frozenset()


class Map(Layout):
    """Vec<(K, V)>; a record is one whose keys are strings."""

    __slots__ = ("_keys", "_unit", "_values")

    def __init__(self, keys: Layout, values: Layout) -> None:
        self._keys = keys
        self._values = values
        self._unit = 0

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append the entries."""
        if not isinstance(value, dict):
            raise unsupported("a map", describe_kind(value))
        writer.length(len(value))
        writer.enter()
        key: object = None
        try:
            for key, item in value.items():
                check_key(key)
                self._keys.write(writer, key)
                self._values.write(writer, item)
        except Refusal as refusal:
            refusal.steps.append(key_step(key))
            raise
        writer.room += 1

    def read(self, reader: CompactReader) -> dict[object, object]:
        """Read the entries; the last of two equal keys wins."""
        reader.enter()
        keys: list[object] = []
        values: list[object] = []
        for _ in range(reader.length(self._unit)):
            keys.append(read_key(self._keys, reader))
            values.append(self._values.read(reader))
        check_collisions(reader, keys)
        reader.room += 1
        return dict(zip(keys, values, strict=True))

    def fits(self, value: object) -> bool:
        """Tell whether every key and value fits."""
        return isinstance(value, dict) and all(
            self._keys.fits(key) and self._values.fits(item) for key, item in value.items()
        )

    def parts(self) -> Iterator[Layout]:
        """Yield the layouts of keys and values."""
        yield self._keys
        yield self._values

    def measure(self) -> bool:
        """Remember the fewest bytes of an entry."""
        self._unit = int(self._keys.least() + self._values.least())
        return self._unit > 0


class Property(NamedTuple):
    """One property of an object."""

    name: str
    layout: Layout
    is_optional: bool


class Struct(Layout):
    """The properties in the order of the schema; one that is not required is an Option."""

    __slots__ = ("_properties", "_trailing")

    def __init__(self, properties: list[Property]) -> None:
        self._properties = properties
        required = [index for index, part in enumerate(properties) if not part.is_optional]
        self._trailing = required[-1] + 1 if required else 0

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append the properties."""
        if not isinstance(value, dict):
            raise unsupported("a map", describe_kind(value))
        writer.enter()
        written = 0
        for name, layout, is_optional in self._properties:
            if name in value:
                written += 1
                if is_optional:
                    writer.byte(1)
                _write_property(writer, layout, name, value[name])
            elif is_optional:
                writer.byte(0)
            else:
                raise unsupported(f'a map with "{name}"', "a map without it")
        if written != len(value):
            raise self._undeclared(value)
        writer.room += 1

    def _undeclared(self, value: dict[object, object]) -> Refusal:
        names = {part.name for part in self._properties}
        stray = next(key for key in value if key not in names)
        refusal = unsupported("no such property", describe_kind(value[stray]))
        refusal.steps.append(key_step(stray))
        return refusal

    def read(self, reader: CompactReader) -> dict[str, object]:
        """Read the properties."""
        return self._read(reader, len(self._properties))

    def read_evolving(self, reader: CompactReader) -> dict[str, object]:
        """Read the properties; optional ones at the end may be missing with their tags."""
        return self._read(reader, self._trailing)

    def _read(self, reader: CompactReader, trailing: int) -> dict[str, object]:
        reader.enter()
        value: dict[str, object] = {}
        for index, (name, layout, is_optional) in enumerate(self._properties):
            if index >= trailing and reader.pos == reader.end:
                break
            if not is_optional or reader.boolean():
                value[name] = layout.read(reader)
        reader.room += 1
        return value

    def fits(self, value: object) -> bool:
        """Tell whether all required properties are there, all fit, and there is no other."""
        if not isinstance(value, dict):
            return False
        present = [part for part in self._properties if part.name in value]
        return (
            len(present) == len(value)
            and all(part.is_optional or part.name in value for part in self._properties)
            and all(part.layout.fits(value[part.name]) for part in present)
        )

    def least(self, within: frozenset[int] = _NOWHERE) -> float:
        """Return the sum of the properties."""
        return sum(
            1 if part.is_optional else part.layout.least(within) for part in self._properties
        )

    def parts(self) -> Iterator[Layout]:
        """Yield the layouts of the properties."""
        for part in self._properties:
            yield part.layout


def _write_property(writer: CompactWriter, layout: Layout, name: str, value: object) -> None:
    try:
        layout.write(writer, value)
    except Refusal as refusal:
        refusal.steps.append(key_step(name))
        raise
