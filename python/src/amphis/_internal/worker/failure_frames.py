"""Where an exception came from: frames with their source, without those of the worker itself."""

from __future__ import annotations

import linecache
import os
from typing import TYPE_CHECKING, NamedTuple

from amphis._internal.worker.failure_text import clean

if TYPE_CHECKING:
    from types import TracebackType

MOST_FRAMES = 64
MAX_TRACE = 65_536
"""Characters of the text of a traceback."""

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep  # noqa: PTH100, PTH120 - pathlib is slow to load
_IMPORT = "<frozen importlib"
_IMPORT_MODULE = os.path.join("importlib", "__init__.py")  # noqa: PTH118
_LINE = 400


class Frame(NamedTuple):
    """A place in a traceback."""

    file: str
    line: int
    function: str
    source: str

    def encode(self) -> dict[str, object]:
        """As it travels."""
        return self._asdict()


class Frames(NamedTuple):
    """A traceback.

    Attributes:
        kept: outermost first
        left_out: how many were between the first and the second half of them
    """

    kept: list[Frame]
    left_out: int

    def text(self, said: str) -> str:
        """What Python would print, with the last line that is given."""
        lines = [
            f'  File "{frame.file}", line {frame.line}, in {frame.function}\n'
            + (f"    {frame.source}\n" if frame.source else "")
            for frame in self.kept
        ]
        if self.left_out:
            lines.insert(MOST_FRAMES // 2, f"  [{self.left_out} frames left out]\n")
        head = "Traceback (most recent call last):\n" if lines else ""
        return clean(f"{head}{''.join(lines)}{said}\n", MAX_TRACE)


def frames_of(error: BaseException) -> Frames:
    """The frames of an exception's own traceback."""
    places = _places(error.__traceback__)
    left_out = max(0, len(places) - MOST_FRAMES)
    if left_out:
        half = MOST_FRAMES // 2
        places = places[:half] + places[-half:]
    for file in {file for file, _, _ in places}:
        linecache.checkcache(file)
    return Frames([_frame(*place) for place in places], left_out)


def _places(trace: TracebackType | None) -> list[tuple[str, int, str]]:
    places: list[tuple[str, int, str]] = []
    was_own = False
    while trace is not None:
        code = trace.tb_frame.f_code
        file = code.co_filename
        # Of `import_module`, which the worker calls, and of all that imports go through.
        is_import = file.startswith(_IMPORT) or (was_own and file.endswith(_IMPORT_MODULE))
        was_own = file.startswith(_OWN) or (was_own and is_import)
        if not was_own and not is_import:
            places.append((file, trace.tb_lineno or 0, code.co_name))
        trace = trace.tb_next
    return places


def _frame(file: str, line: int, function: str) -> Frame:
    source = linecache.getline(file, line).strip()
    return Frame(clean(file, _LINE), line, clean(function, _LINE), clean(source, _LINE))
