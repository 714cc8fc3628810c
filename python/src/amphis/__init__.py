"""Python end of Amphis: the protocol that TypeScript and Python speak with each other.

A name is loaded when it is first used: all of them take longer than Python takes to start, of which
a worker, and most programs, need little.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal._generated.error_codes import ErrorCode
    from amphis._internal.bodies.call import CallBody, CancelBody, ResultBody
    from amphis._internal.bodies.error import ErrorBody
    from amphis._internal.bodies.reference import Reference
    from amphis._internal.bodies.stream import CreditBody, EndBody, ItemBody, SequenceCheck
    from amphis._internal.codec.choose import codec
    from amphis._internal.codec.codec import Codec
    from amphis._internal.codec.compact.codec import CompactCodec, compact, compact_for
    from amphis._internal.codec.json_text.codec import json
    from amphis._internal.codec.msgpack.codec import msgpack
    from amphis._internal.error_wire import decode_error, encode_error
    from amphis._internal.errors import AmphisError, is_amphis_error
    from amphis._internal.frame.decode import FrameDecoder
    from amphis._internal.frame.encode import encode_frame, frame_parts
    from amphis._internal.frame.frame import AttachmentKind, Frame, FrameAttachment
    from amphis._internal.frame.header import FrameHeader, FrameKind, peek_header
    from amphis._internal.hello import Hello, Negotiated, negotiate
    from amphis._internal.message.builder import MessageBuilder
    from amphis._internal.message.choose import message_codec
    from amphis._internal.message.codec import MessageCodec, MessageHead, PayloadContracts
    from amphis._internal.message.message import Message, MessageType
    from amphis._internal.message.uuid7 import uuid7
    from amphis._internal.printing.frame import format_frame
    from amphis._internal.printing.message import format_message
    from amphis._internal.printing.style import wants_color
    from amphis._internal.printing.value import format_value
    from amphis._internal.priority import Priority
    from amphis._internal.registry import Contract, SchemaRegistry
    from amphis._internal.schema.compatibility import incompatibilities
    from amphis._internal.schema.failure import ValidationFailure
    from amphis._internal.schema.keywords import Schema
    from amphis._internal.schema.validator import Validator, compile_schema
    from amphis._internal.values import Attachment, Ext, Handle, Timestamp
    from amphis._internal.worker.exceptions import Cancelled, TypeScriptError
    from amphis._internal.worker.telling import Operation, operation
    from amphis._internal.worker.trace import trace_context

__all__ = [
    "AmphisError",
    "Attachment",
    "AttachmentKind",
    "CallBody",
    "CancelBody",
    "Cancelled",
    "Codec",
    "CompactCodec",
    "Contract",
    "CreditBody",
    "EndBody",
    "ErrorBody",
    "ErrorCode",
    "Ext",
    "Frame",
    "FrameAttachment",
    "FrameDecoder",
    "FrameHeader",
    "FrameKind",
    "Handle",
    "Hello",
    "ItemBody",
    "Message",
    "MessageBuilder",
    "MessageCodec",
    "MessageHead",
    "MessageType",
    "Negotiated",
    "Operation",
    "PayloadContracts",
    "Priority",
    "Reference",
    "ResultBody",
    "Schema",
    "SchemaRegistry",
    "SequenceCheck",
    "Timestamp",
    "TypeScriptError",
    "ValidationFailure",
    "Validator",
    "codec",
    "compact",
    "compact_for",
    "compile_schema",
    "decode_error",
    "encode_error",
    "encode_frame",
    "format_frame",
    "format_message",
    "format_value",
    "frame_parts",
    "incompatibilities",
    "is_amphis_error",
    "json",
    "message_codec",
    "msgpack",
    "negotiate",
    "operation",
    "peek_header",
    "trace_context",
    "uuid7",
    "wants_color",
]

_PLACES = {
    "_generated.error_codes": ("ErrorCode",),
    "bodies.call": (
        "CallBody",
        "CancelBody",
        "ResultBody",
    ),
    "bodies.error": ("ErrorBody",),
    "bodies.reference": ("Reference",),
    "bodies.stream": (
        "CreditBody",
        "EndBody",
        "ItemBody",
        "SequenceCheck",
    ),
    "codec.choose": ("codec",),
    "codec.codec": ("Codec",),
    "codec.compact.codec": (
        "CompactCodec",
        "compact",
        "compact_for",
    ),
    "codec.json_text.codec": ("json",),
    "codec.msgpack.codec": ("msgpack",),
    "error_wire": (
        "decode_error",
        "encode_error",
    ),
    "errors": (
        "AmphisError",
        "is_amphis_error",
    ),
    "frame.decode": ("FrameDecoder",),
    "frame.encode": (
        "encode_frame",
        "frame_parts",
    ),
    "frame.frame": (
        "AttachmentKind",
        "Frame",
        "FrameAttachment",
    ),
    "frame.header": (
        "FrameHeader",
        "FrameKind",
        "peek_header",
    ),
    "hello": (
        "Hello",
        "Negotiated",
        "negotiate",
    ),
    "message.builder": ("MessageBuilder",),
    "message.choose": ("message_codec",),
    "message.codec": (
        "MessageCodec",
        "MessageHead",
        "PayloadContracts",
    ),
    "message.message": (
        "Message",
        "MessageType",
    ),
    "message.uuid7": ("uuid7",),
    "printing.frame": ("format_frame",),
    "printing.message": ("format_message",),
    "printing.style": ("wants_color",),
    "printing.value": ("format_value",),
    "priority": ("Priority",),
    "registry": (
        "Contract",
        "SchemaRegistry",
    ),
    "schema.compatibility": ("incompatibilities",),
    "schema.failure": ("ValidationFailure",),
    "schema.keywords": ("Schema",),
    "schema.validator": (
        "Validator",
        "compile_schema",
    ),
    "values": (
        "Attachment",
        "Ext",
        "Handle",
        "Timestamp",
    ),
    "worker.exceptions": (
        "Cancelled",
        "TypeScriptError",
    ),
    "worker.telling": (
        "Operation",
        "operation",
    ),
    "worker.trace": ("trace_context",),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - once for each name

    value = globals()[name] = getattr(import_module(f"amphis._internal.{module}"), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
