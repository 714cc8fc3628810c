"""Numbers as ECMAScript prints and reads them."""

from __future__ import annotations

from amphis._internal.values import MAX_SAFE

# Python switches to an exponent at 1e16, ECMAScript at 1e21; below, at 1e-5 and at 1e-7.
_MAX_POINT = 21
_MIN_POINT = -6
_MAX_DIGITS = 16


def format_number(value: float) -> str:
    """Write a finite float with the fewest digits that read back as the same one."""
    text = float.__repr__(value)
    mantissa, has_exponent, exponent = text.partition("e")
    if not has_exponent:
        return text.removesuffix(".0")
    sign = "-" if mantissa[0] == "-" else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = whole + fraction
    point = len(whole) + int(exponent)
    if len(digits) <= point <= _MAX_POINT:
        return f"{sign}{digits.ljust(point, '0')}"
    if _MIN_POINT < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"


def parse_whole(text: str) -> int | float:
    """Read a JSON number without fraction and exponent: an int when it is safe, else a float."""
    if text == "-0":
        return -0.0  # which `{"$float":-0}` keeps and `narrow` does not
    if len(text) > _MAX_DIGITS + 1:
        return float(text)
    value = int(text)
    return value if -MAX_SAFE <= value <= MAX_SAFE else float(value)


def narrow(value: float) -> int | float:
    """Return the int that a number written in JSON stands for, if it is one; -0 is the int 0."""
    return int(value) if value.is_integer() and -MAX_SAFE <= value <= MAX_SAFE else value
