"""Connects a socket that never blocks, in a thread that another one may wake."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import ssl
import time
from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.transport.address import HostAddress, SharedAddress, UnixAddress

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.transport.address import Address
    from amphis._internal.transport.waker import Waker

# A Unix socket whose listener has no room says EAGAIN, and is not under way.
_UNDER_WAY = (errno.EINPROGRESS, getattr(errno, "WSAEWOULDBLOCK", errno.EINPROGRESS))


class Attempt:
    """One attempt to connect.

    Args:
        text: the address for people
        is_stopped: whether the attempt is given up; asked after each wake
    """

    def __init__(  # noqa: PLR0913, PLR0917 - built in one place
        self,
        text: str,
        address: Address,
        timeout: float,
        ssl_context: ssl.SSLContext | None,
        waker: Waker,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._text = text
        self._address = address
        self._deadline = time.monotonic() + timeout
        self._ssl_context = ssl_context
        self._waker = waker
        self._is_stopped = is_stopped

    def connect(self) -> socket.socket:
        """Connect, with TLS if the address says so.

        Raises:
            AmphisError: CONNECT_FAILED, PEER_REJECTED
        """
        address = self._address
        if isinstance(address, (UnixAddress, SharedAddress)):
            return self._open(socket.AF_UNIX, address.path)
        try:
            found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise connect_failed(self._text, str(error), error) from None
        failure = connect_failed(self._text, "the host has no address")
        for family, _, _, _, place in found:
            try:
                return self._secured(self._open(family, place), address)
            except AmphisError as error:  # noqa: PERF203 - a host has few addresses
                failure = error
        raise failure

    def await_readable(self, sock: socket.socket, late: Callable[[], AmphisError]) -> None:
        """Wait until something came.

        Args:
            sock: that `connect` gave
            late: makes the error of a deadline that passed

        Raises:
            AmphisError: that, or CONNECT_FAILED when the attempt was given up
        """
        self._wait(sock, selectors.EVENT_READ, late)

    def _open(self, family: int, place: object) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(0)
            if family != socket.AF_UNIX:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            code = sock.connect_ex(place)  # type: ignore[arg-type] # as the family has it
            if code in _UNDER_WAY:
                self._wait(sock, selectors.EVENT_WRITE)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            _check(code)
        except OSError as error:
            sock.close()
            raise connect_failed(self._text, describe(error), error) from None
        except BaseException:
            sock.close()
            raise
        return sock

    def _secured(self, sock: socket.socket, address: HostAddress) -> socket.socket:
        if address.scheme == "tcp":
            return sock
        context = self._ssl_context or ssl.create_default_context()
        try:
            secured = context.wrap_socket(
                sock, server_hostname=address.host, do_handshake_on_connect=False
            )
        except (OSError, ValueError) as error:
            sock.close()
            raise connect_failed(self._text, str(error), error) from None
        try:
            self._shake_hands(secured)
        except BaseException:
            secured.close()
            raise
        return secured

    def _shake_hands(self, sock: ssl.SSLSocket) -> None:
        while True:
            try:
                sock.do_handshake()
            except ssl.SSLWantReadError:  # noqa: PERF203 - each turn waits for the peer
                self._wait(sock, selectors.EVENT_READ)
            except ssl.SSLWantWriteError:
                self._wait(sock, selectors.EVENT_WRITE)
            except OSError as error:
                raise tls_failed(self._text, error) from None
            else:
                return

    def _wait(
        self, sock: socket.socket, event: int, late: Callable[[], AmphisError] | None = None
    ) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(sock, event)
            selector.register(self._waker.near, selectors.EVENT_READ)
            while True:
                left = self._deadline - time.monotonic()
                ready = [key.fileobj for key, _ in selector.select(max(0, left))]
                if self._waker.near in ready:
                    self._waker.clear()
                if self._is_stopped():
                    raise connect_failed(self._text, "it was given up")
                if sock in ready:
                    return
                if left <= 0 and late is not None:
                    raise late()
                if left <= 0:
                    raise connect_failed(self._text, "it took too long")


def _check(code: int) -> None:
    if code:
        raise OSError(code, os.strerror(code))


def connect_failed(address: str, reason: str, cause: BaseException | None = None) -> AmphisError:
    """No connection could be made."""
    return AmphisError(
        ErrorCode.CONNECT_FAILED,
        f"Cannot connect to {address}: {reason}",
        {"address": address, "reason": reason},
        cause=cause,
    )


def tls_failed(address: str, error: OSError) -> AmphisError:
    """The peer could not prove who it is, or spoke no TLS."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return connect_failed(address, describe(error), error)
    return AmphisError(
        ErrorCode.PEER_REJECTED,
        f"Cannot trust peer at {address}: {error.verify_message}",
        {"address": address, "reason": error.verify_message},
        cause=error,
    )


def describe(error: OSError) -> str:
    """What the system says, without the number."""
    return error.strerror or str(error)
