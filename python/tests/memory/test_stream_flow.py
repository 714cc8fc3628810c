"""Credit and order of a stream of chunks, under any schedule."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amphis import AmphisError, ErrorCode
from amphis._internal.memory.stream_flow import Inflow, Outflow

STEPS = ("write", "arrive", "use", "credit")


class Stream:
    """A writer and a reader with all that is between them, of which any may be late."""

    def __init__(self, window: int, chunks: int) -> None:
        self.outflow = Outflow()
        self.inflow = Inflow(window)
        self.arrived: list[int] = []
        self._window = window
        self._chunks = chunks
        self._items: deque[int] = deque()
        self._credits: deque[int] = deque()
        self._waiting = 0
        self._in_hand = 0

    def run(self, step: str) -> bool:
        """Returns whether there was anything to do."""
        did = {
            "write": self._write,
            "arrive": self._arrive,
            "use": self._use,
            "credit": self._credit,
        }[step]()
        assert len(self._items) + self._waiting + self._in_hand <= self._window
        return did

    def _write(self) -> bool:
        if self.outflow.credit == 0 or self.outflow.count == self._chunks:
            return False
        self._items.append(self.outflow.take())
        return True

    def _arrive(self) -> bool:
        if not self._items:
            return False
        sequence = self._items.popleft()
        self.inflow.arrive(sequence)
        self.arrived.append(sequence)
        self._waiting += 1
        return True

    def _use(self) -> bool:
        credit, had = self.inflow.begin(), self._in_hand
        if had:
            credit += self.inflow.use()
        self._in_hand = min(1, self._waiting)
        self._waiting -= self._in_hand
        if credit:
            self._credits.append(credit)
        return credit + had + self._in_hand > 0

    def _credit(self) -> bool:
        if not self._credits:
            return False
        self.outflow.grant(self._credits.popleft())
        return True


@given(
    st.integers(1, 9),
    st.integers(0, 40),
    st.lists(st.sampled_from(STEPS), max_size=200),
)
def test_any_schedule_brings_every_chunk_in_order_within_the_window(
    window: int, chunks: int, schedule: list[str]
) -> None:
    stream = Stream(window, chunks)
    for step in schedule:
        stream.run(step)
    # Whatever came before, it never comes to a standstill.
    while any(stream.run(step) for step in STEPS):
        pass
    assert stream.arrived == list(range(chunks))
    stream.inflow.end(stream.outflow.count)


@given(st.integers(1, 9), st.integers(0, 30))
def test_a_chunk_beyond_the_credit_is_refused_wherever_it_comes(window: int, used: int) -> None:
    inflow = Inflow(window)
    credit = inflow.begin()
    for sequence in range(used):
        inflow.arrive(sequence)
        credit += inflow.use() - 1
    for sequence in range(used, used + credit):
        inflow.arrive(sequence)
    with pytest.raises(AmphisError) as raised:
        inflow.arrive(used + credit)
    assert raised.value.code == ErrorCode.CHUNK_STREAM_OVERRUN
    assert raised.value.context["window"] == window


def test_chunks_out_of_order_or_after_the_end_are_refused() -> None:
    inflow = Inflow(4)
    inflow.begin()
    inflow.arrive(0)
    for act, sequence in ((inflow.arrive, 0), (inflow.arrive, 2), (inflow.end, 2)):
        with pytest.raises(AmphisError) as raised:
            act(sequence)
        assert raised.value.code == ErrorCode.SEQUENCE_BROKEN
    inflow.end(1)
    for late in (inflow.arrive, inflow.end):
        with pytest.raises(AmphisError) as raised:
            late(1)
        assert raised.value.code == ErrorCode.CHUNK_STREAM_ENDED
    assert (inflow.begin(), inflow.use()) == (0, 0)


def test_credit_cannot_be_taken_where_there_is_none() -> None:
    with pytest.raises(ValueError, match="there is none"):
        Outflow().take()
