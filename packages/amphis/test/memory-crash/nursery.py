"""Forks guests off one interpreter that has everything loaded.

A line of JSON for each: `{"id", "addresses", "at", "signal", "offer", "scribbles"}`. Answers are
lines too: `{"id", "pid"}`, then `{"id", "stopped"}` and `{"id", "ended"}`: a signal, or minus the
exit code.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from guest import remember_mappings, session
from hazard import Hazard, cut_offer

children: dict[int, int] = {}
# What is needed by all, collection need not look at.
gc.freeze()


def say(**news: object) -> None:
    os.write(1, json.dumps(news).encode() + b"\n")


def live(plan: dict[str, Any]) -> int:
    """The life of a guest: one session after the other. Returns the exit code."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    # For those who look why something hangs.
    faulthandler.register(signal.SIGUSR1)
    hazard = Hazard(plan["at"], plan["signal"])
    if plan["at"]:
        hazard.lay()
    if plan["offer"] >= 0:
        cut_offer(plan["offer"])
    if plan["scribbles"]:
        remember_mappings()
    history: list[dict[str, object]] = []
    for address in plan["addresses"]:
        outlives = address != plan["addresses"][-1]
        history.append(session(address, hazard, history, outlives=outlives))
    for record in history:
        left = record["left"]
        if (
            "untyped" in record
            or "torn" in record
            or (not plan["scribbles"] and any(left.values()))
        ):  # type: ignore[attr-defined]
            os.write(2, f"guest {os.getpid()}: {record}\n".encode())
            return 1
    return 0


def start(plan: dict[str, Any]) -> None:
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = live(plan)
        finally:
            os._exit(code)
    children[pid] = plan["id"]
    say(id=plan["id"], pid=pid)


def reap() -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            return
        if os.WIFSTOPPED(status):
            say(id=children[pid], stopped=True)
        else:
            say(id=children.pop(pid), ended=-os.waitstatus_to_exitcode(status))


def main() -> None:
    wakeup, bell = os.pipe()
    os.set_blocking(bell, False)
    os.set_blocking(wakeup, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(bell)
    events = select.poll()
    events.register(0, select.POLLIN)
    events.register(wakeup, select.POLLIN)
    rest = b""
    while True:
        ready = {descriptor for descriptor, _ in events.poll()}
        if wakeup in ready:
            os.read(wakeup, 4_096)
            reap()
        if 0 in ready:
            data = os.read(0, 65_536)
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                start(json.loads(line))
    for pid in children:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
