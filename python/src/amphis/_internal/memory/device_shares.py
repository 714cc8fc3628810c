"""The device tensors that this process and the host of one connection have of each other."""

from __future__ import annotations

from collections.abc import Callable

from amphis._internal.light import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.memory.device import DeviceRegistry


class DeviceShares(NamedTuple):
    """See spec/channel.md, "Device tensors".

    Attributes:
        registry: tensors of this process that the host has a handle of
        let_go: gives a share back that came with a handle of the host, by its number; once for
            each. Never blocks and never raises, whatever thread and moment it is
    """

    registry: DeviceRegistry
    let_go: Callable[[int], None]
