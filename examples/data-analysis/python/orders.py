"""What this project does to its orders."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y")


@dataclass(frozen=True)
class Dropped:
    """How many rows were left out, and why."""

    duplicates: int
    undated: int
    incomplete: int


# #region clean
def clean(orders: pd.DataFrame, *, unknown_quantity: int = 0) -> tuple[pd.DataFrame, Dropped]:
    """Put dates and names into one form; leave out what occurs twice or cannot be used.

    A quantity that is missing is taken as `unknown_quantity`; where that is 0, the row is left out.
    """
    once = orders.drop_duplicates("order")
    tidy = once.assign(
        ordered=dates(once["ordered"]),
        product=once["product"].str.strip().str.lower(),
        quantity=once["quantity"].fillna(unknown_quantity),
    )
    dated = tidy.dropna(subset=["ordered"])
    usable = dated[(dated["quantity"] > 0) & dated["price"].notna()]
    dropped = Dropped(
        duplicates=len(orders) - len(once),
        undated=len(tidy) - len(dated),
        incomplete=len(dated) - len(usable),
    )
    return usable.assign(revenue=usable["quantity"] * usable["price"]), dropped


# #endregion clean


def dates(texts: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    """Read dates in any of the forms that occur; what is in none of them is no date."""
    found = pd.to_datetime(texts, format=FORMS[0], errors="coerce")
    for form in FORMS[1:]:
        found = found.fillna(pd.to_datetime(texts, format=form, errors="coerce"))
    return found
