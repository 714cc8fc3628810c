"""Hubs as processes, which can be stopped and killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

HERE = Path(__file__).parent
REAL_HUB = HERE.parents[2] / "packages/amphis/dist/bus/index.js"
WAIT = 20.0


def has_real_hub() -> bool:
    return REAL_HUB.exists() and shutil.which("node") is not None


class HubProcess:
    """A hub of one kind: `small`, which is beside this file, or `real`, which is TypeScript.

    `shared` is a real one too, for members who come over shared memory.
    """

    def __init__(self, kind: str, address: str, token: str | None = None) -> None:
        program = (
            [sys.executable, str(HERE / "hub.py")]
            if kind == "small"
            else [str(shutil.which("node")), str(HERE / "hub.mjs")]
        )
        self.kind = kind
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            [*program, address, *([] if token is None else [token])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address, f"the {kind} hub did not start"

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            try:
                self.process.communicate("", timeout=WAIT)
            except subprocess.TimeoutExpired:
                self.kill()
        else:
            self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
