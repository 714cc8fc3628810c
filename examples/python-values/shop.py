"""What the story calls: an ordinary module, which knows nothing of TypeScript."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any


class Size(Enum):
    """How large a thing is."""

    SMALL = "S"
    LARGE = "L"


@dataclass(frozen=True, slots=True)
class Offer:
    """What something costs, and until when."""

    item: str
    price: Decimal
    size: Size
    until: date


class Stock:
    """How many there are."""

    def __init__(self, count: int) -> None:
        self.count = count

    def take(self, count: int) -> int:
        """Take some away."""
        self.count -= count
        return self.count


def offer() -> Offer:
    """Make an offer."""
    return Offer("tea", Decimal("3.50"), Size.SMALL, date(2026, 11, 21))


# #region mixed
def shelf() -> dict[str, Any]:
    """Mix what travels and what does not."""
    return {"item": "tea", "prices": [Decimal("3.50")], "stock": Stock(12)}


# #endregion mixed


def shown(value: object) -> str:
    """Tell what came."""
    return f"{type(value).__name__} {value!r}"
