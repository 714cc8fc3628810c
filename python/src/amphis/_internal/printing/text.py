"""Texts that cannot control a terminal, cut to a length."""

from __future__ import annotations

import re

_UNSAFE = (
    "\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff"
)
_BARE = re.compile(f"[{_UNSAFE}]")
_QUOTED = re.compile(f'["\\\\{_UNSAFE}]')
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def bare_text(text: str) -> str:
    """The text with everything unsafe escaped."""
    return _BARE.sub(_escape, text)


def quoted_text(text: str, limit: int) -> str:
    """The text between quotes, cut after so many code points."""
    return f'"{_QUOTED.sub(_escape, text[:limit])}"{_rest(text, limit)}'


def cut_text(text: str, limit: int) -> str:
    """The text without quotes, cut likewise."""
    return bare_text(text[:limit]) + _rest(text, limit)


def bytes_text(data: bytes | bytearray | memoryview, limit: int) -> str:
    """`bytes(4) 00 01 02 ff`, the bytes cut after a limit."""
    size = data.nbytes if isinstance(data, memoryview) else len(data)
    if size == 0:
        return "bytes(0)"
    shown = memoryview(data).cast("B")[:limit]
    return f"bytes({size}) {bytes(shown).hex(' ')}{' …' if size > limit else ''}"


def _rest(text: str, limit: int) -> str:
    return f" … {len(text) - limit} more" if len(text) > limit else ""


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or f"\\u{ord(character):04x}"
