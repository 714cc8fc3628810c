"""What the codec gave to objects of Python: handles, functions of the program, and attachments."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.light import Protocol
from amphis._internal.values import Attachment, Handle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from amphis._internal.frame.frame import FrameAttachment
    from amphis._internal.memory.guest import GuestMemory
    from amphis._internal.worker.incoming_attachment import Opening
    from amphis._internal.worker.objects import Objects

# What can be, or hold, something that is to be replaced. Sets and keys of maps cannot.
_HOLDERS = frozenset((list, dict, tuple, Handle, Attachment))
_RESERVED = "amphis."


class Lends(Protocol):
    """Finds what the program lends."""

    def function(self, number: int) -> object:
        """The function of a handle."""

    def iterable(self, number: int) -> object:
        """The iterable of a handle."""


class Incoming:
    """Prepares what came for the code that gets it. Any thread may use it.

    Handles become the objects that they name, functions and iterables of the program callables and
    iterators, attachments arrays, tables of pyarrow and bytes. Bytes of 64 KiB and more are shown
    where they lie, as a memoryview.

    Args:
        objects: the table of handles
        guest: shared memory of the connection
        callbacks: finds functions and iterables of the program
    """

    __slots__ = ("_callbacks", "_guest", "_objects")

    def __init__(self, objects: Objects, guest: GuestMemory | None, callbacks: Lends) -> None:
        self._objects = objects
        self._guest = guest
        self._callbacks = callbacks

    def decode(
        self,
        value: Any,  # noqa: ANN401 - a value of any kind
        attachments: Sequence[FrameAttachment] = (),
        results: Sequence[object] = (),
    ) -> Any:  # noqa: ANN401 - what it stands for
        """Replace what stands for something else; lists and maps are changed where they are.

        A value without any such thing costs a look at the types in each container, in C. When it
        fails, the attachments that the value names are let go.

        Args:
            value: as the codec gave it, and nobody else has it
            attachments: of its frame
            results: of the steps before, in a program

        Raises:
            AmphisError: HANDLE_GONE; BODY_INVALID for a step or an attachment that there is not;
                as `open_attachment`
        """
        if type(value) not in _HOLDERS:
            return value
        return _Replacing(self, attachments, results).whole(value)

    def decode_call(
        self,
        args: list[object],
        kwargs: dict[str, object],
        attachments: Sequence[FrameAttachment],
    ) -> None:
        """Replace what stands for something else in the arguments of a call, where they are.

        When it fails, all attachments that they name are let go. Raises what `decode` raises.
        """
        try:
            self.decode(args, attachments)
        except BaseException:
            self.discard(kwargs, attachments)
            raise
        self.decode(kwargs, attachments)

    def discard(self, value: object, attachments: Sequence[FrameAttachment]) -> None:
        """Let go of the attachments and the loans that a value names, as nobody will decode it.

        Shared memory that came with a frame stays lent until somebody has taken it, and so does a
        function of the program.
        """
        if attachments:
            self.opening(attachments).discard(value)
        self.discard_loans(value)

    def discard_loans(self, value: object) -> None:
        """Let go of the functions and iterables of the program that a value names."""
        kind = type(value)
        if isinstance(value, Handle):
            # Nobody keeps what this finds, and the program hears of that.
            if value.type == "amphis.function":
                self._callbacks.function(value.id)
            elif value.type == "amphis.iterable":
                self._callbacks.iterable(value.id)
        elif kind in {list, tuple, dict}:
            for item in value.values() if isinstance(value, dict) else value:  # type: ignore[attr-defined]
                if type(item) in _HOLDERS:
                    self.discard_loans(item)

    def opening(self, attachments: Sequence[FrameAttachment]) -> Opening:
        """Open attachments of one frame."""
        # Most workers get none, and what opens them takes a while to load.
        from amphis._internal.worker.incoming_attachment import Opening  # noqa: PLC0415

        return Opening(attachments, self._guest)

    def object(self, handle: Handle, results: Sequence[object]) -> object:
        """What a handle names.

        Raises:
            AmphisError: HANDLE_GONE, BODY_INVALID
        """
        kind = handle.type
        if not kind.startswith(_RESERVED):
            return self._objects.get(handle.id, kind)
        if kind == "amphis.step" and handle.id < len(results):
            return results[handle.id]
        if kind == "amphis.function":
            return self._callbacks.function(handle.id)
        if kind == "amphis.iterable":
            return self._callbacks.iterable(handle.id)
        if kind.startswith("amphis.typed:"):
            from amphis._internal.worker.typed import marker  # noqa: PLC0415 - few programs have that

            return marker(handle)
        raise AmphisError(
            ErrorCode.BODY_INVALID,
            f"Cannot read body: there is no {kind} {handle.id}",
            {"body": "call", "path": "$", "expected": "a handle of something that there is"},
        )


class _Replacing:
    """One value, in which things are replaced."""

    __slots__ = ("_attachments", "_incoming", "_opening", "_results")

    def __init__(
        self,
        incoming: Incoming,
        attachments: Sequence[FrameAttachment],
        results: Sequence[object],
    ) -> None:
        self._incoming = incoming
        self._attachments = attachments
        self._results = results
        self._opening: Opening | None = None

    def whole(self, value: Any) -> Any:  # noqa: ANN401 - a value of any kind
        try:
            return self._replaced(value)
        except BaseException:
            if self._attachments:
                opening = self._opening or self._incoming.opening(self._attachments)
                opening.discard(value)
            self._incoming.discard_loans(value)
            raise

    def _replaced(self, value: Any) -> Any:  # noqa: ANN401 - a list, map, tuple, handle or attachment
        kind = type(value)
        if kind is Handle:
            return self._incoming.object(value, self._results)
        if kind is Attachment:
            if self._opening is None:
                self._opening = self._incoming.opening(self._attachments)
            return self._opening.open(value)
        if _HOLDERS.isdisjoint(map(type, value.values() if kind is dict else value)):
            return value
        if kind is tuple:
            items = [self._replaced(item) if type(item) in _HOLDERS else item for item in value]
            is_typed = type(value[0]) is Handle and value[0].type.startswith("amphis.typed:")
            return _typed(items) if is_typed and len(items) == 2 else tuple(items)
        # Each place is there already, so that the order of a map stays as it is.
        for place, item in value.items() if kind is dict else enumerate(value):
            if type(item) in _HOLDERS:
                value[place] = self._replaced(item)
        return value


def _typed(pair: list[Any]) -> object:
    """The object of a pair: the mark of its serializer, and plain values."""
    from amphis._internal.worker.typed import from_plain  # noqa: PLC0415 - as above

    return from_plain(*pair)
