"""What the hub holds for this member until it is taken back: endpoints, subscriptions, routes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.error import ErrorBody
from amphis._internal.bus.session import CONTROL_PRIORITY, Session
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind
from amphis._internal.transport.waiting import Waiter, wake_all

if TYPE_CHECKING:
    from amphis._internal.frame.frame import Frame

logger = logging.getLogger("amphis.bus")

LastingState: TypeAlias = Literal["asking", "held", "restoring", "closing", "closed"]


class LastingOwner(Protocol):
    """Whose it is."""

    def settled(self, lasting: Lasting) -> None:
        """The hub answered: it holds it, or refused."""

    def ended(self, lasting: Lasting) -> None:
        """It is over."""

    def refused(self, lasting: Lasting) -> None:
        """The hub would not take it back after a new connection, for now."""


class Lasting:
    """Something that lasts, over as many connections as it takes. Used under the lock.

    Args:
        function: what asks the hub for it
        kwargs: with which arguments
        name: for people
    """

    def __init__(
        self, owner: LastingOwner, function: str, kwargs: dict[str, object], name: str
    ) -> None:
        self.name = name
        self.state: LastingState = "asking"
        # What ended it, when that was not this side.
        self.error: AmphisError | None = None
        self.retry_at = float("inf")
        self.failures = 0
        # Woken at each change of state.
        self.waiters: list[Waiter] = []
        self._owner = owner
        self._function = function
        self._kwargs = kwargs
        self._call_id = 0

    def ask(self, session: Session) -> None:
        """Ask the hub for it.

        Raises:
            AmphisError: FRAME_TOO_LARGE, VALUE_UNSUPPORTED
        """
        self.retry_at = float("inf")
        self._call_id = session.call(self._function, self._kwargs, self)

    def take_back(self, session: Session | None) -> None:
        """Ask the hub to hold it no longer."""
        if self.state == "held" and session is not None and self._call_id in session.calls:
            self._enter("closing")
            session.cancel(self._call_id, CONTROL_PRIORITY, "it is taken back")
        elif self.state != "closing":
            self.close(None)

    def receive(self, frame: Frame, session: Session) -> bool:
        """Take what the hub says; see `Exchange`."""
        kind = frame.kind
        if kind is FrameKind.MESSAGE:
            self.event(frame, session)
        elif kind is FrameKind.RESULT:
            self._granted(session)
        elif kind is FrameKind.ERROR:
            self._refused(ErrorBody.decode(frame.body))
            return True
        elif kind is FrameKind.END:
            self.close(None)
            return True
        else:
            session.orphans += 1
        return False

    def lost(self, error: AmphisError) -> None:
        """The connection ended."""
        self._call_id = 0
        if self.state == "asking":
            self.close(error)
        elif self.state == "closing":
            self.close(None)
        elif self.state == "held":
            self._enter("restoring")

    def close(self, error: AmphisError | None) -> None:
        """It is over."""
        if self.state == "closed":
            return
        self.error = error
        self._enter("closed")
        self._owner.ended(self)

    def event(self, frame: Frame, session: Session) -> None:  # noqa: ARG002 - for subscriptions
        """Take an event that was sent to it."""
        session.orphans += 1

    def restored(self, session: Session) -> None:
        """The hub holds it again after a new connection."""

    def _granted(self, session: Session) -> None:
        before = self.state
        self.failures = 0
        if before == "asking" or before == "restoring":  # noqa: PLR1714 - narrows the type
            self._enter("held")
            if before == "restoring":
                self.restored(session)
        elif before == "closed":
            # It was given up while the question was on its way.
            session.cancel(self._call_id, CONTROL_PRIORITY, "it is taken back")
        self._owner.settled(self)

    def _refused(self, error: AmphisError) -> None:
        self._call_id = 0
        # The hub may not have noticed yet that the connection before is gone.
        mends = error.retryable or error.code == ErrorCode.ENDPOINT_EXISTS
        if self.state == "restoring" and mends:
            self.failures += 1
            self._owner.refused(self)
        else:
            if self.state in ("held", "restoring"):
                logger.error("Lost %s: %s", self.name, error)
            self.close(error)
        self._owner.settled(self)

    def _enter(self, state: LastingState) -> None:
        self.state = state
        wake_all(self.waiters)
