"""What a bus among threads hands out: streams, requests, and what lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.bus.held import Held, HeldEndpoint, HeldSubscription
from amphis._internal.bus.lasting import Lasting
from amphis._internal.bus.request import RequestBase
from amphis._internal.bus.runtime import DONE
from amphis._internal.bus.workers import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from typing_extensions import Self

    from amphis._internal.bus.asked import Asked
    from amphis._internal.bus.info import HealthStatus
    from amphis._internal.bus.reader import Reader
    from amphis._internal.bus.runtime import Runtime


class Closing:
    """Ends at the end of a `with`, by its `close`."""

    __slots__ = ()

    def close(self) -> None:
        """End it."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Request(RequestBase):
    """What a handler knows of a request besides its payload.

    Attributes:
        message: the message as it came, with its metadata
    """

    __slots__ = ()

    @property
    def input(self) -> Iterator[object]:
        """Items that the caller streams; ends at once when it streams none. Can be read once."""
        while (item := run(self._reader.next())) is not DONE:
            yield item


class Stream(Closing):
    """The items of an answer, as they come. Closing it early cancels the request."""

    __slots__ = ("_asked", "_reader", "_runtime")

    def __init__(self, asked: Asked, reader: Reader, runtime: Runtime) -> None:
        self._asked = asked
        self._reader = reader
        self._runtime = runtime

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> object:
        try:
            item = run(self._reader.next())
        except BaseException:
            self._asked.finish()
            raise
        if item is DONE:
            self._asked.finish()
            raise StopIteration
        return item

    def close(self) -> None:
        """Read no more; the handler is told. Can be called twice, and after the end."""
        self._reader.stop()
        self._asked.finish()

    def __del__(self) -> None:
        # Not here: a finalizer may run in the middle of anything.
        if not self._asked.is_finished:
            self._runtime.defer(self._asked.finish)


class Registration(Closing, Held[Lasting]):
    """Something that was set up and can be taken back, by `close` or the end of a `with`."""

    def close(self) -> None:
        """Take it back; returns when it is gone. Can be called twice."""
        run(self._close())


class Subscription(Closing, HeldSubscription):
    """A subscription; ends by `close` or at the end of a `with`."""

    def close(self) -> None:
        """End it and drop what waits; returns when nothing more comes. Can be called twice."""
        run(self._close())


class Endpoint(Closing, HeldEndpoint):
    """An endpoint of this process; ends by `close` or at the end of a `with`."""

    def report(self, status: HealthStatus, reason: str = "") -> None:
        """Tell everyone how it is.

        Raises:
            AmphisError: CONNECTION_CLOSED, BUS_CLOSED
        """
        run(self._holder.report(self._lasting, status, reason))

    def close(self) -> None:
        """Take no more requests; those that came are answered still. Can be called twice."""
        run(self._close())
