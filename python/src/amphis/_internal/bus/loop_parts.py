"""What a bus in an event loop hands out: streams, requests, and what lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from amphis._internal.bus.held import Held, HeldEndpoint, HeldSubscription
from amphis._internal.bus.lasting import Lasting
from amphis._internal.bus.request import RequestBase
from amphis._internal.bus.runtime import DONE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator
    from types import TracebackType

    from typing_extensions import Self

    from amphis._internal.bus.asked import Asked
    from amphis._internal.bus.info import HealthStatus
    from amphis._internal.bus.reader import Reader
    from amphis._internal.bus.runtime import Runtime


class Closable(Protocol):
    """What can be closed in a loop."""

    async def close(self) -> None:
        """End it."""


C = TypeVar("C", bound=Closable)


class AsyncClosing:
    """Ends at the end of an `async with`, by its `close`."""

    __slots__ = ()

    async def close(self) -> None:
        """End it."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class Opening(Generic[C]):
    """Something to be opened: `await` it, or use it with `async with`, which closes it."""

    __slots__ = ("_open", "_opened")

    def __init__(self, begin: Callable[[], Awaitable[C]]) -> None:
        self._open = begin
        self._opened: C | None = None

    def __await__(self) -> Generator[object, None, C]:
        return self._open().__await__()

    async def __aenter__(self) -> C:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._opened is not None:
            await self._opened.close()


class AsyncRequest(RequestBase):
    """What a handler knows of a request besides its payload.

    Attributes:
        message: the message as it came, with its metadata
    """

    __slots__ = ()

    @property
    async def input(self) -> AsyncIterator[object]:
        """Items that the caller streams; ends at once when it streams none. Can be read once."""
        while (item := await self._reader.next()) is not DONE:
            yield item


class AsyncStream(AsyncClosing):
    """The items of an answer, as they come. Leaving it early cancels the request: close it."""

    __slots__ = ("_asked", "_begin", "_is_closed", "_reader", "_runtime")

    def __init__(
        self, begin: Callable[[], Awaitable[tuple[Asked, Reader]]], runtime: Runtime
    ) -> None:
        self._begin = begin
        self._runtime = runtime
        self._asked: Asked | None = None
        self._reader: Reader | None = None
        self._is_closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> object:
        if self._is_closed:
            raise StopAsyncIteration
        try:
            if self._reader is None:
                self._asked, self._reader = await self._begin()
            item = await self._reader.next()
        except BaseException:
            await self.close()
            raise
        if item is DONE:
            await self.close()
            raise StopAsyncIteration
        return item

    async def close(self) -> None:
        """Read no more; the handler is told. Can be called twice, and after the end."""
        self._is_closed = True
        if self._asked is not None:
            self._asked.finish()

    async def aclose(self) -> None:
        """As `close`, by the name that generators have."""
        await self.close()

    def __del__(self) -> None:
        if self._asked is not None and not self._asked.is_finished:
            self._runtime.defer(self._asked.finish)


class AsyncRegistration(AsyncClosing, Held[Lasting]):
    """Something that was set up and can be taken back, by `close`."""

    async def close(self) -> None:
        """Take it back; returns when it is gone. Can be called twice."""
        await self._close()


class AsyncSubscription(AsyncClosing, HeldSubscription):
    """A subscription; ends by `close`."""

    async def close(self) -> None:
        """End it and drop what waits; returns when nothing more comes. Can be called twice."""
        await self._close()


class AsyncEndpoint(AsyncClosing, HeldEndpoint):
    """An endpoint of this process; ends by `close`."""

    async def report(self, status: HealthStatus, reason: str = "") -> None:
        """Tell everyone how it is.

        Raises:
            AmphisError: CONNECTION_CLOSED, BUS_CLOSED
        """
        await self._holder.report(self._lasting, status, reason)

    async def close(self) -> None:
        """Take no more requests; those that came are answered still. Can be called twice."""
        await self._close()
