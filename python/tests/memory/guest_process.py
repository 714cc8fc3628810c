"""Runs `guest_program.py` beside a host of this process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.memory.host import HOLDER, Host

_PROGRAM = Path(__file__).with_name("guest_program.py")


class GuestProcess:
    """A guest in another process; the host lends to it while it waits for an answer."""

    def __init__(self, host: Host) -> None:
        self._host = host
        words = [str(host.descriptor), str(len(host.memory)), str(HOLDER), host.key.hex()]
        self._process = subprocess.Popen(  # noqa: S603 - a program of these tests
            [sys.executable, str(_PROGRAM), *words],
            pass_fds=[host.descriptor],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, **order: object) -> dict[str, Any]:
        """Give an order, serve what the guest wants meanwhile, and wait for its answer."""
        self._say(order)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            heard: dict[str, Any] = json.loads(line)
            if not self._serve(heard):
                return heard
        raise EOFError("Cannot hear the guest: it ended; `end` tells how")

    def end(self) -> tuple[int, str]:
        """Let it come to its end: exit code, and what it said on standard error."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.close()
        # Line by line to the end, as some lines are in the buffer of this stream already.
        for line in process.stdout:
            self._serve(json.loads(line))
        errors = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
        return process.wait(timeout=30), errors

    def _serve(self, heard: dict[str, Any]) -> bool:
        if heard["kind"] == "release":
            self._host.release(heard["generation"])
        elif heard["kind"] == "want":
            lent = self._host.lend(heard["bytes"])
            self._say({"lent": [lent.arena, lent.generation, lent.offset, lent.byte_length]})
        else:
            return False
        return True

    def _say(self, message: dict[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
