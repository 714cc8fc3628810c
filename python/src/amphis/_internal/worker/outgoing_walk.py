"""Values that hold what does not travel as it is: containers copied, each leaf for itself."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any

from amphis._internal.codec.kinds import describe_kind
from amphis._internal.codec.msgpack.encode import encode_value
from amphis._internal.codec.refusal import Refusal, index_step, too_deep, unsupported
from amphis._internal.values import Attachment
from amphis._internal.worker.functions import TypeScriptFunction, TypeScriptIterable
from amphis._internal.worker.outgoing_bulk import bulk
from amphis._internal.worker.outgoing_forced import plainer
from amphis._internal.worker.outgoing_parts import (
    Entries,
    entries_of,
    fields_of,
    has_none,
    is_lossy,
    is_short,
    items_of,
    key_of,
    names_of,
    step_of,
)
from amphis._internal.worker.outgoing_plain import INLINE_BYTES, are_plain, is_plain
from amphis._internal.worker.outgoing_scalars import NO_SCALAR, scalar
from amphis._internal.worker.typed import serializer_of, serializers, to_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.memory.carrier import Carried
    from amphis._internal.memory.guest import GuestMemory
    from amphis._internal.worker.objects import Objects
    from amphis._internal.worker.typed import Serializer

SHORT_RANGE = 1_024
"""Numbers up to which a range travels as a list; a longer one is an object."""
LONG_RANGE = 1 << 20
"""The same where values are forced; a longer one is refused."""

_MOST_ATTACHMENTS = 65_535
# Characters of what a library says.
_MOST_REASON = 400


class Walk:
    """One value on its way out, with the handles and attachments that it came to need.

    A leaf that is no value becomes a handle. So do a container that is in itself or nested too
    deeply, and a map or set of which a key does not travel. Where values are forced, these are
    refused instead.

    Args:
        objects: where handles are made
        guest: shared memory of the connection
        is_forced: whether no handle may be made
    """

    def __init__(self, objects: Objects, guest: GuestMemory | None, *, is_forced: bool) -> None:
        self.carried: list[Carried] = []
        self._objects = objects
        self._guest = guest
        self._is_forced = is_forced
        self._handles: list[int] = []
        self._around: set[int] = set()

    def undo(self) -> None:
        """Let go of the handles, as nobody will get them."""
        if self._handles:
            self._objects.release(self._handles)

    def convert(self, value: Any, room: int) -> object:  # noqa: ANN401 - anything at all
        """Make what the codec takes of a value.

        Raises:
            Refusal: for what is forced to be a value and is none
        """
        # By its type, as `__class__` of a proxy says something else, and runs code.
        kind = type(value)
        if issubclass(kind, (bytes, bytearray, memoryview)):
            return self._bytes(value)
        plain = scalar(value)
        if plain is not NO_SCALAR:
            return plain
        if issubclass(kind, _CONTAINERS):
            return self._container(value, room)
        return self._bulk(value) or self._object(value, room)

    def _object(self, value: Any, room: int) -> object:  # noqa: ANN401 - anything at all
        kind = type(value)
        if serializers:
            serializer = serializer_of(value)
            if serializer is not None:
                return self._typed(serializer, value, room)
        if issubclass(kind, (TypeScriptFunction, TypeScriptIterable)):
            # To where they came from, which knows them by it.
            return value.handle
        if issubclass(kind, Enum) and is_plain(value._value_, room):
            return value._value_
        entries = fields_of(value)
        return self._leaf(value, room) if entries is None else self._map(value, entries, room)

    def _typed(self, serializer: Serializer, value: object, room: int) -> object:
        plain = to_plain(serializer, value)
        return self._inside(
            value, room, lambda room: (serializer.handle, self.convert(plain, room))
        )

    def _bulk(self, value: object) -> Attachment | None:
        if len(self.carried) >= _MOST_ATTACHMENTS:
            return None
        carried = bulk(value, self._guest)
        if carried is None:
            return None
        self.carried.append(carried)
        return Attachment(len(self.carried) - 1, carried.format, carried.meta)

    def _leaf(self, value: object, room: int) -> object:
        if not self._is_forced:
            handle = self._objects.put(value)
            self._handles.append(handle.id)
            return handle
        try:
            held = plainer(value)
        except Exception as error:  # a library may refuse in any way
            raise unsupported("a value", f"{describe_kind(value)} ({_why(error)})") from error
        if held is None:
            # Says best what is wrong with what would be a value, but is too long, or has a zone.
            encode_value(bytearray(), value, 1)
            raise unsupported("a value", describe_kind(value))
        return self._inside(value, room, lambda room: self.convert(held, room))

    def _bytes(self, value: bytes | bytearray | memoryview) -> object:
        try:
            size = value.nbytes if isinstance(value, memoryview) else len(value)
            if size < INLINE_BYTES:
                return value.tobytes() if isinstance(value, memoryview) else bytes(value)
        except ValueError:
            # The memory of the view was let go.
            return self._leaf(value, 0)
        return self._bulk(value) or bytes(value)

    def _container(self, value: Any, room: int) -> object:  # noqa: ANN401 - one of `_CONTAINERS`
        if isinstance(value, dict):
            return self._map(value, entries_of(value), room)
        if isinstance(value, (set, frozenset)):
            return self._set(value)
        if isinstance(value, range):
            most = LONG_RANGE if self._is_forced else SHORT_RANGE
            return list(value) if is_short(value, most) else self._leaf(value, room)
        if not isinstance(value, tuple):
            return self._inside(value, room, lambda room: self._items(items_of(value), room))
        names = names_of(value)
        if names is not None:
            return self._map(value, names, room)
        return self._inside(value, room, lambda room: tuple(self._items(items_of(value), room)))

    def _inside(self, value: object, room: int, convert: Callable[[int], object]) -> object:
        """Convert what is one level deeper, unless that would never end."""
        identity = id(value)
        if room <= 0 or identity in self._around:
            if self._is_forced:
                raise too_deep()
            return self._leaf(value, room)
        self._around.add(identity)
        try:
            return convert(room - 1)
        finally:
            self._around.discard(identity)

    def _items(self, items: list[object], room: int) -> list[object]:
        if are_plain(items, 0):
            return items
        converted: list[object] = []
        try:
            for item in items:
                converted.append(self.convert(item, room))  # noqa: PERF401 - its length is the place
        except Refusal as refusal:
            refusal.steps.append(index_step(len(converted)))
            raise
        return converted

    def _map(self, value: object, entries: Entries, room: int) -> object:
        # Keys come first, for when one of them fails no handle may have been made.
        keys = [key_of(key) for key, _ in entries]
        if is_lossy(keys):
            return self._without_keys(value, [key for key, _ in entries], keys)
        return self._inside(value, room, lambda room: self._entries(keys, entries, room))

    def _entries(self, keys: list[object], entries: Entries, room: int) -> dict[object, object]:
        converted = {}
        key: object = None
        try:
            for key, (_, item) in zip(keys, entries, strict=True):
                converted[key] = self.convert(item, room)
        except Refusal as refusal:
            refusal.steps.append(step_of(key))
            raise
        return converted

    def _set(self, value: set[object] | frozenset[object]) -> object:
        items = list(set.__iter__(value) if isinstance(value, set) else frozenset.__iter__(value))
        keys = [key_of(item) for item in items]
        if is_lossy(keys):
            return self._without_keys(value, items, keys)
        return set(keys)

    def _without_keys(self, value: object, items: list[object], keys: list[object]) -> object:
        """A map or set with a key that does not travel, or with two that would be one."""
        if not self._is_forced:
            return self._leaf(value, 0)
        if not has_none(keys):
            raise unsupported("keys that differ as values", describe_kind(value))
        item = next(item for item, key in zip(items, keys, strict=True) if key is NO_SCALAR)
        refusal = unsupported("a scalar or a tuple of scalars as key", describe_kind(item))
        refusal.steps.append(step_of(item))
        raise refusal


def _why(error: Exception) -> str:
    text = str(error)
    return text if len(text) <= _MOST_REASON else f"{text[:_MOST_REASON]}…"


_CONTAINERS = (list, tuple, dict, set, frozenset, deque, range)
