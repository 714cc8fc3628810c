"""How a member and a hub agree, and how the hub lets the member in."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bus.answer import Answer
from amphis._internal.bus.failures import body_invalid, frame_invalid
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import BODY_CODECS, FrameKind
from amphis._internal.hello import Hello, negotiate

if TYPE_CHECKING:
    from amphis._internal.bus.options import BusOptions
    from amphis._internal.bus.session import Session
    from amphis._internal.frame.frame import Frame

_PRODUCT = f"amphis (python {platform.python_version()})"


def hello_of(options: BusOptions) -> Hello:
    """What a member says of itself."""
    return Hello(
        product=_PRODUCT,
        codecs=BODY_CODECS,
        max_frame_bytes=options.max_frame_bytes,
        capabilities=("bus",),
    )


def join(session: Session, first: Frame, own: Hello, options: BusOptions) -> None:
    """Take the hub's hello, agree, and ask to be let in.

    Raises:
        AmphisError: FRAME_INVALID, BODY_INVALID, VERSION_UNSUPPORTED, NEGOTIATION_FAILED
    """
    if first.kind is not FrameKind.HELLO:
        reason = f"the first is of kind {first.kind.name.lower()}, not a hello"
        raise frame_invalid("kind", int(first.kind), reason)
    agreed = negotiate(own, Hello.decode(first.body))
    if "bus" not in agreed.capabilities:
        raise _no_bus()
    session.agree(agreed)
    kwargs: dict[str, object] = {"name": options.name}
    if options.token is not None:
        kwargs["token"] = options.token
    session.call("bus:join", kwargs, _Joining())


class _Joining:
    """The call that lets a member in."""

    def receive(self, frame: Frame, session: Session) -> bool:
        answer = Answer(frame.kind, bytes(frame.body), session.codecs.get(frame.codec))
        value = answer.result()
        peer = value.get("peer") if isinstance(value, dict) else None
        if not isinstance(peer, str):
            raise body_invalid("result", "$[0].peer", "a string")
        session.let_in(peer)
        return True

    def lost(self, error: AmphisError) -> None:
        """Whoever waits to be let in hears of it from the member."""


def _no_bus() -> AmphisError:
    return AmphisError(
        ErrorCode.NEGOTIATION_FAILED,
        "Cannot join: the peer at this address is no hub of a bus",
        {"local": ["bus"], "remote": []},
    )
