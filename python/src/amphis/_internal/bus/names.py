"""The forms of names, topics and patterns (spec/bus.md)."""

from __future__ import annotations

import re

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

_MAX_NAME_BYTES = 255
_MAX_PATTERN_BYTES = 1_024
_MAX_LEVELS = 64
# `$endpoint.health.<name>` must be a topic.
_MAX_ENDPOINT_LEVELS = _MAX_LEVELS - 2
_MAX_SHOWN = 60
_NEVER = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_RESERVED = re.compile(r"[*?#@$]")


def check_name(what: str, name: str) -> None:
    """Check the name of a member, an endpoint, a capability or a group.

    Raises:
        AmphisError: NAME_INVALID with what is wrong
    """
    _check_text(what, name, _MAX_NAME_BYTES)
    reserved = _RESERVED.search(name)
    if reserved is not None:
        raise _invalid(what, name, f"it contains {reserved[0]}")
    if what == "endpoint":
        _check_levels(what, name, _MAX_ENDPOINT_LEVELS)


def check_target(target: str) -> None:
    """Check the target of a request: an endpoint, `@capability`, or what a route leads on."""
    if target.startswith("@"):
        check_name("capability", target[1:])
    else:
        _check_text("target", target, _MAX_PATTERN_BYTES)


def check_topic(topic: str) -> None:
    """Check a topic that something is published to."""
    _check_text("topic", topic, _MAX_PATTERN_BYTES)
    levels = _check_levels("topic", topic, _MAX_LEVELS)
    if "*" in levels or "#" in levels:
        raise _invalid("topic", topic, "a level is a wildcard")
    if topic.startswith("$"):
        raise _invalid("topic", topic, "only the hub publishes to topics that begin with $")


def check_pattern(pattern: str) -> None:
    """Check a pattern of topics."""
    _check_text("pattern", pattern, _MAX_PATTERN_BYTES)
    levels = _check_levels("pattern", pattern, _MAX_LEVELS)
    if "#" in levels[:-1]:
        raise _invalid("pattern", pattern, "# is not the last level")


def check_glob(what: str, glob: str) -> None:
    """Check a glob over names."""
    _check_text(what, glob, _MAX_PATTERN_BYTES)


def _check_text(what: str, text: object, max_bytes: int) -> None:
    if not isinstance(text, str):
        raise TypeError(f"Cannot use {what}: expected a str, got {type(text).__name__}")
    if not text:
        raise _invalid(what, text, "it is empty")
    if _NEVER.search(text) is not None:
        raise _invalid(what, text, "it contains a control character or a lone surrogate")
    if len(text) > max_bytes or len(text.encode()) > max_bytes:
        raise _invalid(what, text, f"it is longer than {max_bytes} bytes")


def _check_levels(what: str, text: str, max_levels: int) -> list[str]:
    levels = text.split(".")
    if "" in levels:
        raise _invalid(what, text, "a level is empty")
    if len(levels) > max_levels:
        raise _invalid(what, text, f"it has more than {max_levels} levels")
    return levels


def _invalid(what: str, received: str, reason: str) -> AmphisError:
    shown = received if len(received) <= _MAX_SHOWN else f"{received[:_MAX_SHOWN]}…"
    return AmphisError(
        ErrorCode.NAME_INVALID,
        f"Cannot use {what} {shown!r}: {reason}",
        {"what": what, "received": shown, "reason": reason},
    )
