"""A library of the project's own."""

from dataclasses import dataclass

calls = {"trend": 0, "prices": 0}


@dataclass
class Money:
    """An amount in the smallest unit of a currency."""

    amount: int
    currency: str


def trend(values: list[float]) -> float:
    """Give the mean step from one value to the next."""
    calls["trend"] += 1
    return (values[-1] - values[0]) / (len(values) - 1)


def price(product: str) -> int:
    """Give the price of a product."""
    return prices([(product,)])[0]


def prices(batch: list[tuple[str]]) -> list[int]:
    """Give the prices of many products."""
    calls["prices"] += 1
    return [100 + len(product) for (product,) in batch]


def total(amounts: list[Money]) -> Money:
    """Add amounts."""
    return Money(sum(amount.amount for amount in amounts), amounts[0].currency)


def called(name: str) -> int:
    """Tell how often a function was called."""
    return calls[name]


def internal_state() -> dict[str, int]:
    """Tell what nobody should know."""
    return calls
