"""What is run around calls of forecast."""

from typing import Any

from forecast import Money


def load() -> None:
    """Set the library up on a worker."""
    print("forecast is set up")


def check(function: str, args: tuple[Any, ...], _kwargs: dict[str, object]) -> None:
    """Refuse what makes no trend."""
    if function == "trend" and len(args[0]) <= 1:
        raise ValueError("a trend takes two values at least")


def money_to_plain(money: Money) -> dict[str, object]:
    """Make plain values of an amount."""
    return {"amount": money.amount, "currency": money.currency}


def money_from_plain(plain: dict[str, Any]) -> Money:
    """Make an amount of plain values."""
    return Money(plain["amount"], plain["currency"])
