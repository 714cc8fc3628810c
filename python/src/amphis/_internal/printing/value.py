"""A value as text for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from amphis._internal.printing.container import Container, container_of
from amphis._internal.printing.scalar import print_scalar
from amphis._internal.printing.style import (
    Paint,
    PrintStyle,
    choose_limits,
    choose_paint,
    plain,
)
from amphis._internal.printing.text import quoted_text

if TYPE_CHECKING:
    from collections.abc import Callable

_BRACKETS: Final = {
    "list": ("[", "]"),
    "tuple": ("tuple(", ")"),
    "set": ("set(", ")"),
    "map": ("{", "}"),
    "attachment": ("{", "}"),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset(("null", "true", "false", "NaN", "Infinity"))
_SHORT_LINE = 72


def format_value(value: object, *, style: PrintStyle = "compact", color: bool | None = None) -> str:
    """Show any value to a person.

    It never fails because of the value, takes time bounded by the limits of the style, and nothing
    in the text can control a terminal.

    Args:
        value: anything at all
        style: `compact` for one line, `verbose` for a tree
        color: whether to write ANSI colours; None asks whether standard output wants them
    """
    return ValuePrinter(style, choose_paint(color)).print(value)


class ValuePrinter:
    """Prints the values of one text; they share its budget."""

    def __init__(self, style: PrintStyle, paint: Paint) -> None:
        self.limits = choose_limits(style)
        self.paint = paint
        self._style = style
        self._open: list[int] = []
        self._left = self.limits.values

    def print(self, value: object, indent: str = "") -> str:
        """The value in the style of this printer; later lines of a tree are indented."""
        return self._guarded(
            lambda: (
                self._line(value, self.paint)
                if self._style == "compact"
                else self._tree(value, indent)
            )
        )

    def _guarded(self, printed: Callable[[], str]) -> str:
        depth = len(self._open)
        try:
            return printed()
        except Exception:  # noqa: BLE001 - a class of the user may raise anything when it is read
            del self._open[depth:]
            return self.paint("<unreadable>", "scalar")

    def _line(self, value: object, paint: Paint) -> str:
        self._left -= 1
        container = container_of(value)
        if container is None:
            return print_scalar(value, self.limits, paint)
        closed = self._closed(container, paint)
        if closed is not None:
            return closed
        return self._inside(container, lambda: self._items(container, paint))

    def _items(self, container: Container, paint: Paint) -> str:
        items: list[str] = []
        for key, value in container.first(self.limits.items):
            if self._left <= 0:
                break
            label = f"{self._key(key, paint)}: " if container.is_mapping else ""
            items.append(label + self._guarded_line(value, paint))
        rest = container.size - len(items)
        if rest > 0:
            items.append(_more(rest, paint))
        opening, closing = _BRACKETS[container.kind]
        return f"{self._head(container, paint, ' ')}{opening}{', '.join(items)}{closing}"

    def _guarded_line(self, value: object, paint: Paint) -> str:
        return self._guarded(lambda: self._line(value, paint))

    def _tree(self, value: object, indent: str) -> str:
        container = container_of(value)
        if container is None:
            return self._line(value, self.paint)
        self._left -= 1
        closed = self._closed(container, self.paint)
        if closed is not None:
            return closed
        return self._inside(
            container, lambda: self._short_line(container) or self._lines(container, f"{indent}  ")
        )

    def _short_line(self, container: Container) -> str | None:
        if container.is_mapping:
            return None
        shown = container.first(self.limits.items)
        if any(container_of(item) is not None for _, item in shown):
            return None
        left = self._left
        line = self._items(container, plain)
        fits = len(line) <= _SHORT_LINE
        if fits and self.paint is plain:
            return line
        self._left = left
        return self._items(container, self.paint) if fits else None

    def _lines(self, container: Container, indent: str) -> str:
        heading = self._head(container, self.paint, "") or f"{container.kind} of {container.size}"
        lines = [heading]
        for key, value in container.first(self.limits.items):
            if self._left <= 0:
                break
            lines.append(self._label(container, key, len(lines) - 1) + self._subtree(value, indent))
        rest = container.size - (len(lines) - 1)
        if rest > 0:
            lines.append(_more(rest, self.paint))
        return f"\n{indent}".join(lines)

    def _label(self, container: Container, key: object, index: int) -> str:
        if container.is_mapping:
            return f"{self._key(key, self.paint)}: "
        return "- " if container.kind == "set" else f"{index}: "

    def _subtree(self, value: object, indent: str) -> str:
        return self._guarded(lambda: self._tree(value, indent))

    def _key(self, key: object, paint: Paint) -> str:
        if not isinstance(key, str):
            return self._guarded(lambda: self._line(key, paint))
        self._left -= 1
        limit = self.limits.code_points
        if len(key) <= limit and _NAME.fullmatch(key) and key not in _WORDS:
            return key
        return paint(quoted_text(key, limit), "text")

    def _closed(self, container: Container, paint: Paint) -> str | None:
        """What stands for a container whose items are not looked at."""
        if id(container.value) in self._open:
            return paint("<circular>", "note")
        if len(self._open) < self.limits.depth and container.size > 0:
            return None
        if container.size == 0 and container.kind == "attachment":
            return self._head(container, paint, "")
        opening, closing = _BRACKETS[container.kind]
        inner = _more(container.size, paint) if container.size else ""
        return f"{self._head(container, paint, ' ')}{opening}{inner}{closing}"

    def _inside(self, container: Container, printed: Callable[[], str]) -> str:
        self._open.append(id(container.value))
        text = printed()
        self._open.pop()
        return text

    def _head(self, container: Container, paint: Paint, after: str) -> str:
        """What an attachment shows before its meta; nothing for others."""
        if container.kind != "attachment":
            return ""
        shown = quoted_text(container.value.format, self.limits.code_points)
        return paint(f"attachment({container.value.index}, {shown})", "scalar") + after


def _more(count: int, paint: Paint) -> str:
    return paint(f"… {count} more", "note")
