"""How a worker is to do a call or a program (spec/worker.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from amphis._internal.bodies.place import MAX_SAFE, Place

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_RESULTS = ("auto", "value", "handle", "arrow")


class WorkOptions(Protocol):
    """What calls and programs have in common; None: as the worker does it by itself."""

    @property
    def ttl_ms(self) -> int | None: ...
    @property
    def idempotent(self) -> bool | None: ...
    @property
    def stream(self) -> bool | None: ...
    @property
    def result(self) -> str | None: ...
    @property
    def traceparent(self) -> str | None: ...
    @property
    def timed(self) -> bool | None: ...
    @property
    def nested(self) -> bool | None: ...
    @property
    def within(self) -> int | None: ...
    @property
    def operations(self) -> bool | None: ...


def encode_options(work: WorkOptions) -> dict[str, object]:
    """The map on the wire, without what is absent."""
    options: dict[str, object | None] = {
        "ttlMs": work.ttl_ms,
        "idempotent": work.idempotent,
        "stream": work.stream,
        "result": work.result,
        "traceparent": work.traceparent,
        "timed": work.timed,
        "nested": work.nested,
        "within": work.within,
        "operations": work.operations,
    }
    return {name: value for name, value in options.items() if value is not None}


def read_option(options: Place, name: str, read: Callable[[Place], T]) -> T | None:
    """One option; None when it is absent."""
    place = options.key(name)
    return None if place.is_absent else read(place)


def whole(place: Place) -> int:
    """An int from 0 to 2^53-1."""
    return place.integer(0, MAX_SAFE)


def result_mode(place: Place) -> str:
    """How a result travels."""
    return place.one_of(_RESULTS)
