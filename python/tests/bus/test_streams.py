# ruff: noqa: ANN401 - payloads, requests and options of tests are of any kind
"""Streams come in order, as far as credit allows, and end where either side wants."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.bus.process import HubProcess
from tests.bus.shells import WAIT, Shell, code_of, until, with_enough_time

from amphis import AmphisError
from amphis.bus import open_bus_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


class Source:
    """A stream without end that knows how far it was read and whether it was closed."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = threading.Event()

    def handler(self, shell: str) -> Callable[[Any, Any], Any]:
        def items(_payload: object, _request: object) -> Iterator[int]:
            try:
                while True:
                    self.made += 1
                    yield self.made - 1
            finally:
                self.closed.set()

        async def async_items(_payload: object, _request: object) -> AsyncIterator[int]:
            try:
                while True:
                    self.made += 1
                    yield self.made - 1
            finally:
                self.closed.set()

        return items if shell == "threads" else async_items


def count(payload: Any, _request: object) -> Iterator[int]:
    yield from range(payload)


def test_a_generator_answers_with_a_stream(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    worker.register("count", count)
    assert list(client.stream("count", 1_000)) == list(range(1_000))
    assert list(client.stream("count", 0)) == []
    assert client.stats.pending_calls == 0


def test_one_value_stands_for_a_stream_of_one_item(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    worker.register("one", lambda payload, _request: payload)
    assert list(client.stream("one", {"a": 1})) == [{"a": 1}]


def test_a_stream_where_one_value_was_asked_for_is_refused(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    source = Source()
    worker.register("endless", source.handler(shell.kind))
    with pytest.raises(AmphisError) as caught:
        client.request("endless")
    assert code_of(caught) == "STREAM_UNEXPECTED"
    assert source.made == 0


def test_a_writer_is_never_further_than_credit_allows(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    source = Source()
    worker.register("endless", source.handler(shell.kind))
    stream = client.stream("endless", credit=4)
    assert next(stream) == 0
    until(lambda: source.made >= 4, "the first items")
    assert source.made <= 4
    assert [next(stream) for _ in range(20)] == list(range(1, 21))
    assert source.made <= 26
    stream.close()
    assert source.closed.wait(WAIT)


def test_leaving_a_stream_closes_the_generator(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    source = Source()
    endpoint = worker.register("endless", source.handler(shell.kind))
    stream = client.stream("endless")
    assert [next(stream) for _ in range(3)] == [0, 1, 2]
    stream.close()
    stream.close()
    assert list(stream) == []
    assert source.closed.wait(WAIT)
    until(lambda: endpoint.stats.running == 0, "the end of the handler")
    assert client.stats.pending_calls == 0


def test_a_stream_that_is_forgotten_is_cancelled(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    source = Source()
    worker.register("endless", source.handler(shell.kind))
    assert next(client.stream("endless")) == 0
    assert source.closed.wait(WAIT)
    until(lambda: client.stats.pending_calls == 0, "the end of the call")


def test_a_stream_breaks_off_with_what_the_generator_raises(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)

    def broken(_payload: object, _request: object) -> Iterator[int]:
        yield 1
        yield 2
        raise AmphisError("VALUE_OUT_OF_RANGE", "Cannot go on: tired")

    worker.register("broken", broken)
    stream = client.stream("broken")
    assert [next(stream), next(stream)] == [1, 2]
    with pytest.raises(AmphisError) as caught:
        next(stream)
    assert code_of(caught) == "VALUE_OUT_OF_RANGE"
    assert list(stream) == []


def test_a_stream_has_a_deadline_as_a_whole(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    source = Source()
    worker.register("endless", source.handler(shell.kind))

    def read(timeout: float) -> bool:
        with pytest.raises(AmphisError) as caught:
            for _ in client.stream("endless", timeout=timeout):
                pass
        assert code_of(caught) == "REQUEST_TIMEOUT"
        return source.made > 0

    with_enough_time(read)
    assert source.closed.wait(WAIT)


def test_a_handler_reads_the_stream_of_its_caller(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)

    def total(_payload: object, request: Any) -> object:
        return sum(request.input)

    async def async_total(_payload: object, request: Any) -> object:
        return sum([item async for item in request.input])

    worker.register("sum", total if shell.kind == "threads" else async_total)
    assert client.request("sum", input=range(1_000)) == sum(range(1_000))
    assert client.request("sum", input=[]) == 0
    assert client.request("sum") == 0


def test_streams_go_both_ways_within_one_call(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)

    def double(_payload: object, request: Any) -> Iterator[object]:
        for item in request.input:
            yield item * 2

    async def async_double(_payload: object, request: Any) -> AsyncIterator[object]:
        async for item in request.input:
            yield item * 2

    worker.register("double", double if shell.kind == "threads" else async_double)
    stream = client.stream("double", input=range(500))
    assert list(stream) == [2 * number for number in range(500)]


def test_an_input_is_closed_when_the_handler_wants_no_more(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield number
                number += 1
        finally:
            closed.set()

    def first(_payload: object, request: Any) -> object:
        return next(iter(request.input))

    async def async_first(_payload: object, request: Any) -> object:
        async for item in request.input:
            return item
        return None

    worker.register("first", first if shell.kind == "threads" else async_first)
    assert client.request("first", input=endless()) == 0
    assert closed.wait(WAIT)


def test_an_input_that_fails_fails_the_call_with_the_same_exception(
    shell: Shell, hub: HubProcess
) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)

    def total(_payload: object, request: Any) -> object:
        return sum(request.input)

    async def async_total(_payload: object, request: Any) -> object:
        return sum([item async for item in request.input])

    def broken() -> Iterator[int]:
        yield 1
        raise LookupError("no more")

    endpoint = worker.register("sum", total if shell.kind == "threads" else async_total)
    with pytest.raises(LookupError, match="no more"):
        client.request("sum", input=broken())
    until(lambda: endpoint.stats.running == 0, "the end of the handler")


def test_async_iterables_are_inputs_too(small_hub: HubProcess, leak_free: None) -> None:  # noqa: ARG001
    async def numbers() -> AsyncIterator[int]:
        for number in range(100):
            await asyncio.sleep(0)
            yield number

    async def total(_payload: object, request: Any) -> object:
        return sum([item async for item in request.input])

    async def story() -> object:
        async with open_bus_async(small_hub.address) as bus, bus.register("sum", total):
            return await bus.request("sum", input=numbers())

    assert asyncio.run(story()) == sum(range(100))
