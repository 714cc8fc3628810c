"""Operations of machine learning that code in a worker tells the program of, as they happen."""

from __future__ import annotations

import itertools
from time import perf_counter

from amphis._internal.worker.exceptions import Cancelled
from amphis._internal.worker.trace import TRACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import SupportsFloat

    from typing_extensions import Self

    from amphis._internal.worker.core import Core

# Longer texts say nothing more, and every event is kept until the program has read it.
_MOST_TEXT = 1_000
_MAX_EXACT = 2**53


class Telling:
    """Whether anybody listens, and who tells them: one for the process.

    The program says with each call whether it listens, and once when it stops.

    Attributes:
        is_on: whether somebody listens
    """

    __slots__ = ("_core", "is_on")

    def __init__(self) -> None:
        self.is_on = False
        self._core: Core | None = None

    def join(self, core: Core) -> None:
        """Say of which worker this process is."""
        self._core = core

    def tell(self, event: dict[str, object]) -> None:
        """Tell the program, if there is one."""
        if self._core is not None:
            self._core.tell({"event": "operation", **event})


TELLING = Telling()
_numbers = itertools.count(1)


class Operation:
    """A piece of work that the program hears of; see `operation`."""

    __slots__ = ("_began", "_identity", "_is_told", "_last")

    def __init__(self, identity: dict[str, object]) -> None:
        self._identity = identity
        self._is_told = False
        self._began = 0.0
        self._last: dict[str, object] = {}

    def __enter__(self) -> Self:
        self._is_told = TELLING.is_on
        if self._is_told:
            self._identity["operation"] = next(_numbers)
            trace = TRACE.get()
            if trace is not None:
                self._identity["traceparent"] = trace
            TELLING.tell({"phase": "start", **self._identity})
        self._began = perf_counter()
        return self

    def report(
        self,
        *,
        step: int | None = None,
        batch: int | None = None,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        memory_bytes: int | None = None,
        **figures: SupportsFloat,
    ) -> None:
        """Say how far it is, now and again when it is done.

        What was said before stays unless it is said anew. Costs next to nothing while nobody
        listens.

        Args:
            step: of how many there are, counted as the program likes
            batch: samples that are done at once
            input_tokens: that went in so far
            output_tokens: that came out so far
            memory_bytes: that it takes, on its device
            **figures: of this kind of work, such as `loss=0.3`; scalars of NumPy and torch too

        Raises:
            TypeError: something is no number
        """
        if not self._is_told:
            return
        counts = {
            "step": step,
            "batch": batch,
            "inputTokens": input_tokens,
            "outputTokens": output_tokens,
            "memoryBytes": memory_bytes,
        }
        for name, value in counts.items():
            if value is not None:
                self._last[name] = _number(name, value)
        if figures:
            known = self._last.get("figures")
            told = {name: _number(name, value) for name, value in figures.items()}
            self._last["figures"] = {**known, **told} if isinstance(known, dict) else told
        TELLING.tell({"phase": "progress", **self._told()})

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        del kind, traceback
        if not self._is_told:
            return
        if error is None:
            TELLING.tell({"phase": "stop", **self._told()})
        else:
            code = "CALL_CANCELLED" if isinstance(error, Cancelled) else "PYTHON_ERROR"
            told = {**self._told(), "code": code, "error": _text(error)}
            TELLING.tell({"phase": "error", **told})

    def _told(self) -> Mapping[str, object]:
        duration = (perf_counter() - self._began) * 1_000
        return {**self._identity, "durationMs": duration, **self._last}


def operation(
    name: str, *, model: str | None = None, library: str | None = None, device: str | None = None
) -> Operation:
    """Tell the program that a piece of work begins, how far it is, and that it is done or failed.

    ```python
    with amphis.operation("train", model="resnet18", device="cuda:0") as op:
        for step, batch in enumerate(batches):
            op.report(step=step, loss=train(batch))
    ```

    The program hears `operationStart`, `operationProgress`, `operationStop` and `operationError`,
    with the trace of the call. It may be used in any thread, and outside of workers too, where
    nobody hears of it.

    Args:
        name: what is done, in the words of the field: `inference`, `train`, `embed`, `tokenize`
        model: that it is done with
        library: that does it
        device: on which it is done

    Raises:
        TypeError: something is no text
    """
    identity: dict[str, object] = {}
    given = {"name": name, "model": model, "library": library, "device": device}
    for key, value in given.items():
        if value is None and key != "name":
            continue
        if not isinstance(value, str):
            what = type(value).__name__
            raise TypeError(f"Cannot tell of operation: {key} must be a str, got {what}")
        identity[key] = _clean(value)
    return Operation(identity)


def _number(name: str, value: SupportsFloat) -> int | float:
    if type(value) is int and -_MAX_EXACT < value < _MAX_EXACT:
        return value
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        what = type(value).__name__
        raise TypeError(f"Cannot report {name}: it must be a number, got {what}") from error


def _text(error: BaseException) -> str:
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - `__str__` of the user's class
        said = ""
    return _clean(f"{type(error).__name__}: {said}")


def _clean(text: str) -> str:
    return text[:_MOST_TEXT].encode("utf-8", "replace").decode()
