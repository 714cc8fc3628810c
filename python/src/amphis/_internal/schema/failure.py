"""One place where a value does not satisfy its schema."""

from __future__ import annotations

from typing import NamedTuple


class ValidationFailure(NamedTuple):
    """What is wrong at one place; the texts are fixed by spec/schema.md."""

    path: str
    expected: str
    received: str
    message: str


def failure(path: str, expected: str, received: str) -> ValidationFailure:
    """Join the three texts to a sentence."""
    message = f"{path}: expected {expected}, received {received}"
    return ValidationFailure(path, expected, received, message)
