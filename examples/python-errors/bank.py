"""What the story calls: an ordinary module, which knows nothing of TypeScript."""

from __future__ import annotations

from collections.abc import Callable

import amphis

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
    errors = [ValueError("1 is missing"), OSError("no paper")]
    raise ExceptionGroup("the books are wrong", errors)  # noqa: F821 - Python 3.11 has it


# #region callback
def attempt(function: Callable[[int], float], number: int) -> float | str:
    """Call a function of TypeScript, and go on when it fails."""
    try:
        return function(number)
    except amphis.TypeScriptError as error:
        return f"{error.type}: {error.message}"


# #endregion callback


def every(function: Callable[[int], float], numbers: list[int]) -> list[float]:
    """Call a function of TypeScript, and fail when it fails."""
    return [function(number) for number in numbers]
