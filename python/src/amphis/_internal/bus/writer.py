"""Sends the items of an iterator within a call, as far as the peer gives credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.bodies.stream import EndBody, ItemBody
from amphis._internal.bus.runtime import DONE
from amphis._internal.frame.header import FrameKind
from amphis._internal.transport.waiting import wait_among

if TYPE_CHECKING:
    from amphis._internal.bus.flow import Outflow
    from amphis._internal.bus.passage import Passage


async def write_items(passage: Passage, outflow: Outflow, source: object) -> None:
    """Send every item of an iterator, then the end. Closes the iterator, whatever happens.

    An item is taken from the iterator only when it may go. Returns early when nobody reads any
    more.

    Raises:
        AmphisError: an item that cannot travel; REQUEST_TIMEOUT
        Exception: what the iterator raises
    """
    runtime = passage.runtime
    codec = passage.session.codecs[passage.codec]
    sequence = 0
    try:
        while await _may_go(passage, outflow):
            item = await runtime.pull(source)
            if item is DONE:
                _say(passage, outflow, FrameKind.END, EndBody(sequence).encode(codec))
                return
            _say(passage, outflow, FrameKind.ITEM, ItemBody(sequence, item).encode(codec))
            sequence += 1
            await runtime.breathe()
    finally:
        await runtime.dispose(source)


async def _may_go(passage: Passage, outflow: Outflow) -> bool:
    while await has_room(passage, outflow):
        with passage.runtime.lock:
            if outflow.credit:
                outflow.credit -= 1
                return True
        if not await outflow.waiter.wait(passage.time_left()):
            raise passage.expired()
    return False


async def has_room(passage: Passage, outflow: Outflow) -> bool:
    """Wait until more may be said; False when nobody listens any more.

    Raises:
        AmphisError: REQUEST_TIMEOUT
    """
    outbox, waiter = passage.session.outbox, outflow.waiter
    while True:
        with passage.runtime.lock:
            if outflow.is_over:
                return False
            if not outbox.is_full:
                return True
            outbox.waiters.append(waiter)
        left = passage.time_left()
        if not await wait_among(outbox.waiters, waiter, left, passage.runtime.lock):
            raise passage.expired()


def _say(passage: Passage, outflow: Outflow, kind: FrameKind, body: bytes) -> None:
    with passage.runtime.lock:
        if not outflow.is_over:
            passage.put(kind, body, passage.codec)
    passage.flush()
