"""A stand-in for a model: it says one word after another."""

from __future__ import annotations

from collections.abc import Iterator


def generate(prompt: str) -> Iterator[str]:
    """Go on from a prompt."""
    yield prompt
    for word in ("upon", "a", "time"):
        yield f" {word}"
    yield "\n"
