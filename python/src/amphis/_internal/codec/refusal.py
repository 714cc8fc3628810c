"""How encoders and decoders say no."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

_IDENTIFIER_LIMIT = 64


class Refusal(Exception):  # noqa: N818 - it never leaves the codec; `error` turns it into one
    """A value cannot be encoded. The containers around it add their step while it passes.

    Attributes:
        code: VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE or DEPTH_EXCEEDED
        steps: the way from the value to the root, innermost first
    """

    def __init__(self, code: ErrorCode, expected: str, received: str) -> None:
        super().__init__(code, expected, received)
        self.code = code
        self.expected = expected
        self.received = received
        self.steps: list[str] = []

    def error(self, codec: str, max_depth: int) -> AmphisError:
        """Say it to the caller, with the path from the root."""
        path = "$" + "".join(reversed(self.steps))
        if self.code is ErrorCode.DEPTH_EXCEEDED:
            return depth_exceeded("encode", codec, max_depth)
        return AmphisError(
            self.code,
            f"Cannot encode {codec}: expected {self.expected} at {path}, got {self.received}",
            {"path": path, "expected": self.expected, "received": self.received},
        )


def unsupported(expected: str, received: str) -> Refusal:
    """Refuse a value of the wrong kind."""
    return Refusal(ErrorCode.VALUE_UNSUPPORTED, expected, received)


def out_of_range(expected: str, received: str) -> Refusal:
    """Refuse a value of the right kind that is too large, too small or too long."""
    return Refusal(ErrorCode.VALUE_OUT_OF_RANGE, expected, received)


def too_deep() -> Refusal:
    """Refuse one more level of nesting."""
    return Refusal(ErrorCode.DEPTH_EXCEEDED, "", "")


def index_step(index: int) -> str:
    """Name an element of a list."""
    return f"[{index}]"


def key_step(key: object) -> str:
    """Name an entry of a map: `.name` for a plain word, else `["a b"]` or `[1]`, kept short."""
    if not isinstance(key, str):
        return f"[{key!r}]" if isinstance(key, (int, float)) else f"[{type(key).__name__}]"
    if key.isascii() and key.isidentifier() and len(key) <= _IDENTIFIER_LIMIT:
        return f".{key}"
    shown = key if len(key) <= _IDENTIFIER_LIMIT else f"{key[:_IDENTIFIER_LIMIT]}…"
    quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{quoted.encode("utf-8", "replace").decode()}"]'


def depth_exceeded(act: str, codec: str, max_depth: int) -> AmphisError:
    """Say that a value is nested deeper than the limit."""
    return AmphisError(
        ErrorCode.DEPTH_EXCEEDED,
        f"Cannot {act} {codec}: the value is nested deeper than {max_depth} levels",
        {"limit": max_depth},
    )


def decode_failed(codec: str, offset: int, reason: str) -> AmphisError:
    """Say that the bytes are no value."""
    return AmphisError(
        ErrorCode.DECODE_FAILED,
        f"Cannot decode {codec}: {reason} at byte {offset}",
        {"codec": codec, "offset": offset, "reason": reason},
    )


def extension_unknown(codec: str, extension: int) -> AmphisError:
    """Say that the bytes use an extension of a newer version."""
    return AmphisError(
        ErrorCode.EXTENSION_UNKNOWN,
        f"Cannot decode {codec}: extension {extension} is not known",
        {"extension": extension},
    )


def unrepresentable(codec: str, reason: str) -> AmphisError:
    """Say that Python has no object for a legal value of the peer."""
    return AmphisError(
        ErrorCode.VALUE_OUT_OF_RANGE,
        f"Cannot decode {codec}: {reason}",
        {"path": "$", "expected": "a value that Python can represent", "received": reason},
    )
