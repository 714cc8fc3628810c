"""Keeps chosen keys from making a map quadratic: the hash of a Python number is no secret."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

# So many keys may share their hash with others; a map of no more keys needs no look.
MAX_COLLISIONS = 256


def why_too_slow(keys: Collection[object]) -> str | None:
    """Say why a map or set of these keys would take quadratic time to build, if it would.

    Equal keys count too: they share their hash.
    """
    if len(keys) <= MAX_COLLISIONS:
        return None
    collisions = len(keys) - len(set(map(hash, keys)))
    if collisions <= MAX_COLLISIONS:
        return None
    return f"{collisions} keys share their hash with others, at most {MAX_COLLISIONS} may"
