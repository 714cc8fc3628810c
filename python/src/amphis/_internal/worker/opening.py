"""How a worker begins: hellos, the modules that are loaded before, and that it is ready."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind, invalid
from amphis._internal.hello import Hello, Negotiated, negotiate
from amphis._internal.light import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from amphis._internal.channel.channel import Channel
    from amphis._internal.worker.stacks import Stacks

_MOST_ERROR = 4_000


def exchange_hellos(channel: Channel, max_frame_bytes: int) -> Negotiated:
    """Say hello, and agree with the program's.

    Raises:
        AmphisError: FRAME_INVALID when something else came first; VERSION_UNSUPPORTED,
            NEGOTIATION_FAILED; or why the channel is over
    """
    product = f"amphis ({sys.implementation.name} {_version()})"
    capabilities = () if channel.memory is None else ("shared-memory",)
    own = Hello(
        product=product,
        codecs=("msgpack",),
        max_frame_bytes=max_frame_bytes,
        capabilities=capabilities,
    )
    channel.send(Frame(FrameKind.HELLO, own.encode()))
    frame = channel.receive()
    if frame is None or frame.kind is not FrameKind.HELLO:
        raise invalid("kind", 0 if frame is None else int(frame.kind))
    return negotiate(Hello.decode(frame.body), own, side="responder")


class Loaded(NamedTuple):
    """What came of the modules that were to be loaded before."""

    loaded: list[str]
    failed: list[dict[str, object]]


def load(config: Mapping[str, object]) -> Loaded:
    """Import modules, from folders of the user's own too; one that fails stops nothing."""
    for folder in reversed(_texts(config, "path")):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    result = Loaded([], [])
    for name in _texts(config, "preload"):
        try:
            import_module(name)
        except BaseException as error:  # noqa: BLE001, PERF203 - a module may raise anything, SystemExit too
            reason = f"{type(error).__name__}: {_text_of(error)}"
            result.failed.append(
                {"module": name, "error": reason, "failure": _failure_of(error, name)}
            )
        else:
            result.loaded.append(name)
    return result


def ready_event(loaded: Loaded, stacks: Stacks, guard: str | None = None) -> dict[str, object]:
    """What the worker says when it can be used.

    Args:
        loaded: what came of the modules that were to be loaded before
        stacks: which signal has it write its stacks
        guard: kind of the audit hook; None: it has none
    """
    return {
        "event": "ready",
        "pid": os.getpid(),
        "python": _version(),
        "implementation": _implementation(),
        "executable": sys.executable,
        "loaded": loaded.loaded,
        "failed": loaded.failed,
        "stacksSignal": stacks.signal,
        "guard": guard,
    }


def _texts(config: Mapping[str, object], key: str) -> list[str]:
    given = config.get(key)
    return (
        [one for one in given if isinstance(one, str)] if isinstance(given, (list, tuple)) else []
    )


def _failure_of(error: BaseException, module: str) -> object:
    """The same as the body of an error frame."""
    # Nobody needs them where nothing fails, and they take a while to load.
    from amphis._internal.codec.msgpack.codec import msgpack  # noqa: PLC0415
    from amphis._internal.worker.failure import error_body  # noqa: PLC0415

    return msgpack().decode(error_body(error, call=module))


def _text_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception as raised:  # noqa: BLE001 - `__str__` of the user's class
        text = f"its text could not be read: {type(raised).__name__}"
    return text[:_MOST_ERROR].encode("utf-8", "replace").decode()


def _version() -> str:
    # As `platform` says it, which takes a while to load.
    return sys.version.split()[0].removesuffix("+")


def _implementation() -> str:
    name = sys.implementation.name
    return {"cpython": "CPython", "pypy": "PyPy"}.get(name, name)
