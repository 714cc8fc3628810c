"""What two sides say first, and what they agree on (spec/bodies.md)."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import MAX_FRAME_BYTES, PROTOCOL_VERSION
from amphis._internal.light import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

MAX_HELLO_BYTES = 64 * 1024
# Versions are one byte in the header of a frame.
_MAX_VERSION = 255
_MAX_SHOWN = 80
# No other codec is agreed on yet.
_CODEC = msgpack()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What one side of a connection says of itself, before anything else.

    Attributes:
        product: for people: `amphis 0.1.0 (python 3.11.7)`
        versions: lowest and highest protocol version spoken
        codecs: names, best first
        max_frame_bytes: largest frame that this side takes
        max_depth: most levels of nesting that this side takes
        capabilities: what it can do beyond the protocol itself: `shared-memory`, `sync-channel`
    """

    product: str
    versions: tuple[int, int] = (PROTOCOL_VERSION, PROTOCOL_VERSION)
    codecs: tuple[str, ...] = ("msgpack", "compact", "json")
    max_frame_bytes: int = MAX_FRAME_BYTES
    max_depth: int = DEFAULT_MAX_DEPTH
    capabilities: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Encode it for a frame of kind hello.

        Raises:
            AmphisError: BODY_INVALID for a hello that a peer would refuse, FRAME_TOO_LARGE above
                64 KiB
        """
        wire: dict[str, object] = {
            "product": self.product,
            "versions": list(self.versions),
            "codecs": list(self.codecs),
            "limits": {"maxFrameBytes": self.max_frame_bytes, "maxDepth": self.max_depth},
            "capabilities": list(self.capabilities),
        }
        _read(wire)
        data = _CODEC.encode(wire)
        _check_size("encode", len(data))
        return data

    @staticmethod
    def decode(data: Bytes) -> Hello:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, FRAME_TOO_LARGE above 64 KiB, and what the codec raises for
                bytes that are no value
        """
        _check_size("decode", len(data))
        return _read(_CODEC.decode(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Negotiated:
    """What both sides of a connection agreed on; what is not in it is never used.

    Attributes:
        version: the highest that both speak
        codec: the first of `codecs`
        codecs: the initiator's that the responder has too, in the initiator's order
        max_frame_bytes: the smaller of both
        max_depth: the smaller of both
        capabilities: those of both, sorted
    """

    version: int
    codec: str
    codecs: tuple[str, ...]
    max_frame_bytes: int
    max_depth: int
    capabilities: tuple[str, ...]


def negotiate(
    initiator: Hello, responder: Hello, *, side: Literal["initiator", "responder"] = "initiator"
) -> Negotiated:
    """Compute what two hellos lead to; both sides compute the same.

    Args:
        initiator: the hello of the side that connected
        responder: the hello of the side that listened
        side: which of the two is this side; decides what an error calls local

    Raises:
        AmphisError: VERSION_UNSUPPORTED or NEGOTIATION_FAILED, naming what both sides offer
    """
    local, remote = (initiator, responder) if side == "initiator" else (responder, initiator)
    version = _common_version(local, remote)
    codecs = _common(initiator.codecs, responder.codecs)
    if not codecs:
        raise _no_codec(local, remote)
    return Negotiated(
        version=version,
        codec=codecs[0],
        codecs=codecs,
        max_frame_bytes=min(local.max_frame_bytes, remote.max_frame_bytes),
        max_depth=min(local.max_depth, remote.max_depth),
        capabilities=tuple(sorted(_common(initiator.capabilities, responder.capabilities))),
    )


def _read(value: object) -> Hello:
    hello = Place("hello", value)
    limits = hello.key("limits")
    lowest, highest, *_ = hello.key("versions").array(2)
    first = lowest.integer(1, _MAX_VERSION)
    return Hello(
        product=hello.key("product").text(),
        versions=(first, highest.integer(first, _MAX_VERSION)),
        codecs=hello.key("codecs").texts(),
        max_frame_bytes=limits.key("maxFrameBytes").integer(1, MAX_SAFE),
        max_depth=limits.key("maxDepth").integer(1, MAX_SAFE),
        capabilities=hello.key("capabilities").texts(),
    )


def _check_size(act: str, size: int) -> None:
    if size > MAX_HELLO_BYTES:
        raise AmphisError(
            ErrorCode.FRAME_TOO_LARGE,
            f"Cannot {act} hello: it has {size} bytes, the limit is {MAX_HELLO_BYTES}",
            {"limit": MAX_HELLO_BYTES, "actual": size},
        )


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    others = frozenset(second)
    return tuple(name for name in dict.fromkeys(first) if name in others)


def _common_version(local: Hello, remote: Hello) -> int:
    version = min(local.versions[1], remote.versions[1])
    if version >= max(local.versions[0], remote.versions[0]):
        return version
    raise AmphisError(
        ErrorCode.VERSION_UNSUPPORTED,
        f"Cannot agree on a protocol version: this side speaks {_range(local.versions)}, "
        f"the peer ({_shown(remote.product)}) speaks {_range(remote.versions)}",
        {"local": list(local.versions), "remote": list(remote.versions)},
    )


def _range(versions: tuple[int, int]) -> str:
    lowest, highest = versions
    return f"version {lowest}" if lowest == highest else f"versions {lowest} to {highest}"


def _no_codec(local: Hello, remote: Hello) -> AmphisError:
    return AmphisError(
        ErrorCode.NEGOTIATION_FAILED,
        f"Cannot agree on a codec: this side offers {_names(local.codecs)}, "
        f"the peer ({_shown(remote.product)}) offers {_names(remote.codecs)}",
        {"local": list(local.codecs), "remote": list(remote.codecs)},
    )


def _names(codecs: tuple[str, ...]) -> str:
    return _shown(", ".join(codecs)) or "none"


def _shown(text: str) -> str:
    from amphis._internal.printing.text import cut_text  # noqa: PLC0415 - for refusals only

    return cut_text(text, _MAX_SHOWN)
