"""What code in a worker may meet that comes of the TypeScript program."""

from __future__ import annotations


class Cancelled(BaseException):
    """The program wants no more of this call; raised inside of it, wherever it is.

    As with `KeyboardInterrupt`, `except Exception` does not catch it. Clean up and let it pass: a
    call that does not end is ended with its worker. Coroutines that wait get
    `asyncio.CancelledError` instead.
    """


class TypeScriptError(Exception):
    """A function of TypeScript that was called from here has thrown.

    Not caught, it goes back to the program as the error that it was.

    Attributes:
        code: of the error; `REMOTE_FAILURE` for one that is not of Amphis
        message: of the error
        stack: of the error, as JavaScript writes it; empty when there is none
        type: name of its class, such as `RangeError`
        callback: number of the callback that failed
        function: which function or iterable of the program that called
    """

    code: str
    message: str
    stack: str
    type: str
    callback: int
    function: str

    def __init__(  # noqa: PLR0913 - all but the text are keyword-only and optional
        self,
        message: str,
        *,
        code: str = "",
        stack: str = "",
        type: str = "",  # noqa: A002 - as the attribute
        callback: int = 0,
        function: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.stack = stack
        self.type = type
        self.callback = callback
        self.function = function

    def __reduce__(self) -> tuple[object, ...]:
        state = (self.message, self.code, self.stack, self.type, self.callback, self.function)
        return (_again, state)


def _again(  # noqa: PLR0913, PLR0917 - all of its state
    message: str, code: str, stack: str, kind: str, callback: int, function: str
) -> TypeScriptError:
    return TypeScriptError(
        message, code=code, stack=stack, type=kind, callback=callback, function=function
    )
