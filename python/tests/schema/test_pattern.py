"""ECMAScript patterns mean the same in Python, or are refused."""

from __future__ import annotations

import pytest

from amphis._internal.schema.pattern import compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("", "", True),
        ("^a|b$", "xb", True),
        ("a.c", "a\u2028c", False),
        ("a.c", "a\x85c", True),
        (r"\bé", "é", False),
        (r"^\w+$", "é", False),
        (r"^\W$", "é", True),
        (r"^\s$", "\ufeff", True),
        (r"^\s$", "\x1c", False),
        (r"^[\S]$", "\u3000", False),
        (r"^[^\s]$", "x", True),
        (r"^[\d-]$", "-", True),
        (r"^[a\-z]$", "-", True),
        (r"^[--/]$", ".", True),
        (r"^[[&&]$", "&", True),
        (r"^[\b]$", "\b", True),
        (r"^[]$", "", False),
        (r"^[^]$", "\n", True),
        (r"^\u{1F600}$", "😀", True),
        (r"^\ud83d\ude00$", "😀", True),
        (r"^\x41\u0042\cJ\0$", "AB\n\x00", True),
        (r"^(a)(?:b)\1$", "aba", True),
        (r"^(?<x>a)\k<x>$", "aa", True),
        (r"(?<=a)b(?!c)", "ab", True),
        (r"^a{2,3}?$", "aaa", True),
        (r"^\/\.\*$", "/.*", True),
        ("^ #x$", " #x", True),
        ("^~~&&||$", "~~&&", True),
    ],
)
def test_a_pattern_means_what_it_means_in_ecmascript(
    pattern: str, text: str, *, found: bool
) -> None:
    assert (compile_pattern(pattern).search(text) is not None) is found


@pytest.mark.parametrize(
    "pattern",
    [
        *("(", ")", "[", "]", "{", "}", "a{,3}", "a{2", "a**", "a++", "*", "^*", r"\b+", "(?=a)*"),
        *("(?i)a", "(?P<x>a)", "(?#c)", "(?>a)", "(?<1>a)", r"\Z", r"\A", r"\-", r"\_", r"\8"),
        *(r"\2(a)", r"\k<x>", r"\p{L}", r"\u{110000}", r"\u12", r"\x1", r"\c1", r"\00", "[z-a]"),
        *(r"[\d-z]", "\\", "[\\", "(?<=a*)b", "a{3,2}", "a{99999999999999999999}"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        compile_pattern(pattern)
