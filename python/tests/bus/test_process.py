"""A bus and the process around it: signals, forks, the end of the interpreter, TLS."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.bus.process import HubProcess
from tests.bus.shells import WAIT, code_of, until

from amphis import AmphisError
from amphis.bus import open_bus

SERVE = """
import sys, asyncio
from amphis.bus import open_bus, open_bus_async

def handler(payload, request):
    print("working", flush=True)
    request.check()
    return payload

def threads():
    with open_bus(sys.argv[1], name="server") as bus:
        bus.register("echo", handler)
        print("ready", flush=True)
        bus.serve_forever()

async def loop():
    async with open_bus_async(sys.argv[1], name="server") as bus, bus.register("echo", handler):
        print("ready", flush=True)
        await bus.serve_forever()

threads() if sys.argv[2] == "threads" else asyncio.run(loop())
print("drained", flush=True)
"""

EXIT = """
import sys, threading
from amphis.bus import open_bus

bus = open_bus(sys.argv[1])
never = threading.Event()
bus.register("stuck", lambda payload, request: never.wait())
bus.send("stuck")
bus.send("stuck")
print("left open", flush=True)
"""


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-W", "error", "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def has_handler_of(program: subprocess.Popen[str], number: signal.Signals) -> bool:
    status = Path(f"/proc/{program.pid}/status").read_text("ascii")
    (caught,) = (line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which signals are handled")
@pytest.mark.parametrize("kind", ["threads", "loop"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_a_bus_that_serves(
    small_hub: HubProcess, kind: str, number: signal.Signals
) -> None:
    server = start(SERVE, small_hub.address, kind)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    with open_bus(small_hub.address) as bus:
        assert bus.request("echo", 5, timeout=WAIT) == 5
        # It serves before it waits, and takes SIGTERM over last.
        until(lambda: has_handler_of(server, signal.SIGTERM), "serve_forever")
        server.send_signal(number)
        out, errors = server.communicate(timeout=WAIT)
        assert (out, errors, server.returncode) == ("working\ndrained\n", "", 0)
        assert bus.find(name="echo") == []


@pytest.mark.parametrize("kind", ["threads", "loop"])
def test_serving_ends_with_what_ended_the_bus(own_hub: HubProcess, kind: str) -> None:
    program = SERVE.replace('name="server")', "options=BusOptions(reconnect=False))").replace(
        "import open_bus,", "import BusOptions, open_bus,"
    )
    server = start(program, own_hub.address, kind)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    own_hub.kill()
    _, errors = server.communicate(timeout=WAIT)
    assert server.returncode == 1
    assert "the hub closed the connection" in errors


def test_a_program_ends_with_a_bus_open_and_handlers_that_hang(small_hub: HubProcess) -> None:
    program = start(EXIT, small_hub.address)
    out, errors = program.communicate(timeout=WAIT)
    assert (out, errors, program.returncode) == ("left open\n", "", 0)


def test_a_bus_that_is_forgotten_lets_go_of_its_connection(
    small_hub: HubProcess,
    leak_free: None,  # noqa: ARG001
) -> None:
    with open_bus(small_hub.address) as watcher:
        open_bus(small_hub.address, name="forgotten")
        until(
            lambda: "forgotten" not in {peer.name for peer in watcher.health().peers},
            "the end of the forgotten",
        )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_forked_child_has_no_bus_and_its_parent_keeps_it(small_hub: HubProcess) -> None:
    program = """
import os, sys
from amphis import AmphisError
from amphis.bus import open_bus

with open_bus(sys.argv[1]) as bus:
    bus.register("echo", lambda payload, request: payload)
    child = os.fork()
    if child == 0:
        try:
            bus.request("echo", 1)
        except AmphisError as error:
            print(error.code.value, flush=True)
        bus.close()
        with open_bus(sys.argv[1]) as own:
            print(own.request("echo", "of the child"), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    print(bus.request("echo", "of the parent"), bus.stats.connections, flush=True)
"""
    forked = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, small_hub.address],
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=False,
    )
    assert forked.stdout == "BUS_CLOSED\nof the child\nof the parent 1\n", forked.stderr


def test_a_hub_with_a_token_lets_in_only_who_has_it(tmp_path: Path) -> None:
    with HubProcess("small", f"unix:{tmp_path}/hub", "secret") as hub:
        for token in (None, "wrong"):
            with pytest.raises(AmphisError) as caught:
                open_bus(hub.address, token=token)
            assert code_of(caught) == "AUTHENTICATION_FAILED"
        with open_bus(hub.address, token="secret") as bus:  # noqa: S106 - of a test
            assert bus.find() == []
