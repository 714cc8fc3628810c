"""A model that makes a text word by word, for the guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def generate(prompt: str) -> Iterator[str]:
    yield from [prompt, ", ", "there ", "was ", "a ", "snake", "."]


def train(epochs: int, on_epoch: Callable[[int, float], None]) -> str:
    for epoch in range(epochs):
        on_epoch(epoch, 1 / (epoch + 1))
    return "trained"


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def add(self, number: int) -> int:
        self.count += number
        return self.count
