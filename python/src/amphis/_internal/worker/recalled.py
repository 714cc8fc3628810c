"""Calls that the program takes back before they are begun, so that another worker does them."""

from __future__ import annotations

from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.requests import read_call, read_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from amphis._internal.native import PlainCall
    from amphis._internal.worker.core import Core


class Recalled:
    """Decides for each call, once and for all, whether it is begun or given back.

    The thread that works says which call it has reached and then looks at the marks; the thread
    that reads the control line marks a call and then looks how far the other has come. So at least
    one of them sees the other, and when both do, the one that takes the mark away decides.

    Attributes:
        reached: the call that was begun last, or given back when it came; those that are begun in
            their order have growing numbers
        marks: calls that are to be given back
    """

    __slots__ = ("_core", "marks", "reached")

    def __init__(self, core: Core) -> None:
        self._core = core
        self.reached = 0
        self.marks: dict[int, bool] = {}

    def take(self, call_ids: Iterable[int]) -> list[int]:
        """Which of these calls are not begun, and never will be. For the thread of the line."""
        marks = self.marks
        taken = []
        for call_id in call_ids:
            marks[call_id] = True
            if self.reached < call_id or not marks.pop(call_id, False):
                taken.append(call_id)
        return taken

    def skips(self, came: PlainCall | Frame) -> bool:
        """Let go of a call, which `reached` names already, if it was taken back."""
        if not self.marks.pop(self.reached, False):
            return False
        try:
            self._let_go(came)
        except AmphisError:
            # Whoever does it finds out what is wrong with it.
            if isinstance(came, Frame):
                self._core.drop(came)
        return True

    def _let_go(self, came: PlainCall | Frame) -> None:
        core = self._core
        if not isinstance(came, Frame):
            _, _, args, kwargs, _, far = came
            if far:
                core.incoming.discard([args, kwargs], ())
            return
        body = core.codec.decode(came.body)
        parts: list[object]
        if came.kind is FrameKind.CALL:
            call = read_call(body)
            parts = [call.args, call.kwargs]
        else:
            parts = [*read_program(body).steps]
        core.incoming.discard(parts, came.attachments)
