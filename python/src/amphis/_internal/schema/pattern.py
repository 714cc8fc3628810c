r"""ECMAScript patterns (with the `u` flag) as Python patterns.

What Python cannot express is refused when a schema is compiled, never matched differently:
`\p{…}`, look-behind of variable width, and references to a group that has not ended yet. One
difference stays: a back-reference to a group that took no part matches nothing here, but the empty
string in ECMAScript. Patterns that backtrack without end are the schema author's business.
"""

from __future__ import annotations

import re

_DIGIT = "0-9"
_WORD = "A-Za-z0-9_"
_SPACE = "\\t-\\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NOT = {
    "D": "\\x00-/:-\U0010ffff",
    "W": "\\x00-/:-@\\[-\\^`\\{-\U0010ffff",
    "S": (
        "\\x00-\\x08\\x0e-\\x1f!-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e"
        "\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff"
    ),
}
_SETS = {"d": _DIGIT, "w": _WORD, "s": _SPACE, **_NOT}
_CONTROLS = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
_DOT = "[^\\n\\r\u2028\u2029]"
_QUANTIFIER = re.compile(r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??")
_GROUP = re.compile(r"\((?:\?(?::|=|!|<=|<!|<([A-Za-z_][A-Za-z0-9_]*)>))?")
_CODE_POINT = re.compile(r"u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})")
_LOW_HALF = re.compile(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
_REFERENCE = re.compile(r"k<([A-Za-z_][A-Za-z0-9_]*)>|([1-9][0-9]*)")
_LOOKAROUND = ("(?=", "(?!", "(?<=", "(?<!")
_MAX_CODE_POINT = 0x10FFFF


def compile_pattern(source: str) -> re.Pattern[str]:
    """Compile an ECMAScript pattern.

    Raises:
        ValueError: for a pattern that ECMAScript refuses, or that Python cannot express
    """
    translated = _Translator(source).translate()
    try:
        return re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error


class _Translator:
    """Walks over a pattern once and writes the same pattern in Python's syntax."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._out: list[str] = []
        # For each open group: may a quantifier follow its end?
        self._groups: list[bool] = []
        self._repeatable = False

    def translate(self) -> str:
        while self._at < len(self._source):
            self._term(self._source[self._at])
        if self._groups:
            raise ValueError("a group is not closed")
        return "".join(self._out)

    def _term(self, character: str) -> None:
        if character in "*+?{":
            self._quantifier()
        elif character == "(":
            self._open()
        elif character == ")":
            self._close()
        elif character == "[":
            self._atom(self._class())
        elif character == "\\":
            self._escape()
        elif character in "]}":
            raise ValueError(f"a lone {character} at {self._at}")
        else:
            self._plain(character)

    def _plain(self, character: str) -> None:
        self._at += 1
        if character in "^|$":
            self._out.append("\\Z" if character == "$" else character)
            self._repeatable = False
        else:
            self._atom(_DOT if character == "." else re.escape(character))

    def _atom(self, text: str) -> None:
        self._out.append(text)
        self._repeatable = True

    def _quantifier(self) -> None:
        match = _QUANTIFIER.match(self._source, self._at)
        if match is None or not self._repeatable:
            raise ValueError(f"nothing to repeat at {self._at}")
        self._out.append(match.group())
        self._at = match.end()
        self._repeatable = False

    def _open(self) -> None:
        match = _GROUP.match(self._source, self._at)
        if match is None or (match.group() == "(" and self._source[match.end() :][:1] == "?"):
            raise ValueError(f"an unknown kind of group at {self._at}")
        name = match.group(1)
        self._out.append(f"(?P<{name}>" if name else match.group())
        self._groups.append(match.group() not in _LOOKAROUND)
        self._at = match.end()
        self._repeatable = False

    def _close(self) -> None:
        if not self._groups:
            raise ValueError(f"a lone ) at {self._at}")
        self._out.append(")")
        self._at += 1
        self._repeatable = self._groups.pop()

    def _escape(self) -> None:
        following = self._source[self._at + 1 : self._at + 2]
        reference = _REFERENCE.match(self._source, self._at + 1)
        if following in ("b", "B"):
            self._out.append(f"\\{following}")
            self._at += 2
            self._repeatable = False
        elif reference is not None:
            name, number = reference.groups()
            self._at = reference.end()
            self._atom(f"(?P={name})" if name else f"(?:\\{number})")
        elif following in _SETS and following:
            self._at += 2
            self._atom(f"[{_SETS[following]}]")
        else:
            self._atom(re.escape(self._character_escape(extra="")))

    def _character_escape(self, extra: str) -> str:
        """Read an escape that stands for one code point."""
        start = self._at + 1
        following = self._source[start : start + 1]
        point = _CODE_POINT.match(self._source, start)
        if point is not None:
            return self._code_point(point)
        after = self._source[start + 1 : start + 2]
        if following == "c" and after.isascii() and after.isalpha():
            self._at += 3
            return chr(ord(after) % 32)
        self._at += 2
        if following == "0" and not (after.isascii() and after.isdigit()):
            return "\0"
        if following and (following in _SYNTAX or following in extra):
            return following
        if following in _CONTROLS:
            return _CONTROLS[following]
        raise ValueError(f"the escape \\{following} is not known")

    def _code_point(self, match: re.Match[str]) -> str:
        braced, four, two = match.groups()
        self._at = match.end()
        value = int(braced or four or two, 16)
        low = _LOW_HALF.match(self._source, self._at)
        if four and 0xD800 <= value <= 0xDBFF and low is not None:
            self._at = low.end()
            value = 0x10000 + ((value - 0xD800) << 10) + (int(low.group(1), 16) - 0xDC00)
        if value > _MAX_CODE_POINT:
            raise ValueError("a code point beyond U+10FFFF")
        return chr(value)

    def _class(self) -> str:
        self._at += 1
        negated = self._source[self._at : self._at + 1] == "^"
        self._at += negated
        items: list[str] = []
        while self._peek() != "]":
            items.append(self._class_item())
        self._at += 1
        if not items:
            return "[\\s\\S]" if negated else "(?!)"
        return f"[{'^' if negated else ''}{''.join(items)}]"

    def _class_item(self) -> str:
        first, is_set = self._class_atom()
        if self._peek() != "-" or self._source[self._at + 1 : self._at + 2] in ("]", ""):
            return first if is_set else re.escape(first)
        self._at += 1
        last, is_last_set = self._class_atom()
        if is_set or is_last_set or first > last:
            raise ValueError(f"a range out of order before {self._at}")
        return f"{re.escape(first)}-{re.escape(last)}"

    def _class_atom(self) -> tuple[str, bool]:
        character = self._peek()
        if character != "\\":
            self._at += 1
            return character, False
        following = self._source[self._at + 1 : self._at + 2]
        if following in _SETS:
            self._at += 2
            return _SETS[following], True
        if following == "b":
            self._at += 2
            return "\b", False
        return self._character_escape(extra="-"), False

    def _peek(self) -> str:
        if self._at >= len(self._source):
            raise ValueError("a class is not closed")
        return self._source[self._at]
