"""Addresses that this side can connect to, and what is wrong with others."""

from __future__ import annotations

import pytest

from amphis import AmphisError
from amphis._internal.transport.address import (
    HostAddress,
    SharedAddress,
    UnixAddress,
    parse_address,
)


def test_each_scheme_has_its_own_form() -> None:
    assert parse_address("unix:/run/a") == UnixAddress("/run/a")
    assert parse_address("unix:@a") == UnixAddress("\0a")
    assert parse_address("shm:/run/a") == SharedAddress("/run/a")
    assert parse_address("shm:@a") == SharedAddress("\0a")
    assert parse_address("tcp://[::1]:80") == HostAddress("tcp", "::1", 80)
    assert parse_address("tls://host:443") == HostAddress("tls", "host", 443)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("shm", "no scheme"),
        ("shm:", "absolute"),
        ("shm:relative", "absolute"),
        ("shm:/folder/", "names a folder"),
        ("shm://host/path", "no host"),
        ("shm:@", "empty"),
        ("shm:/a\0b", "NUL"),
        ("smh:/path", "no scheme 'smh'"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(address: str, reason: str) -> None:
    with pytest.raises(AmphisError, match=reason) as caught:
        parse_address(address)
    assert caught.value.code == "ADDRESS_INVALID"
