"""Programs: chains of steps that travel together, where only the last result travels back."""

from __future__ import annotations

from amphis._internal.bodies.place import Place
from amphis._internal.values import Handle
from amphis._internal.worker.core import shown
from amphis._internal.worker.invoke import invoke

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from amphis._internal.frame.frame import FrameAttachment
    from amphis._internal.worker.incoming import Incoming
    from amphis._internal.worker.names import Names

STEP = "amphis.step"
_HOLDERS = frozenset((list, dict, tuple, Handle))
_MOST_SHOWN = 200
_WITH_KEY = frozenset(("item", "setItem", "deleteItem"))


class Steps:
    """One program that is run, step by step: `prepare`, `do`, `keep`.

    Attributes:
        index: of the step that comes next, or failed

    Raises:
        AmphisError: BODY_INVALID when a step uses one that is not before it
    """

    def __init__(
        self,
        steps: list[list[object]],
        attachments: Sequence[FrameAttachment],
        names: Names,
        incoming: Incoming,
    ) -> None:
        self.index = 0
        self._steps = steps
        self._attachments = attachments
        self._names = names
        self._incoming = incoming
        self._results: list[object] = []
        self._texts = [_text(step) for step in steps]
        self._targets = [_target(step) for step in steps]
        self._let_go = _last_uses(steps)
        self._prepared = 0
        self._operation = ""
        self._parts: list[Any] = []

    @property
    def is_done(self) -> bool:
        """Whether the last step was kept."""
        return self.index == len(self._steps)

    @property
    def failed(self) -> int | None:
        """The step that failed, unless all are done."""
        return None if self.is_done else self.index

    @property
    def is_call(self) -> bool:
        """Whether the step that was prepared is one, whose result is awaited."""
        return self._operation == "call"

    def prepare(self) -> None:
        """Find what the next step needs: handles, attachments, results of steps before."""
        step = self._steps[self.index]
        self._operation = str(step[0])
        self._prepared = self.index + 1
        self._parts = self._incoming.decode(step[1:], self._attachments, self._results)

    def do(self) -> object:
        """Do the step that was prepared; raises whatever code of the user raises."""
        parts = self._parts
        if self._operation == "name":
            return self._names.resolve(parts[0])
        judge = self._names.judge
        if judge is not None:
            return judge.do(self._operation, _OPERATIONS[self._operation], parts)
        return _OPERATIONS[self._operation](*parts)

    def keep(self, value: object) -> None:
        """Take what came of the step, and let go of what is not needed any more."""
        # The step too: it may hold the only reference to an argument.
        self._steps[self.index] = []
        self._parts = []
        self._results.append(value)
        for used in self._let_go[self.index]:
            self._results[used] = None
        self.index += 1

    @property
    def arguments(self) -> Sequence[object]:
        """What the step that failed was given, besides its target; empty where that is unknown."""
        if self._operation == "call" and self._parts:
            _, args, kwargs = self._parts
            return shown(args, kwargs)
        return self._parts[1:] if self._operation in _WITH_KEY else ()

    @property
    def target(self) -> object:
        """What the step that failed called; nothing where it is no call."""
        return self._parts[0] if self._operation == "call" and self._parts else None

    def discard(self) -> None:
        """Let go of attachments of the steps that were not prepared, and never will be."""
        rest, self._prepared = self._prepared, len(self._steps)
        for step in self._steps[rest:]:
            self._incoming.discard(step, self._attachments)

    @property
    def value(self) -> object:
        """What came of the last step."""
        return self._results[-1]

    def describe(self) -> str:
        """What the step at `index` calls, such as `pandas:read_csv().head()`."""
        return self._describe(min(self.index, len(self._texts) - 1))

    def _describe(self, index: int) -> str:
        parts: list[str] = []
        at: int | None = index
        while at is not None and len(parts) < _MOST_SHOWN:
            parts.append(self._texts[at])
            at = self._targets[at]
        text = "".join(reversed(parts))
        return text if len(text) <= _MOST_SHOWN else f"…{text[-_MOST_SHOWN:]}"


def _last_uses(steps: list[list[object]]) -> list[list[int]]:
    """For each step, which results no later one needs."""
    last = list(range(len(steps)))
    for index, step in enumerate(steps):
        for used in _steps_in(step):
            if used >= index:
                expected = "a handle of an earlier step"
                raise Place("program", None, f"$[0][{index}]").invalid(expected)
            last[used] = index
    # The last result is the answer.
    let_go: list[list[int]] = [[] for _ in steps]
    for used, index in enumerate(last[:-1]):
        let_go[index].append(used)
    return let_go


def _steps_in(value: object) -> list[int]:
    """Numbers of the steps that a value stands for, anywhere in it."""
    kind = type(value)
    if kind is Handle:
        assert isinstance(value, Handle)  # noqa: S101 - narrows the type
        return [value.id] if value.type == STEP else []
    if kind not in _HOLDERS:
        return []
    items: Any = value.values() if isinstance(value, dict) else value
    if _HOLDERS.isdisjoint(map(type, items)):
        return []
    return [number for item in items for number in _steps_in(item)]


def _text(step: list[object]) -> str:
    operation = step[0]
    if operation == "name":
        return str(step[1])
    if operation in {"get", "set", "delete"}:
        return f".{step[2]}"
    if operation == "call":
        return "()"
    return "" if operation == "value" else "[]"


def _target(step: list[object]) -> int | None:
    target = step[1]
    return target.id if isinstance(target, Handle) and target.type == STEP else None


def _set_item(target: Any, key: Any, value: object) -> None:  # noqa: ANN401 - of the user
    target[key] = value


def _delete_item(target: Any, key: Any) -> None:  # noqa: ANN401 - of the user
    del target[key]


_OPERATIONS: dict[str, Callable[..., object]] = {
    "get": getattr,
    "set": setattr,
    "delete": delattr,
    "call": invoke,
    "item": lambda target, key: target[key],
    "setItem": _set_item,
    "deleteItem": _delete_item,
    "value": lambda value: value,
}
