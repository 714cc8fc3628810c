"""Opens channels: over an address, or over a descriptor that a parent handed down."""

from __future__ import annotations

import select
import socket
import time
from contextlib import suppress

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.channel.channel import Channel
from amphis._internal.channel.failures import host_silent
from amphis._internal.channel.opening import Opening, OverSocket
from amphis._internal.channel.options import ChannelOptions
from amphis._internal.channel.ring_wire import RingWire
from amphis._internal.channel.rings import Rings
from amphis._internal.errors import AmphisError


def connect_channel(address: str, options: ChannelOptions | None = None) -> Channel:
    """Connect to the host at an address and open a channel.

    Args:
        address: `shm:/path` or `shm:@name`
        options: how it is opened and waited for

    Raises:
        AmphisError: ADDRESS_INVALID, CONNECT_FAILED, PEER_LOST, FRAME_INVALID, MEMORY_REFUSED,
            RING_CORRUPT, CONNECTION_CLOSED
    """
    # With all that the other ways to connect need, which a worker never takes.
    from amphis._internal.transport.address import SharedAddress, parse_address  # noqa: PLC0415

    parsed = parse_address(address)
    if not isinstance(parsed, SharedAddress):
        reason = "a channel is opened at shm:/path"
        raise AmphisError(
            ErrorCode.ADDRESS_INVALID,
            f"Cannot use address {address!r}: {reason}",
            {"address": address, "reason": reason},
        )
    chosen = ChannelOptions() if options is None else options
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(chosen.opening_timeout)
        sock.connect(parsed.path)
    except OSError as error:
        sock.close()
        raise _failed(address, error) from error
    except BaseException:
        sock.close()
        raise
    return _open(sock, address, chosen)


def open_inherited(descriptor: int, options: ChannelOptions | None = None) -> Channel:
    """Open a channel on a connected Unix socket that the parent process handed down.

    The descriptor is the channel's from then on, also when this fails, unless it is no socket at
    all. Children do not inherit it.

    Raises:
        AmphisError: CONNECT_FAILED when it is no such socket; else as `connect_channel`
    """
    address = f"descriptor {descriptor}"
    try:
        sock = socket.socket(fileno=descriptor)
    except OSError as error:
        raise _failed(address, error) from error
    if sock.family != socket.AF_UNIX or sock.type != socket.SOCK_STREAM:
        sock.close()
        raise _failed(address, "it is no Unix stream socket")
    sock.set_inheritable(False)
    return _open(sock, address, ChannelOptions() if options is None else options)


def _open(sock: socket.socket, address: str, options: ChannelOptions) -> Channel:
    try:
        sock.settimeout(0)
        opened = _drive(Opening(sock, address, options.core), sock, address, options)
    except BaseException:
        sock.close()
        raise
    if not isinstance(opened, Rings):
        from amphis._internal.channel.socket_wire import SocketWire  # noqa: PLC0415 - rarely used

        return Channel(SocketWire(sock, address), address, options)
    wire = RingWire(sock, opened, address, options.spin_ns, options.max_frame_bytes)
    return Channel(wire, address, options, key=opened.key, holder=opened.holder)


def _drive(
    opening: Opening, sock: socket.socket, address: str, options: ChannelOptions
) -> Rings | OverSocket:
    readable = select.poll()
    readable.register(sock, select.POLLIN)
    deadline = time.monotonic() + options.opening_timeout
    try:
        opening.begin()
        while (opened := opening.advance()) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise host_silent(address, options.opening_timeout, "open it")
            readable.poll(left * 1_000)
    finally:
        with suppress(OSError):
            opening.close()
    return opened


def _failed(address: str, why: OSError | str) -> AmphisError:
    from amphis._internal.transport.socket_connect import connect_failed, describe  # noqa: PLC0415

    if isinstance(why, OSError):
        return connect_failed(address, describe(why), why)
    return connect_failed(address, why)
