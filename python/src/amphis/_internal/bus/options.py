"""How a member joins a bus."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from amphis._internal.bus.names import check_name
from amphis._internal.bus.wants import MAX_CREDIT
from amphis._internal.frame.header import HEADER_BYTES, MAX_FRAME_BYTES
from amphis._internal.transport.address import Address, parse_address
from amphis._internal.transport.backoff import Backoff

WhileDown: TypeAlias = Literal["fail", "queue"]
SlowPolicy: TypeAlias = Literal["drop-oldest", "drop-newest", "disconnect"]

DEFAULT_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BusOptions:
    """How a member joins a bus and what it allows; all times are seconds.

    Attributes:
        name: what this member is: a role, not unique
        token: what it shows to the hub
        reconnect: whether it joins again when the connection to the hub ends
        backoff: how long it waits before it tries again
        while_down: what becomes of calls while there is no connection, unless they say: `fail`
            with CONNECTION_CLOSED, or `queue` until there is one or their time is over
        timeout: longest wait for an answer, unless the call says
        connect_timeout: longest wait for the connection and for being let in
        heartbeat: a hub that is silent for so long is asked for a sign of life, and given up
            (PEER_LOST) when none comes for as long again; 0 = never
        send_queue_bytes: bytes that may wait to be sent before senders wait too
        max_frame_bytes: largest frame that is taken
        ssl_context: for `tls://`; by default the authorities of the system are trusted
    """

    name: str = "python"
    token: str | None = field(default=None, repr=False)
    reconnect: bool = True
    backoff: Backoff = field(default_factory=Backoff)
    while_down: WhileDown = "fail"
    timeout: float = DEFAULT_TIMEOUT
    connect_timeout: float = 10.0
    heartbeat: float = 5.0
    send_queue_bytes: int = 262_144
    max_frame_bytes: int = MAX_FRAME_BYTES
    ssl_context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        check_name("member", self.name)
        check_while_down(self.while_down)
        _check("timeout", self.timeout, 0)
        _check("connect_timeout", self.connect_timeout, 0)
        _check("heartbeat", self.heartbeat, 0)
        _check("send_queue_bytes", self.send_queue_bytes, 0)
        _check("max_frame_bytes", self.max_frame_bytes, HEADER_BYTES)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the hub is, as text and parsed."""

    text: str
    address: Address

    @staticmethod
    def of(text: str) -> Destination:
        """Parse it.

        Raises:
            AmphisError: ADDRESS_INVALID
        """
        return Destination(text, parse_address(text))


def check_while_down(while_down: str) -> None:
    """Refuse anything but the two that there are."""
    if while_down not in ("fail", "queue"):
        raise ValueError(f"Cannot use while_down: it is 'fail' or 'queue', got {while_down!r}")


def check_policy(policy: str) -> None:
    """Refuse anything but the three that there are."""
    if policy not in ("drop-oldest", "drop-newest", "disconnect"):
        raise ValueError(
            f"Cannot use policy: it is 'drop-oldest', 'drop-newest' or 'disconnect', got {policy!r}"
        )


def check_count(name: str, value: int, least: int = 1) -> None:
    """Refuse anything but an int that is large enough."""
    if type(value) is not int or value < least:
        raise ValueError(f"Cannot use {name}: it must be an int of {least} or more, got {value!r}")


def check_credit(credit: int) -> None:
    """Refuse anything but what a frame of credit can say."""
    check_count("credit", credit)
    if credit > MAX_CREDIT:
        raise ValueError(f"Cannot use credit: it must be below 2^31, got {credit}")


def _check(name: str, value: float, least: float) -> None:
    # Written so that not-a-number is refused too.
    if not value >= least:
        raise ValueError(f"Cannot open bus: {name} must be {least} or more, got {value!r}")
