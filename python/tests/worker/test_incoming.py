"""What reaches the code of a worker: objects, functions of the program, arrays and bytes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

# Tests are no package, and these share their peer.
sys.path.insert(0, str(Path(__file__).parents[2]))

from amphis import AmphisError, AttachmentKind, FrameAttachment, msgpack
from amphis._internal.memory.carrier import carry
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.values import Attachment, Handle
from amphis._internal.worker.functions import Held, TypeScriptFunction, TypeScriptIterable
from amphis._internal.worker.incoming import Incoming
from amphis._internal.worker.objects import Objects

if sys.platform == "linux":
    from tests.memory.host import Host


class Program:
    """The side that has the functions."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def ask(self, *asked: object) -> Any:  # noqa: ANN401 - of any kind
        self.asked.append(asked)
        return {"done": True}


class Worker:
    def __init__(self, guest: GuestMemory | None = None) -> None:
        self.objects = Objects()
        self.program = Program()
        self.incoming = Incoming(self.objects, guest, Held(self.program))

    def decode(self, value: object, *rest: Any) -> Any:  # noqa: ANN401 - of any kind
        return self.incoming.decode(value, *rest)


def _inline(value: object) -> tuple[FrameAttachment, str, dict[str, object]]:
    carried = carry(value, None)
    return carried.attachment, carried.format, carried.meta


def test_a_handle_becomes_its_object_at_any_depth() -> None:
    worker = Worker()
    thing = object()
    handle = worker.objects.put(thing)
    value = [1, handle, {"a": (handle, "b"), 2: [handle]}, {3}]
    body = msgpack().decode(msgpack().encode(value))
    assert worker.decode(body) == [1, thing, {"a": (thing, "b"), 2: [thing]}, {3}]
    assert worker.decode(handle) is thing
    assert worker.decode((handle,)) == (thing,)


@pytest.mark.parametrize(
    "value", [None, 5, "x", [1, [2]], {"a": {"b": (1, 2)}}, (1, 2), {1}], ids=repr
)
def test_a_value_without_handles_is_returned_as_it_came(value: object) -> None:
    assert Worker().decode(value) is value


def test_maps_keep_their_order() -> None:
    worker = Worker()
    handle = worker.objects.put("thing")
    assert list(worker.decode({"b": 1, "a": handle, "c": 2}).items()) == [
        ("b", 1),
        ("a", "thing"),
        ("c", 2),
    ]


def test_an_object_that_was_let_go_is_gone() -> None:
    worker = Worker()
    handle = worker.objects.put(object())
    worker.objects.release([handle.id])
    with pytest.raises(AmphisError) as caught:
        worker.decode([{"a": handle}])
    assert (caught.value.code, caught.value.id) == ("HANDLE_GONE", handle.id)


def test_a_step_becomes_its_result() -> None:
    worker = Worker()
    results = ["first", "second"]
    assert worker.decode([Handle(1, "amphis.step"), 5], (), results) == ["second", 5]


@pytest.mark.parametrize(
    "handle", [Handle(2, "amphis.step"), Handle(0, "amphis.other"), Handle(0, "amphis.")], ids=repr
)
def test_a_reserved_handle_that_means_nothing_is_refused(handle: Handle) -> None:
    with pytest.raises(AmphisError) as caught:
        Worker().decode([handle], (), ["first", "second"])
    assert caught.value.code == "BODY_INVALID"


def test_functions_and_iterables_of_the_program_can_be_used() -> None:
    worker = Worker()
    function, iterable = worker.decode([Handle(1, "amphis.function"), Handle(2, "amphis.iterable")])
    assert isinstance(function, TypeScriptFunction)
    assert isinstance(iterable, TypeScriptIterable)
    function(5, key=6)
    assert worker.program.asked == [(1, "call", (5,), {"key": 6})]
    assert list(iterable) == []


@pytest.mark.parametrize("count", [0, 10, 1 << 20])
def test_bytes_are_bytes_and_are_shown_where_they_are_when_that_is_said(count: int) -> None:
    worker = Worker()
    carried = _inline(bytes(count))
    attachments = (carried[0], carried[0])
    value = [Attachment(0, carried[1], {}), Attachment(1, carried[1], {"shown": True})]
    copied, shown = worker.decode(value, attachments)
    assert copied == bytes(count)
    assert type(copied) is bytes
    assert type(shown) is memoryview
    assert shown.nbytes == count


def test_arrays_and_tables_are_opened() -> None:
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    worker = Worker()
    array, table = _inline(np.arange(3.0)), _inline(pa.table({"a": [1]}))
    value = {"array": Attachment(0, array[1], array[2]), "table": [Attachment(1, table[1])]}
    arrived = worker.decode(value, (array[0], table[0]))
    assert arrived["array"].tolist() == [0.0, 1.0, 2.0]
    arrived["array"][0] = 5
    assert arrived["table"][0].column("a").to_pylist() == [1]


def test_an_attachment_that_is_named_twice_is_one_object() -> None:
    worker = Worker()
    attachment, format_, meta = _inline(bytes(70_000))
    named = Attachment(0, format_, meta)
    first, second = worker.decode([named, (named,)], (attachment,))
    assert second[0] is first


def test_an_attachment_that_the_frame_lacks_is_refused() -> None:
    with pytest.raises(AmphisError) as caught:
        Worker().decode([Attachment(1, "bytes")], (FrameAttachment(AttachmentKind.INLINE, b""),))
    assert caught.value.code == "BODY_INVALID"


@pytest.fixture
def host() -> Iterator[Any]:
    """The side that owns the memory; after the test every share was let go exactly once."""
    if sys.platform != "linux":
        pytest.skip("memory is shared on Linux only")
    with closing(Host()) as made:
        yield made
        gc.collect()
        assert made.shares == {}
        assert made.wrongly_released == []


def _lent(host: Any, count: int) -> tuple[FrameAttachment, ...]:  # noqa: ANN401 - of any kind
    references = (host.send(host.place(bytes(70_000))) for _ in range(count))
    return tuple(FrameAttachment(AttachmentKind.REFERENCE, each) for each in references)


def test_bytes_in_shared_memory_that_are_shown_are_not_copied(host: Any) -> None:  # noqa: ANN401 - of any kind
    worker = Worker(GuestMemory(host.lender()))
    lent = host.place(bytes(70_000))
    reference = host.send(lent)
    value = [Attachment(0, "bytes", {"shown": True})]
    view = worker.decode(value, (FrameAttachment(AttachmentKind.REFERENCE, reference),))[0]
    view[:5] = b"hello"
    assert host.memory[lent.offset : lent.offset + 5] == b"hello"


def test_memory_that_came_with_a_value_that_fails_is_let_go(host: Any) -> None:  # noqa: ANN401 - of any kind
    worker = Worker(GuestMemory(host.lender()))
    attachments = _lent(host, 3)
    gone = Handle(99, "builtins.list")
    value = [Attachment(0, "bytes"), gone, {"a": (Attachment(1, "bytes"), Attachment(2, "bytes"))}]
    with pytest.raises(AmphisError) as caught:
        worker.decode(value, attachments)
    assert caught.value.code == "HANDLE_GONE"
    del caught, value
    gc.collect()
    assert host.shares == {}


def test_memory_of_a_value_that_nobody_decodes_can_be_let_go(host: Any) -> None:  # noqa: ANN401 - of any kind
    worker = Worker(GuestMemory(host.lender()))
    attachments = _lent(host, 2)
    worker.incoming.discard([Attachment(0, "bytes"), {"a": Attachment(1, "bytes")}], attachments)
    gc.collect()
    assert host.shares == {}
