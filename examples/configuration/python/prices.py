"""Prices, in the currency of the machine."""

import os


def rounded(amount: float) -> str:
    """Give a price as people read it."""
    return f"{amount:.2f} {os.environ['CURRENCY']}"
