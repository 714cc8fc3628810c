"""Opens a bus."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from amphis._internal.bus.loop_bus import open_loop_bus
from amphis._internal.bus.loop_parts import Opening
from amphis._internal.bus.options import BusOptions, Destination
from amphis._internal.bus.thread_bus import open_thread_bus

if TYPE_CHECKING:
    from amphis._internal.bus.loop_bus import AsyncBus
    from amphis._internal.bus.thread_bus import Bus


def open_bus(
    address: str,
    *,
    name: str | None = None,
    token: str | None = None,
    options: BusOptions | None = None,
) -> Bus:
    """Join the hub at an address, and wait until it let this member in.

    Args:
        address: `unix:/path`, `unix:@name`, `shm:/path`, `tcp://host:port` or `tls://host:port`
        name: what this member is: a role, not unique
        token: what it shows to the hub
        options: everything else; `name` and `token` go before those in it

    Raises:
        AmphisError: ADDRESS_INVALID, CONNECT_FAILED, PEER_REJECTED, PEER_LOST,
            AUTHENTICATION_FAILED, ACCESS_DENIED, NEGOTIATION_FAILED
    """
    return open_thread_bus(Destination.of(address), _with(options, name, token))


def open_bus_async(
    address: str,
    *,
    name: str | None = None,
    token: str | None = None,
    options: BusOptions | None = None,
) -> Opening[AsyncBus]:
    """As `open_bus`, within the running loop: `await` it, or use it with `async with`."""
    destination, chosen = Destination.of(address), _with(options, name, token)
    return Opening(lambda: open_loop_bus(destination, chosen))


def _with(options: BusOptions | None, name: str | None, token: str | None) -> BusOptions:
    chosen = BusOptions() if options is None else options
    if name is not None:
        chosen = dataclasses.replace(chosen, name=name)
    if token is not None:
        chosen = dataclasses.replace(chosen, token=token)
    return chosen
