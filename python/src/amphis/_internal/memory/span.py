"""Memory that a guest may use, as its users see it."""

from __future__ import annotations

from amphis._internal.memory.libraries import numpy
from amphis._internal.memory.share import Share

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Span:
    """Bytes of shared memory. They stay lent while this, or anything made of `memory`, is alive."""

    __slots__ = ("_share",)

    def __init__(self, share: Share) -> None:
        self._share = share

    @property
    def memory(self) -> memoryview:
        """The bytes, writable; slices and arrays of it keep the memory lent."""
        return self._share.bytes

    @property
    def byte_length(self) -> int:
        """Number of bytes."""
        return self._share.byte_length

    @property
    def share(self) -> Share:
        """The share that ends with the last user."""
        return self._share

    def __len__(self) -> int:
        return self._share.byte_length

    def __repr__(self) -> str:
        share = self._share
        where = f"generation {share.generation} of arena {share.arena}"
        return f"Span({share.byte_length} bytes, {where})"

    def __dlpack__(
        self,
        *,
        stream: object = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> object:
        """Export the bytes by DLPack, as a vector of uint8."""
        return self._vector().__dlpack__(
            stream=stream, max_version=max_version, dl_device=dl_device, copy=copy
        )

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def _vector(self) -> Any:  # noqa: ANN401 - NumPy is optional, and so are its types
        return numpy().frombuffer(self.memory, dtype="uint8")
