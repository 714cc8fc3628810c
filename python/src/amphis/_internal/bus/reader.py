"""Reads the items of a stream one by one, and gives credit for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.bodies.stream import CreditBody
from amphis._internal.bus.runtime import DONE
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from amphis._internal.bus.answer import Answer
    from amphis._internal.bus.flow import Inflow
    from amphis._internal.bus.passage import Passage


class Reader:
    """Items of a stream that comes within a call. One reader at a time."""

    __slots__ = ("_inflow", "_is_over", "_passage", "_taken")

    def __init__(self, passage: Passage, inflow: Inflow) -> None:
        self._passage = passage
        self._inflow = inflow
        self._taken = 0
        self._is_over = False

    def stop(self) -> None:
        """Read no more: the next item is the end."""
        self._is_over = True

    async def next(self) -> object:
        """The next item; `DONE` at the end of the stream.

        Raises:
            AmphisError: what the stream broke off with; SEQUENCE_BROKEN, REQUEST_TIMEOUT
        """
        if self._is_over:
            return DONE
        try:
            part = await self._part()
            if part.kind is FrameKind.ITEM:
                self._taken += 1
                return part.item(self._inflow)
            self._is_over = True
            # An endpoint that has one value answers with it where a stream was asked for.
            if part.kind is FrameKind.RESULT and self._taken == 0:
                return part.result()
            part.finish(self._inflow)
        except BaseException:
            self._is_over = True
            raise
        return DONE

    async def _part(self) -> Answer:
        inflow, passage = self._inflow, self._passage
        while True:
            with passage.runtime.lock:
                part = inflow.items.popleft() if inflow.items else inflow.end
                credit = inflow.due()
                if credit:
                    passage.put(FrameKind.CREDIT, CreditBody(credit).encode())
            if credit:
                passage.flush()
            if part is not None:
                return part
            if not await inflow.waiter.wait(passage.time_left()):
                raise passage.expired()
