"""Drives the rules for hosts with addresses that are made up.

    python hosts.py SEED ROUNDS

AMPHIS_NATIVE names the folder of an extension that was built with the sanitizers. What is allowed
is what Python's own `ipaddress` says, of names what their text says; whatever an address is made
of, it is judged and no memory is touched but its own. Nothing is connected to: the hook is told of
events that do not happen.
"""

from __future__ import annotations

import ipaddress
import random
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python" / "src"))

from amphis._internal.native import Missing, load_core
from amphis._internal.worker.guard_events import events_of

NETS = [("10.0.0.0/8", 443), ("192.0.2.128/25", 0), ("2001:db8::/33", 80), ("::1/128", 0)]
NETS += [("198.51.100.7/32", 65535), ("203.0.113.0/31", 1), ("fd00::/7", 443)]
NAMES = [("name", "api.example.org", 443), ("below", "example.net", 0), ("unix", "/run/x", 0)]
STRANGE: list[object] = [None, 1, 2**70, -1, 1.5, b"", b"\0", "\0", "\ud800", "ü" * 70, "a" * 300]
STRANGE += [bytearray(b"10.0.0.1"), [], (), {}, object(), "a..b", "10.0.0.1\0", b"\xff" * 255, True]


def main(seed: int, rounds: int) -> None:
    random_ = random.Random(seed)
    core = load_core()
    if isinstance(core, Missing):
        sys.exit(core.reason)
    rules = [("net", net, port) for net, port in NETS] + NAMES
    random_.shuffle(rules)
    events = events_of(frozenset({"network"}), has_paths=False, has_modules=False, has_hosts=True)
    core.guard(
        [event for event in events if event[1] == "network"],
        modules=[],
        read=None,
        write=None,
        report=lambda rule, event, target: PermissionError(rule, event, str(target)),
        hosts=rules,
    )
    sockets = [socket.socket(family) for family in (socket.AF_INET, socket.AF_INET6)]
    unix = socket.socket(socket.AF_UNIX)
    for _ in range(rounds):
        for event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
            judge(event, random_, sockets)
        assert allowed("socket.connect", unix, random_.choice(("/run/x", b"/run/x")))
        path = random_.choice(("/run/y", "/run/x/", "/run/x\0", b"\0/run/x", "", bytearray(b"/run/x")))
        assert not allowed("socket.connect", unix, path)
        strange(random_, [*sockets, unix, *STRANGE])
    sys.stdout.write(f"{rounds} rounds of seed {seed}\n")


def judge(event: str, random_: random.Random, sockets: list[socket.socket]) -> None:
    port = random_.choice((1, 80, 443, 444, 65535))
    if random_.random() < 0.3:
        host = random_.choice(("api.example.org", "API.example.ORG.", "x.example.net", "example.net",
                               "xapi.example.org", "a.b.Example.net", "xexample.net"))  # fmt: skip
        plain = host.lower().rstrip(".")
        expected = (plain == "api.example.org" and port == 443) or plain.endswith(".example.net")
    else:
        host, number = address_near(random_)
        nets = ((ipaddress.ip_network(net, strict=False), at) for net, at in NETS)
        expected = any(number in net and at in (0, port) for net, at in nets
                       if net.version == number.version)  # fmt: skip
    given: object = host.encode() if random_.random() < 0.3 else host
    address = (given, port) if ":" not in host else (given, port, 0, 0)
    got = allowed(event, random_.choice(sockets), address)
    assert got == expected, (event, address, got)


def address_near(random_: random.Random) -> tuple[str, ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """An address at the edge of a network, or in the middle of it."""
    net = ipaddress.ip_network(random_.choice(NETS)[0], strict=False)
    first = int(net.network_address)
    place = random_.choice((first - 1, first, first + net.num_addresses - 1,
                            first + net.num_addresses, first + random_.randrange(net.num_addresses)))  # fmt: skip
    place %= 1 << net.max_prefixlen
    if net.version == 4:
        four = ipaddress.IPv4Address(place)
        return random_.choice((str(four), f"::ffff:{four}", str(place), hex(place))), four
    return str(ipaddress.IPv6Address(place)), ipaddress.IPv6Address(place)


def strange(random_: random.Random, things: list[object]) -> None:
    """Objects in places where they do not belong are denied, or are none of its business."""
    for event in ("socket.connect", "socket.getaddrinfo", "socket.getnameinfo", "socket.sendmsg"):
        arguments = [random_.choice(things) for _ in range(random_.randrange(4))]
        if random_.random() < 0.5 and arguments:
            arguments[-1] = tuple(random_.choice(things) for _ in range(random_.randrange(4)))
        try:
            sys.audit(event, *arguments)
        except (PermissionError, IndexError):
            continue


def allowed(event: str, *arguments: object) -> bool:
    try:
        sys.audit(event, *arguments)
    except PermissionError:
        return False
    return True


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
