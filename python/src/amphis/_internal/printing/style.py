"""How much is shown, and in which colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, Protocol

PrintStyle = Literal["compact", "verbose"]
"""One line, or a tree indented by two blanks."""

Role = Literal["text", "number", "word", "scalar", "note"]
Paint = Callable[[str, Role], str]

_CODES: dict[Role, int] = {"text": 32, "number": 33, "word": 35, "scalar": 36, "note": 90}


class PrintLimits(NamedTuple):
    """How much of a value is shown."""

    code_points: int
    bytes: int
    items: int
    depth: int
    values: int


LIMITS: dict[PrintStyle, PrintLimits] = {
    "compact": PrintLimits(code_points=80, bytes=16, items=10, depth=4, values=100),
    "verbose": PrintLimits(code_points=400, bytes=32, items=50, depth=12, values=1_000),
}


class Terminal(Protocol):
    """What is asked of a stream."""

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""


def plain(token: str, _role: Role) -> str:
    """Leave a token as it is."""
    return token


def ansi(token: str, role: Role) -> str:
    """Put a token into its colour."""
    return f"\x1b[{_CODES[role]}m{token}\x1b[39m"


def wants_color(stream: Terminal, env: Mapping[str, str] = os.environ) -> bool:
    """Tell whether what is written to a stream should be coloured.

    `NO_COLOR` wins over `FORCE_COLOR`, which wins over what the stream is.
    """
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR") and env["FORCE_COLOR"] != "0":
        return True
    return stream.isatty() and env.get("TERM") != "dumb"


def choose_paint(color: bool | None) -> Paint:  # noqa: FBT001 - the option itself
    """The paint for the option `color`; None asks standard output."""
    # There is no standard output in a windowed program.
    wanted = color if color is not None else sys.stdout is not None and wants_color(sys.stdout)
    return ansi if wanted else plain


def choose_limits(style: PrintStyle) -> PrintLimits:
    """The limits of a style.

    Raises:
        ValueError: for another word
    """
    limits = LIMITS.get(style)
    if limits is None:
        raise ValueError(f"Cannot print: style must be 'compact' or 'verbose', got {style!r}")
    return limits
