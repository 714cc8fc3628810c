"""The three steps that open a channel (spec/channel.md), as the guest."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress

from amphis._internal.channel.answer import ANSWER_BYTES, HEAD, check_head, offer, read_answer
from amphis._internal.channel.descriptors import (
    Arrived,
    close_all,
    is_doorbell,
    is_over,
    open_doorbell,
    receive_with_descriptors,
)
from amphis._internal.channel.failures import channel_closed, opening_invalid
from amphis._internal.channel.rings import Rings
from amphis._internal.native import Core, load_core, map_region, open_ring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap
    from typing import Final

    from amphis._internal.channel.answer import RingsAnswer
    from amphis._internal.native import Missing

_DESCRIPTORS = 3
_CANNOT, _MAPPED = b"\0", b"\1"


class OverSocket:
    """Frames stay on the socket, as on `unix:`."""


OVER_SOCKET: Final = OverSocket()


def can_use_rings(core: Core | Missing) -> bool:
    """Tell whether this process can keep the order of writes that rings need."""
    if sys.platform != "linux" or not hasattr(socket.socket, "recvmsg"):
        return False
    return isinstance(core, Core) or os.uname().machine == "x86_64"


class Opening:
    """Opens a channel on a connected socket that never blocks; whoever drives it waits.

    Call `begin`, then `advance` whenever the socket is readable, until it gives something. When
    the attempt ends otherwise, call `close`; the socket stays the caller's in any case.

    Args:
        sock: connected, with a timeout of 0
        address: for people
    """

    def __init__(self, sock: socket.socket, address: str, core: Core | Missing | None) -> None:
        self._sock = sock
        self._address = address
        self._core = load_core() if core is None else core
        self._takes_rings = can_use_rings(self._core)
        self._data = b""
        self._descriptors: list[int] = []

    def begin(self) -> None:
        """Say what this side takes.

        Raises:
            AmphisError: CONNECTION_CLOSED
        """
        self._send(offer(takes_rings=self._takes_rings))

    def advance(self) -> Rings | OverSocket | None:
        """Take what came; None when more has to come.

        Raises:
            AmphisError: FRAME_INVALID, MEMORY_REFUSED, RING_CORRUPT, CONNECTION_CLOSED
        """
        try:
            return self._advance()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close every descriptor that came."""
        close_all(self._descriptors)

    def _advance(self) -> Rings | OverSocket | None:
        # Not a byte beyond the answer: what follows belongs to frames or to announced memory.
        arrived = receive_with_descriptors(self._sock, ANSWER_BYTES - len(self._data))
        if arrived is None:
            return None
        self._keep(arrived)
        if len(self._data) >= HEAD.size:
            check_head(self._data, takes_rings=self._takes_rings)
        if len(self._data) < ANSWER_BYTES:
            return None
        answer = read_answer(self._data, takes_rings=self._takes_rings)
        expected = 0 if answer is None else _DESCRIPTORS
        if len(self._descriptors) != expected:
            raise opening_invalid("descriptors", len(self._descriptors))
        return OVER_SOCKET if answer is None else self._take_rings(answer)

    def _keep(self, arrived: Arrived) -> None:
        is_first = not self._data
        self._descriptors += arrived.descriptors
        self._data += arrived.data
        if not arrived.data:
            raise channel_closed(self._address, "the host ended the connection while it opened")
        if arrived.is_cut or len(self._descriptors) > _DESCRIPTORS:
            raise opening_invalid("descriptors", len(self._descriptors))
        if arrived.descriptors and not is_first:
            raise opening_invalid("descriptors", len(self._descriptors))

    def _take_rings(self, answer: RingsAnswer) -> Rings | OverSocket:
        region, far_doorbell, doorbell = self._descriptors
        for number, (descriptor, access) in enumerate(
            ((far_doorbell, os.O_WRONLY), (doorbell, os.O_RDONLY))
        ):
            if not is_doorbell(descriptor, access):
                raise opening_invalid("doorbell", number)
        own: list[int] = []
        try:
            memory = map_region(region, 2 * answer.ring_bytes)
            own += [open_doorbell(far_doorbell)]
            own += [open_doorbell(doorbell)]
            rings = self._open_rings(answer, memory, own[0], own[1])
        except (OSError, OverflowError):
            # No room in this process, or no right, which is no fault of the host.
            close_all(own)
            self.close()
            self._send(_CANNOT)
            return OVER_SOCKET
        except BaseException:
            close_all(own)
            raise
        self.close()
        try:
            self._send(_MAPPED)
        except BaseException:
            rings.close()
            raise
        return rings

    def _open_rings(
        self, answer: RingsAnswer, memory: mmap, far_doorbell: int, doorbell: int
    ) -> Rings:
        size = answer.ring_bytes
        outgoing = open_ring(
            memory,
            producer=True,
            offset=size,
            byte_length=size,
            doorbell=far_doorbell,
            core=self._core,
        )
        incoming = open_ring(
            memory, producer=False, byte_length=size, doorbell=far_doorbell, core=self._core
        )
        return Rings(
            outgoing,
            incoming,
            doorbell,
            far_doorbell,
            answer.capacity,
            answer.holder,
            answer.key,
        )

    def _send(self, data: bytes) -> None:
        # A few bytes in a socket that is new: they fit, or the host is gone.
        sent = 0
        with suppress(BlockingIOError):
            try:
                sent = self._sock.send(data)
            except OSError as error:
                if not is_over(error):
                    raise
        if sent != len(data):
            raise channel_closed(self._address, "the host ended the connection while it opened")
