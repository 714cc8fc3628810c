"""The one form of addresses, as far as this side can connect to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

# host and port behind //; IPv6 in brackets
_AUTHORITY = re.compile(r"//(\[[0-9a-fA-F:.]+\]|[^\s:/?#@\[\]]+):(\d{1,5})")
_HERE = "unix:/path, shm:/path, tcp://host:port or tls://host:port"
_ELSEWHERE = {
    "pipe": "named pipes are not for Python",
    "ws": "WebSocket is not for Python",
    "wss": "WebSocket is not for Python",
    "stdio": "a bus is not joined over standard streams",
    "inproc": "that is within one TypeScript process",
}


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket in the file system, or an abstract one, whose path begins with NUL."""

    path: str


@dataclass(frozen=True, slots=True)
class SharedAddress:
    """As `UnixAddress`; a channel in shared memory is opened over the socket."""

    path: str


@dataclass(frozen=True, slots=True)
class HostAddress:
    """A port of a host, plain or with TLS."""

    scheme: Literal["tcp", "tls"]
    host: str
    port: int


Address: TypeAlias = "UnixAddress | SharedAddress | HostAddress"


def parse_address(address: str) -> Address:
    """Read an address.

    Raises:
        AmphisError: ADDRESS_INVALID with what is wrong, and what to write instead
    """
    scheme, colon, rest = address.partition(":")
    if scheme == "unix" and colon:
        return UnixAddress(_path(address, rest))
    if scheme == "shm" and colon:
        return SharedAddress(_path(address, rest))
    if scheme == "tcp":
        return _host(address, "tcp", rest)
    if scheme == "tls":
        return _host(address, "tls", rest)
    if scheme in _ELSEWHERE and colon:
        raise _invalid(address, f"{_ELSEWHERE[scheme]}; use {_HERE}")
    reason = f"there is no scheme {scheme!r}" if colon else "it starts with no scheme"
    raise _invalid(address, f"{reason}; use {_HERE}")


def _path(address: str, rest: str) -> str:
    if "\0" in rest:
        raise _invalid(address, "a path contains no NUL")
    if rest.startswith("@"):
        if len(rest) == 1:
            raise _invalid(address, "the name behind @ is empty")
        return f"\0{rest[1:]}"
    if rest.startswith("//"):
        raise _invalid(address, "a path has no host: write it with one slash")
    if not rest.startswith("/"):
        raise _invalid(address, "the path must be absolute")
    if rest.endswith("/"):
        raise _invalid(address, "the path names a folder")
    return rest


def _host(address: str, scheme: Literal["tcp", "tls"], rest: str) -> HostAddress:
    found = _AUTHORITY.fullmatch(rest)
    if found is None:
        raise _invalid(address, f"it must have the form {scheme}://host:port")
    host, port = found[1], int(found[2])
    if not 0 < port < 1 << 16:
        raise _invalid(address, f"port {port} is not from 1 to 65535")
    return HostAddress(scheme, host[1:-1] if host.startswith("[") else host, port)


def _invalid(address: str, reason: str) -> AmphisError:
    return AmphisError(
        ErrorCode.ADDRESS_INVALID,
        f"Cannot use address {address!r}: {reason}",
        {"address": address, "reason": reason},
    )
