"""A worker, from its two connections to its end (spec/worker.md)."""

from __future__ import annotations

import os
import socket
import sys

from amphis._internal.channel.connect import open_inherited
from amphis._internal.channel.options import ChannelOptions
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import MAX_FRAME_BYTES, FrameKind
from amphis._internal.light import Protocol
from amphis._internal.worker.cancel import Why, deliver_again
from amphis._internal.worker.control import Control
from amphis._internal.worker.core import Core
from amphis._internal.worker.fatal import announce_fatal_signals
from amphis._internal.worker.opening import exchange_hellos, load, ready_event
from amphis._internal.worker.output import capture
from amphis._internal.worker.process import ProcessProfile
from amphis._internal.worker.requests import read_cancel, read_event, read_recall
from amphis._internal.worker.stacks import Stacks
from amphis._internal.worker.telling import TELLING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import NoReturn

    from amphis._internal.bodies.place import Place
    from amphis._internal.frame.frame import Frame
    from amphis._internal.worker.guard_judge import Judge

# CPython lets a thread that computes keep the interpreter for 5 ms, in which no ping is answered.
_SWITCH_INTERVAL_S = 1e-4


class Profile(Protocol):
    """How a worker does its work."""

    def run(self) -> NoReturn:
        """Work until the program has enough."""

    def cancel(self, call_id: int, why: Why) -> None:
        """Break a call off; called by the thread that reads the control line."""

    def recall(self, call_ids: Iterable[int]) -> list[int]:
        """Give calls back that are not begun, and say which; called as `cancel`."""

    def stop(self) -> None:
        """End when everything is done that came so far; called as `cancel`."""


def run(channel_fd: int, control_fd: int, config: Mapping[str, object]) -> NoReturn:
    """Be a worker; the process ends in here.

    Args:
        channel_fd: Unix stream socket of the channel; owned from here on
        control_fd: Unix stream socket of the control line; owned from here on
        config: profile, threads, preload, path, policy, worker, maxFrameBytes, spinNs or spinMs;
            each may be absent
    """
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    max_frame_bytes = _number(config, "maxFrameBytes", MAX_FRAME_BYTES)
    stacks = Stacks()
    control = Control(socket.socket(fileno=control_fd), max_frame_bytes)
    try:
        options = ChannelOptions(
            spin_ns=_spin_ns(config),
            max_frame_bytes=max_frame_bytes,
            # A program may stand still for as long as it likes, as in a debugger. Its end is heard.
            send_timeout=float("inf"),
        )
        policy = config.get("policy")
        core = Core(open_inherited(channel_fd, options), control, _judge_of(policy))
        TELLING.join(core)
        announce_fatal_signals(control, core.codec)
        profile = _profile(config, core)
        control.start(_Ears(core, profile, stacks).hear)
        deliver_again(core.guards)
        # Until it is wanted, a spare waits here.
        exchange_hellos(core.channel, max_frame_bytes)
    except AmphisError as error:
        sys.stderr.write(f"Cannot start worker: {error.message}\n")
        sys.stderr.flush()
        os._exit(1)
    core.output = capture(core.log, core.current_call)
    if core.judge is not None:
        core.judge.guard(core)
    loaded = load(config)
    core.event(ready_event(loaded, stacks, None if core.judge is None else core.judge.kind))
    profile.run()


class _Ears:
    """What is done about frames of the control line, in the thread that reads it."""

    def __init__(self, core: Core, profile: Profile, stacks: Stacks) -> None:
        self._core = core
        self._profile = profile
        self._stacks = stacks

    def hear(self, frame: Frame) -> None:
        try:
            if frame.kind is FrameKind.CANCEL:
                reason, code = read_cancel(self._core.codec.decode(frame.body))
                self._profile.cancel(frame.call_id, Why(reason, code))
            elif frame.kind is FrameKind.EVENT:
                self._event(*read_event(self._core.codec, bytes(frame.body)))
            elif frame.kind is not FrameKind.PONG:
                self._core.complain(frame)
        except AmphisError as error:
            self._core.complain(frame, error)

    def _event(self, event: str, body: Place) -> None:
        if event == "dump":
            self._core.event({"event": "stacks", "text": self._stacks.read()})
        elif event == "recall":
            calls = self._profile.recall(read_recall(body))
            self._core.event({"event": "recalled", "calls": calls})
        elif event == "quiet":
            TELLING.is_on = False
        elif event == "stop":
            self._profile.stop()


def _profile(config: Mapping[str, object], core: Core) -> Profile:
    name = config.get("profile") or "process"
    threads = _number(config, "threads", 0)
    if name == "process":
        return ProcessProfile(core)
    if name == "thread":
        from amphis._internal.worker.threads import ThreadProfile  # noqa: PLC0415 - one is enough

        return ThreadProfile(core, threads or min(32, (os.cpu_count() or 1) + 4))
    if name == "asyncio":
        from amphis._internal.worker.coroutines import AsyncioProfile  # noqa: PLC0415 - as above

        return AsyncioProfile(core, threads)
    raise ValueError(f"Cannot start worker: there is no profile {name!r}")


def _judge_of(policy: object) -> Judge | None:
    """Who judges what is reached, where there is a policy."""
    if policy is None:
        return None
    # Few workers have one.
    from amphis._internal.worker.guard_judge import Judge  # noqa: PLC0415
    from amphis._internal.worker.guard_policy import Policy  # noqa: PLC0415

    assert isinstance(policy, Policy)  # noqa: S101 - narrows the type
    return Judge(policy)


def _number(config: Mapping[str, object], key: str, otherwise: int) -> int:
    value = config.get(key)
    return value if isinstance(value, int) else otherwise


def _spin_ns(config: Mapping[str, object]) -> int:
    spin_ms = config.get("spinMs")
    if isinstance(spin_ms, (int, float)):
        return max(0, round(spin_ms * 1_000_000))
    return _number(config, "spinNs", 0)
