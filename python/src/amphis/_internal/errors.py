"""The one exception of Amphis (spec/errors.json)."""

from __future__ import annotations

from types import MappingProxyType

from amphis._internal._generated.error_codes import ErrorCode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeGuard

    from amphis._internal._generated.error_table import ErrorInfo

_NEWER = "Update this program: the peer is newer and knows an error that this version does not"


class AmphisError(Exception):
    """Every failure that Amphis reports; match `code`, never the text.

    The fields that belong to the code are in `context` and are attributes of the error too:
    `error.limit` for `FRAME_TOO_LARGE`. `origin` says where an error was raised when that was not
    here: `language`, `type` and `traceback`.

    Args:
        code: one of `ErrorCode`, or the name of a code that only the peer knows
        message: what could not be done, "Cannot <act>: <reason>"
        context: the fields of the code
        cause: what made this error happen; becomes `__cause__`
        correlation_id: the message or call that failed
        origin: where it was raised, if not here
        info: what the wire says of a code that may be newer than this version
    """

    code: ErrorCode | str
    number: int
    category: str
    retryable: bool
    remedy: str
    context: Mapping[str, object]
    correlation_id: str | None
    origin: Mapping[str, str] | None

    def __init__(  # noqa: PLR0913 - all but three are keyword-only and optional
        self,
        code: ErrorCode | str,
        message: str,
        context: Mapping[str, object] | None = None,
        *,
        cause: BaseException | None = None,
        correlation_id: str | None = None,
        origin: Mapping[str, str] | None = None,
        info: ErrorInfo | None = None,
    ) -> None:
        # Slow to load, and many programs never fail.
        from amphis._internal._generated.error_table import ERRORS  # noqa: PLC0415

        super().__init__(message)
        self.code = _own_code(code)
        known = ERRORS.get(self.code) if isinstance(self.code, ErrorCode) else None
        said = info or known
        self.number = known.number if known else said.number if said else 0
        self.category = known.category if known else said.category if said else "remote"
        self.retryable = said.retryable if said else False
        self.remedy = known.remedy if known else _NEWER
        self.context = MappingProxyType(dict(context or {}))
        self.correlation_id = correlation_id
        self.origin = None if origin is None else MappingProxyType(dict(origin))
        self.__cause__ = cause

    @property
    def message(self) -> str:
        """What could not be done, and why."""
        return str(self.args[0])

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        code = self.code.value if isinstance(self.code, ErrorCode) else self.code
        return f"AmphisError({code}: {self.message})"

    def __getattr__(self, name: str) -> object:
        # Looked up in __dict__, as a half-built error (copy, pickle) has no context yet.
        context = self.__dict__.get("context")
        if context is not None and name in context:
            return context[name]
        raise AttributeError(f"Cannot read {name}: an error of this code has no such field")

    def __reduce__(self) -> tuple[object, ...]:
        from amphis._internal._generated.error_table import ErrorInfo  # noqa: PLC0415 - as above

        cause = self.__cause__
        state = (
            self.code,
            self.message,
            dict(self.context),
            # Other exceptions may not survive a pickle; better to lose a cause than the error.
            cause if isinstance(cause, AmphisError) else None,
            self.correlation_id,
            None if self.origin is None else dict(self.origin),
            ErrorInfo(self.number, self.category, self.retryable, "", "", ""),
        )
        return (_restore, (type(self), state))


def _own_code(code: ErrorCode | str) -> ErrorCode | str:
    try:
        return ErrorCode(code)
    except ValueError:
        return str(code)


def _restore(
    kind: type[AmphisError],
    state: tuple[
        ErrorCode | str,
        str,
        dict[str, object],
        AmphisError | None,
        str | None,
        dict[str, str] | None,
        ErrorInfo,
    ],
) -> AmphisError:
    code, message, context, cause, correlation_id, origin, info = state
    return kind(
        code,
        message,
        context,
        cause=cause,
        correlation_id=correlation_id,
        origin=origin,
        info=info,
    )


def is_amphis_error(error: object, code: ErrorCode | str | None = None) -> TypeGuard[AmphisError]:
    """Tell whether something raised is an Amphis error, of one code if one is given."""
    return isinstance(error, AmphisError) and (code is None or error.code == code)
