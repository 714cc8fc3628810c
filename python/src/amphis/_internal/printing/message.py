"""A message as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from amphis._internal.printing.style import PrintStyle, choose_paint
from amphis._internal.printing.text import quoted_text
from amphis._internal.printing.value import ValuePrinter
from amphis._internal.values import MAX_SECONDS, Timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from enum import Enum
    from uuid import UUID

_NS_PER_MS = 1_000_000


class PrintableMessage(Protocol):
    """The fields of a message; printing stands below messages and knows only these."""

    @property
    def type(self) -> Enum: ...
    @property
    def id(self) -> UUID: ...
    @property
    def correlation_id(self) -> UUID | None: ...
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def priority(self) -> Enum: ...
    @property
    def ttl_ms(self) -> int | None: ...
    @property
    def schema(self) -> str | None: ...
    @property
    def version(self) -> int: ...
    @property
    def metadata(self) -> Mapping[str, object]: ...
    @property
    def payload(self) -> object: ...


def format_message(
    message: PrintableMessage, *, style: PrintStyle = "compact", color: bool | None = None
) -> str:
    """Show a message to a person, with the promises of `format_value`.

    Fields that have their default are left out.
    """
    printer = ValuePrinter(style, choose_paint(color))
    named = _name(message.type)
    fields = [*_header(message, style, printer), *_values(message, style, printer)]
    if style == "compact":
        return " ".join([named, *(f"{name}={text}" for name, text in fields)])
    return "\n  ".join([f"message {named}", *(f"{name}: {text}" for name, text in fields)])


def _header(
    message: PrintableMessage, style: PrintStyle, printer: ValuePrinter
) -> Iterator[tuple[str, str]]:
    def quoted(text: str) -> str:
        return printer.paint(quoted_text(text, printer.limits.code_points), "text")

    yield "id", str(message.id)
    if message.correlation_id is not None:
        yield "correlationId", str(message.correlation_id)
    if message.source:
        yield "source", quoted(message.source)
    if message.target:
        yield "target", quoted(message.target)
    if style == "verbose":
        yield "timestamp", _instant(message.timestamp)
    if _name(message.priority) != "normal":
        yield "priority", _name(message.priority)
    if message.ttl_ms is not None:
        yield "ttlMs", str(message.ttl_ms)
    if message.schema is not None:
        yield "schema", quoted(message.schema)
    if message.version != 1:
        yield "version", str(message.version)


def _values(
    message: PrintableMessage, style: PrintStyle, printer: ValuePrinter
) -> Iterator[tuple[str, str]]:
    indent = "  " if style == "verbose" else ""
    if message.metadata:
        yield "metadata", printer.print(message.metadata, indent)
    yield "payload", printer.print(message.payload, indent)


def _instant(timestamp_ms: int) -> str:
    """A timestamp may be any int that a peer sent, also one beyond the years that have a text."""
    seconds, rest = divmod(timestamp_ms, 1_000)
    if seconds > MAX_SECONDS:
        return str(timestamp_ms)
    return Timestamp(seconds, rest * _NS_PER_MS).to_iso()


def _name(member: Enum) -> str:
    return member.name.lower()
