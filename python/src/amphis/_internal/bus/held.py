"""What a program gets for what it has the hub hold, whichever way it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from amphis._internal.bus.endpoint import EndpointState
from amphis._internal.bus.info import EndpointStats, SubscriptionStats
from amphis._internal.bus.lasting import Lasting
from amphis._internal.bus.subscription import SubscriptionState

if TYPE_CHECKING:
    from amphis._internal.bus.holder import Holder
    from amphis._internal.errors import AmphisError

L = TypeVar("L", bound=Lasting)


class Held(Generic[L]):
    """Something that lasts, over as many connections as it takes, until it is closed."""

    def __init__(self, lasting: L, holder: Holder) -> None:
        self._lasting = lasting
        self._holder = holder

    def __repr__(self) -> str:
        return f"<{self._lasting.name}: {self._lasting.state}>"

    @property
    def error(self) -> AmphisError | None:
        """What ended it, when that was not this side: SUBSCRIBER_SLOW, ACCESS_DENIED."""
        return self._lasting.error

    async def _close(self) -> None:
        if isinstance(self._lasting, SubscriptionState):
            self._lasting.drop_waiting()
        await self._holder.take_back(self._lasting)


class HeldSubscription(Held[SubscriptionState]):
    """A subscription."""

    @property
    def pattern(self) -> str:
        """Which topics it is for."""
        return self._lasting.pattern

    @property
    def stats(self) -> SubscriptionStats:
        """Counts, as they are now."""
        lasting = self._lasting
        return SubscriptionStats(
            state=lasting.state,
            delivered=lasting.delivered,
            dropped=lasting.dropped,
            expired=lasting.expired,
            failed=lasting.failed,
            queued=lasting.queued,
        )


class HeldEndpoint(Held[EndpointState]):
    """An endpoint of this process."""

    @property
    def name(self) -> str:
        """What requests are addressed to."""
        return self._lasting.name

    @property
    def stats(self) -> EndpointStats:
        """Counts, as they are now."""
        lasting = self._lasting
        return EndpointStats(
            state=lasting.state,
            running=lasting.running,
            queued=lasting.queued,
            answered=lasting.answered,
            failed=lasting.failed,
            expired=lasting.expired,
            refused=lasting.refused,
        )
