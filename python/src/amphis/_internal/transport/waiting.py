"""How code that runs in threads and code that runs on a loop wait for the same things."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Waiter(Protocol):
    """Lets one waiting flow be woken. A wake before the wait is not lost."""

    def wake(self) -> None:
        """End the wait, now or when it begins. Called with the lock of the member held."""

    async def wait(self, timeout: float | None) -> bool:
        """Wait for a wake; False after so many seconds without one.

        A wake may be of an earlier reason, so callers look again at what they wait for.
        """


async def wait_among(
    waiters: list[Waiter],
    waiter: Waiter,
    timeout: float | None,
    lock: AbstractContextManager[object],
) -> bool:
    """Wait as one of these, and leave none behind when the wait ends without a wake."""
    try:
        return await waiter.wait(timeout)
    finally:
        with lock:
            if waiter in waiters:
                waiters.remove(waiter)


def wake_all(waiters: list[Waiter]) -> None:
    """Wake and forget them."""
    woken, waiters[:] = list(waiters), []
    for waiter in woken:
        waiter.wake()
