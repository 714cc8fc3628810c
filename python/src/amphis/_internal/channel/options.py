"""How a channel is opened and waited for."""

from __future__ import annotations

from amphis._internal.frame.header import HEADER_BYTES, MAX_FRAME_BYTES
from amphis._internal.light import dataclass
from amphis._internal.native import Core, Missing

OPENING_TIMEOUT_S = 10.0
# Below it, the ring is as fast or faster (docs/explain/memory.md).
SPILL_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """How a channel is opened and waited for; all times are seconds unless named otherwise.

    Attributes:
        opening_timeout: longest silence of the host while the channel opens
        send_timeout: longest wait for room, unless the call says
        spin_ns: how long a wait looks at the ring before it sleeps; worth it only with a free core
        max_frame_bytes: largest frame that is taken
        max_waiting_bytes: how much may wait for `receive` while this side waits for something else
        spill_bytes: frames of so many bytes and more go through memory that the host lends
        core: the C extension or why it is missing, when the caller has chosen already
    """

    opening_timeout: float = OPENING_TIMEOUT_S
    send_timeout: float = 30.0
    spin_ns: int = 0
    max_frame_bytes: int = MAX_FRAME_BYTES
    max_waiting_bytes: int = MAX_FRAME_BYTES
    spill_bytes: int = SPILL_BYTES
    core: Core | Missing | None = None

    def __post_init__(self) -> None:
        _check("opening_timeout", self.opening_timeout, 0)
        _check("send_timeout", self.send_timeout, 0)
        _check("spin_ns", self.spin_ns, 0)
        _check("max_frame_bytes", self.max_frame_bytes, HEADER_BYTES)
        _check("max_waiting_bytes", self.max_waiting_bytes, 0)
        _check("spill_bytes", self.spill_bytes, 1)


def _check(name: str, value: float, least: float) -> None:
    # Written so that not-a-number is refused too.
    if not value >= least:
        raise ValueError(f"Cannot open channel: {name} must be {least} or more, got {value!r}")
