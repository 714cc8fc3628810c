"""What the story calls: an ordinary module, which knows nothing of TypeScript."""

from __future__ import annotations

from collections.abc import Callable

BALANCES = {"ann": 100}


# #region raises
class OverdrawnError(Exception):
    """There is not enough in an account."""

    def __init__(self, account: str, missing: int) -> None:
        super().__init__(f"{account} lacks {missing}")
        self.account = account
        self.missing = missing


def transfer(account: str, amount: int) -> int:
    """Take an amount out of an account."""
    try:
        balance = BALANCES[account]
    except KeyError as error:
        raise LookupError(f"there is no account {account}") from error
    if amount > balance:
        raise OverdrawnError(account, amount - balance)
    return balance - amount


# #endregion raises


def audit() -> None:
    """Find that two things are wrong."""
    raise ExceptionGroup("the books are wrong", [ValueError("1 is missing"), OSError("no paper")])


# #region callback
def each(items: list[int], function: Callable[[int], int]) -> list[int | str]:
    """Call a function of TypeScript, and go on where it fails."""
    from amphis import TypeScriptError

    results: list[int | str] = []
    for item in items:
        try:
            results.append(function(item))
        except TypeScriptError as error:
            results.append(f"{error.type}: {error.message}")
    return results


# #endregion callback


def every(items: list[int], function: Callable[[int], int]) -> list[int]:
    """Call a function of TypeScript, and fail where it fails."""
    return [function(item) for item in items]


def wrapped(items: list[int], function: Callable[[int], int]) -> list[int]:
    """Do the same, with another exception around."""
    try:
        return every(items, function)
    except Exception as error:
        raise RuntimeError("not all of them") from error
