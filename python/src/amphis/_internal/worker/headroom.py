"""Whether the stack has room for what happens around a callback.

Between the request of a callback and its answer frames are taken from the channel, and calls are
done that belong to it. A `RecursionError` in the middle of that would lose them, and whoever waits
for their answers would wait for ever. So the room is looked at before anything is sent.
"""

from __future__ import annotations

import sys

# Calls of Python that asking, doing what is nested and describing its failure take, and some more.
_NEEDED = 200


def ensure_room() -> None:
    """Make sure that a callback can be made from here.

    Raises:
        RecursionError: calls are nested too deeply
    """
    limit = sys.getrecursionlimit()
    try:
        # Costs little where the stack is short, as nearly always. C code may count beside frames.
        sys._getframe(limit // 4)  # noqa: SLF001 - nothing else tells how deep this is
    except ValueError:
        return
    try:
        _descend(min(_NEEDED, limit // 4))
    except RecursionError:
        raise RecursionError(
            "calls of Python and callbacks are nested too deeply: nest fewer,"
            " or raise the limit with sys.setrecursionlimit"
        ) from None


def _descend(depth: int) -> None:
    if depth:
        _descend(depth - 1)
