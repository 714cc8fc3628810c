"""Codecs by the names that peers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH
from amphis._internal.codec.compact.codec import compact
from amphis._internal.codec.json_text.codec import json
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError

if TYPE_CHECKING:
    from amphis._internal.codec.codec import Codec


def codec(name: str, *, max_depth: int = DEFAULT_MAX_DEPTH) -> Codec:
    """Make the codec of a name: `msgpack`, `compact` or `json`.

    Raises:
        AmphisError: CODEC_UNKNOWN for any other name
    """
    if name == "msgpack":
        return msgpack(max_depth=max_depth)
    if name == "compact":
        return compact(max_depth=max_depth)
    if name == "json":
        return json(max_depth=max_depth)
    raise AmphisError(
        ErrorCode.CODEC_UNKNOWN,
        f"Cannot make codec: there is none called {name!r}, only msgpack, compact and json",
        {"codec": name},
    )
