"""Objects of Python to what the codec takes: values, handles, and attachments beside them."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.codec.refusal import Refusal
from amphis._internal.errors import AmphisError
from amphis._internal.values import Attachment
from amphis._internal.worker.outgoing_fast import holds_long_bytes, open_pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.memory.carrier import Carried
    from amphis._internal.memory.guest import GuestMemory
    from amphis._internal.worker.objects import Objects

# Bodies put a value two levels deep at most, of the 128 that there are.
_LEVELS = 126
_COPYING = frozenset(("auto", "value"))
_ALWAYS = frozenset((type(None), bool, float))


class Outgoing:
    """Prepares what leaves a worker. Any thread may use it.

    Modes:

    - `auto` sends values as they are, and copies containers around a leaf that is none: the leaf
      becomes a handle. Members of enumerations are their values, data classes and named tuples
      maps, arrays of numbers, tables of pyarrow and bytes of 64 KiB and more attachments.
    - `value` makes no handle: frames, series, pictures and tensors travel as arrays and tables,
      and anything else is refused with its path.
    - `handle` sends a handle of whatever it is.
    - `arrow` sends anything that is like a table as one.

    Args:
        objects: the table of handles
        guest: shared memory of the connection
    """

    __slots__ = ("_codec", "_guest", "_objects", "_pack")

    def __init__(self, objects: Objects, guest: GuestMemory | None) -> None:
        self._objects = objects
        self._guest = guest
        self._codec = msgpack()
        self._pack = open_pack(_LEVELS)

    def pack(self, value: object, mode: str = "auto") -> tuple[bytes, list[Carried]]:
        """As `encode`, with the value in MessagePack already: one step for what is plain.

        Raises:
            AmphisError: as `encode`, and what the codec refuses
            ValueError: as `encode`
        """
        if self._pack is not None and mode in _COPYING:
            packed = self._pack(value)
            if packed is not NotImplemented and not holds_long_bytes(packed):
                return packed, []
            travelling, carried = self._walk(value, is_forced=mode == "value")
        else:
            travelling, carried = self.encode(value, mode)
        return self._codec.encode(travelling), carried

    def encode(self, value: object, mode: str = "auto") -> tuple[object, list[Carried]]:
        """Make a value for the codec, and the attachments of its frame in their order.

        The attachments have to be kept until the frame is on its way.

        Raises:
            AmphisError: VALUE_UNSUPPORTED or DEPTH_EXCEEDED with the path, in the modes `value`
                and `arrow`; ARROW_UNSUPPORTED, DATA_LIBRARY_MISSING in the mode `arrow`
            ValueError: for another mode
        """
        if mode in _COPYING:
            if type(value) in _ALWAYS or self._is_plain(value):
                return value, []
            return self._walk(value, is_forced=mode == "value")
        if mode == "handle":
            return self._objects.put(value), []
        if mode == "arrow":
            return self._table(value)
        raise ValueError(f"Cannot encode result: there is no mode {mode!r}")

    def _is_plain(self, value: object) -> bool:
        if self._pack is None:
            from amphis._internal.worker.outgoing_plain import is_plain  # noqa: PLC0415 - as the walk

            return is_plain(value, _LEVELS)
        # Packed in vain, which takes less time than a look at each part from here.
        packed = self._pack(value)
        return packed is not NotImplemented and not holds_long_bytes(packed)

    def _walk(self, value: object, *, is_forced: bool) -> tuple[object, list[Carried]]:
        # Most workers never need it, and it takes a while to load.
        from amphis._internal.worker.outgoing_walk import Walk  # noqa: PLC0415

        walk = Walk(self._objects, self._guest, is_forced=is_forced)
        try:
            return walk.convert(value, _LEVELS), walk.carried
        except Refusal as refusal:
            walk.undo()
            raise _refused(refusal) from refusal.__cause__
        except RecursionError:
            walk.undo()
            raise _too_deep() from None
        except BaseException:
            walk.undo()
            raise

    def _table(self, value: object) -> tuple[object, list[Carried]]:
        from amphis._internal.memory.carrier import carry  # noqa: PLC0415 - as the walk
        from amphis._internal.worker.outgoing_forced import table_of  # noqa: PLC0415

        try:
            carried = carry(table_of(value), self._guest)
        except Refusal as refusal:
            raise _refused(refusal) from refusal.__cause__
        return Attachment(0, carried.format, carried.meta), [carried]


def _refused(refusal: Refusal) -> AmphisError:
    if refusal.code is ErrorCode.DEPTH_EXCEEDED:
        return _too_deep(refusal)
    path = "$" + "".join(reversed(refusal.steps))
    return AmphisError(
        refusal.code,
        f"Cannot send result: expected {refusal.expected} at {path}, got {refusal.received}",
        {"path": path, "expected": refusal.expected, "received": refusal.received},
    )


def _too_deep(refusal: Refusal | None = None) -> AmphisError:
    path = "$" + "".join(reversed(refusal.steps if refusal is not None else []))
    shown = path if len(path) <= 200 else f"{path[:200]}…"
    return AmphisError(
        ErrorCode.DEPTH_EXCEEDED,
        f"Cannot send result: it is nested deeper than {_LEVELS} levels, or in itself, at {shown}",
        {"limit": _LEVELS, "path": path},
    )
