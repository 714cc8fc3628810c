"""Functions and iterables of the TypeScript program, as Python sees them."""

from __future__ import annotations

import weakref
from collections import deque

from amphis._internal.light import Protocol
from amphis._internal.values import Handle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any

    from typing_extensions import Self

FUNCTION = "amphis.function"
ITERABLE = "amphis.iterable"


class Asks(Protocol):
    """Asks the program to do something with one of its functions or iterables, and waits."""

    def ask(
        self, number: int, method: str, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> Any:  # noqa: ANN401 - whatever the program answers
        """Wait for the answer of the program; raises what the function raised."""


class TypeScriptFunction:
    """A function of the program. Calling it waits for its result; any thread may.

    Positional arguments are the arguments of the function; named ones come behind them, as one
    object. An error that it throws is raised as `amphis.TypeScriptError`.

    Attributes:
        handle: what it is on the wire
    """

    __slots__ = ("__weakref__", "_asks", "handle")

    def __init__(self, handle: Handle, asks: Asks) -> None:
        self.handle = handle
        self._asks = asks

    def __call__(self, *args: object, **kwargs: object) -> Any:  # noqa: ANN401 - as `ask`
        return self._asks.ask(self.handle.id, "call", args, kwargs)

    def __repr__(self) -> str:
        return f"<TypeScript function {self.handle.id}>"


class TypeScriptIterable:
    """An iterable of the program, sync or async, as an iterator; `close` ends it early.

    `async for` takes its items without keeping the event loop from other work.
    """

    __slots__ = ("__weakref__", "_asks", "_is_done", "handle")

    def __init__(self, handle: Handle, asks: Asks) -> None:
        self.handle = handle
        self._asks = asks
        self._is_done = False

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:  # noqa: ANN401 - as `ask`
        value = self._take()
        if self._is_done:
            raise StopIteration
        return value

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:  # noqa: ANN401 - as `ask`
        import asyncio  # noqa: PLC0415 - most workers never need it

        # An exception for the end of an iterator cannot pass through a future.
        value = await asyncio.to_thread(self._take)
        if self._is_done:
            raise StopAsyncIteration
        return value

    def close(self) -> None:
        """Tell the program that no more is wanted; a second call does nothing."""
        if not self._is_done:
            self._is_done = True
            self._asks.ask(self.handle.id, "return", (), {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<TypeScript iterable {self.handle.id}>"

    def _take(self) -> Any:  # noqa: ANN401 - as `ask`
        if self._is_done:
            return None
        try:
            answer = self._asks.ask(self.handle.id, "next", (), {})
        except Exception:
            # As with a generator that has raised.
            self._is_done = True
            raise
        self._is_done = not isinstance(answer, dict) or bool(answer.get("done", True))
        return None if self._is_done else answer.get("value")


class _Weak(weakref.ref):  # type: ignore[type-arg] # it is for both classes
    __slots__ = ("number",)

    number: int


class Held:
    """What this worker holds of the program: each thing once, and what was let go.

    Garbage collection ends things in any thread and inside of any statement, also one that sends.
    So all that happens there is one step of C, which nothing can break off: the reference is put
    into a queue. Whoever has time sends what lies in it.

    Attributes:
        gone: what the program is to be told of, with `take_gone`
    """

    __slots__ = ("_asks", "_held", "gone")

    def __init__(self, asks: Asks) -> None:
        self._asks = asks
        self._held: dict[int, _Weak] = {}
        self.gone: deque[_Weak] = deque()

    def function(self, number: int) -> TypeScriptFunction:
        """The function of a number; the same one while that is in use."""
        found = self._find(number)
        if isinstance(found, TypeScriptFunction):
            return found
        made = TypeScriptFunction(Handle(number, FUNCTION), self._asks)
        self._hold(number, made)
        return made

    def iterable(self, number: int) -> TypeScriptIterable:
        """The iterable of a number; the same one while that is in use."""
        found = self._find(number)
        if isinstance(found, TypeScriptIterable):
            return found
        made = TypeScriptIterable(Handle(number, ITERABLE), self._asks)
        self._hold(number, made)
        return made

    def take_gone(self) -> list[int]:
        """Numbers of what nobody here uses any more, each once."""
        numbers: list[int] = []
        while True:
            try:
                weak = self.gone.popleft()
            except IndexError:
                return numbers
            # Unless it came again since.
            if self._held.get(weak.number) is weak:
                del self._held[weak.number]
                numbers.append(weak.number)

    def _find(self, number: int) -> object:
        weak = self._held.get(number)
        return None if weak is None else weak()

    def _hold(self, number: int, made: object) -> None:
        weak = _Weak(made, self.gone.append)
        weak.number = number
        self._held[number] = weak
