"""Whether shared memory is used at all: off after failures in a row, and tried again later."""

from __future__ import annotations

_FAILURES_UNTIL_OFF = 3
_FIRST_PAUSE_MS = 1_000
_MAX_PAUSE_MS = 60_000


class SharedPath:
    """Off after failures in a row, tried again after a pause that doubles; as in TypeScript.

    `trial` lets one value through, and what becomes of it decides. Times are milliseconds of one
    clock that never goes back.

    Attributes:
        state: `on`, `off` or `trial`
    """

    __slots__ = ("_failures", "_pause_ms", "_until", "state")

    def __init__(self) -> None:
        self.state = "on"
        self._until = 0.0
        self._failures = 0
        self._pause_ms = _FIRST_PAUSE_MS

    def admit(self, now_ms: float) -> bool:
        """Whether a value may go this way now.

        A trial whose end nobody told is over after a pause as well.
        """
        if self.state == "on":
            return True
        if now_ms < self._until:
            return False
        self.state = "trial"
        self._until = now_ms + self._pause_ms
        return True

    def succeeded(self) -> bool:
        """Tell that it worked; whether that switched it on."""
        self._failures = 0
        self._pause_ms = _FIRST_PAUSE_MS
        was_off = self.state != "on"
        self.state = "on"
        return was_off

    def failed(self, now_ms: float) -> bool:
        """Tell that it did not work; whether that switched it off."""
        self._failures += 1
        if self.state == "on" and self._failures < _FAILURES_UNTIL_OFF:
            return False
        # Those that were on their way when it was switched off tell nothing new.
        if self.state == "off":
            return False
        if self.state == "trial":
            self._pause_ms = min(self._pause_ms * 2, _MAX_PAUSE_MS)
        was_on = self.state == "on"
        self.state = "off"
        self._until = now_ms + self._pause_ms
        return was_on
