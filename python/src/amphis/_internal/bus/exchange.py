"""Who hears of what happens in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from amphis._internal.bus.session import Session
    from amphis._internal.errors import AmphisError
    from amphis._internal.frame.frame import Frame


class Exchange(Protocol):
    """One call: hears what the hub says about it."""

    def receive(self, frame: Frame, session: Session) -> bool:
        """Take a frame; True when the call is over with it."""

    def lost(self, error: AmphisError) -> None:
        """The connection ended."""


class SessionHost(Protocol):
    """Whose session it is."""

    def joined(self, session: Session) -> None:
        """The hub let this member in."""

    def message(self, frame: Frame, session: Session) -> None:
        """A request came, answered or not."""

    def tick(self, now: float) -> float:
        """Do what is due; return when to call again."""
