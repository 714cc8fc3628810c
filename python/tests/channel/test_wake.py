"""A receive that is woken from another thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from tests.channel.conftest import Pairs


def test_wake_ends_a_receive_that_waits_and_loses_nothing(pairs: Pairs) -> None:
    channel, host = pairs.open()
    waiting = pairs.threads.submit(channel.receive)
    channel.wake()
    assert waiting.result(20) is None
    host.send(Frame(FrameKind.EVENT, b"a"))
    frame = channel.receive(20)
    assert frame is not None
    assert bytes(frame.body) == b"a"


def test_wake_before_a_receive_ends_the_next_once(pairs: Pairs) -> None:
    channel, host = pairs.open()
    channel.wake()
    channel.wake()
    assert channel.receive(20) is None
    host.send(Frame(FrameKind.EVENT, b"a"))
    while (frame := channel.receive(20)) is None:
        pass
    assert bytes(frame.body) == b"a"
