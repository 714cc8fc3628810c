"""Codecs by name, msgpack also as it is where there is no C extension."""

from __future__ import annotations

from amphis import Codec, codec
from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH
from amphis._internal.codec.msgpack.codec import MsgpackCodec
from amphis._internal.native.load import Missing

IN_PYTHON = "msgpack in Python"
NAMES = ["msgpack", IN_PYTHON, "compact", "json"]


def codec_of(name: str, *, max_depth: int = DEFAULT_MAX_DEPTH) -> Codec:
    if name == IN_PYTHON:
        return in_python(max_depth)
    return codec(name, max_depth=max_depth)


def in_python(max_depth: int = DEFAULT_MAX_DEPTH) -> MsgpackCodec:
    return MsgpackCodec(max_depth, Missing("the test asks for Python alone"))


def format_of(name: str) -> str:
    """What the specification calls it."""
    return "msgpack" if name == IN_PYTHON else name
