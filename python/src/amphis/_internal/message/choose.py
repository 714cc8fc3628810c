"""The codec for messages by the name that peers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH
from amphis._internal.errors import AmphisError
from amphis._internal.message.compact import CompactMessageCodec
from amphis._internal.message.json import JsonMessageCodec
from amphis._internal.message.msgpack import MsgpackMessageCodec

if TYPE_CHECKING:
    from amphis._internal.message.codec import MessageCodec, PayloadContracts


def message_codec(
    name: str,
    *,
    max_depth: int = DEFAULT_MAX_DEPTH,
    contracts: PayloadContracts | None = None,
) -> MessageCodec:
    """Make the codec for messages; keep it, one serves any number of them.

    Args:
        name: `msgpack`, `compact` or `json`, as configuration or a negotiated hello gives it
        max_depth: levels of nesting in payload and metadata
        contracts: layouts of payloads for `compact`, usually a `SchemaRegistry`

    Raises:
        AmphisError: CODEC_UNKNOWN for any other name
    """
    if name == "msgpack":
        return MsgpackMessageCodec(max_depth=max_depth)
    if name == "compact":
        return CompactMessageCodec(max_depth=max_depth, contracts=contracts)
    if name == "json":
        return JsonMessageCodec(max_depth=max_depth)
    raise AmphisError(
        ErrorCode.CODEC_UNKNOWN,
        f"Cannot make codec: there is none called {name!r}, only msgpack, compact and json",
        {"codec": name},
    )
