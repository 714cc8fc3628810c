"""Errors as the plain maps that travel (spec/bodies.md)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

MAX_CAUSES = 8
MAX_TEXT = 65_536


def encode_error(error: BaseException) -> dict[str, object]:
    """Turn any exception into its wire form; it never fails.

    An exception that is not Amphis's own becomes `REMOTE_FAILURE` with its origin. Entries of the
    context that no codec could carry are left out. At most eight causes travel.
    """
    return _encode_at(error, 0)


def _encode_at(error: BaseException, depth: int) -> dict[str, object]:
    wire = _own(error) if isinstance(error, AmphisError) else _foreign(error)
    cause = error.__cause__
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
    if cause is not None and depth < MAX_CAUSES:
        wire["cause"] = _encode_at(cause, depth + 1)
    return wire


def _own(error: AmphisError) -> dict[str, object]:
    wire: dict[str, object] = {
        "code": error.code.value if isinstance(error.code, ErrorCode) else error.code,
        "number": error.number,
        "category": error.category,
        "message": _clean(error.message),
        "retryable": error.retryable,
        "context": _portable_map(error.context, MAX_CAUSES),
    }
    if error.correlation_id is not None:
        wire["correlationId"] = _clean(error.correlation_id)
    if error.origin is not None:
        wire["origin"] = {key: _clean(text) for key, text in error.origin.items()}
    return wire


def _foreign(error: BaseException) -> dict[str, object]:
    import traceback  # noqa: PLC0415 - slow to load, and few programs fail

    from amphis._internal._generated.error_table import ERRORS  # noqa: PLC0415 - as above

    info = ERRORS[ErrorCode.REMOTE_FAILURE]
    try:
        message = str(error)
        trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except Exception as raised:  # noqa: BLE001 - __str__ of a user's exception may raise anything
        message = f"The text of the exception could not be read: {type(raised).__name__}"
        trace = "".join(traceback.format_tb(error.__traceback__))
    return {
        "code": ErrorCode.REMOTE_FAILURE.value,
        "number": info.number,
        "category": info.category,
        "message": _clean(message),
        "retryable": info.retryable,
        "context": {},
        "origin": {
            "language": "python",
            "type": type(error).__qualname__,
            "traceback": _clean(trace),
        },
    }


def _clean(text: str) -> str:
    """Text that every codec takes: no lone surrogates, and the end of it when it is very long."""
    kept = text if len(text) <= MAX_TEXT else "…" + text[-MAX_TEXT:]
    return kept if kept.isascii() else kept.encode("utf-8", "replace").decode("utf-8")


_UNPORTABLE = object()


def _portable(value: object, room: int) -> object:
    if value is None or isinstance(value, (bool, float, bytes)):
        return value
    if isinstance(value, int):
        return int(value) if -(2**63) <= value < 2**64 else _UNPORTABLE
    if isinstance(value, str):
        return _clean(value.value if isinstance(value, Enum) else value)
    return _portable_container(value, room - 1) if room > 0 else _UNPORTABLE


def _portable_container(value: object, room: int) -> object:
    if isinstance(value, Mapping):
        return _portable_map(value, room)
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return _portable_map({name: getattr(value, name) for name in fields}, room)
    if isinstance(value, (list, tuple)):
        items = [_portable(item, room) for item in value]
        return [item for item in items if item is not _UNPORTABLE]
    return _UNPORTABLE


def _portable_map(context: Mapping[str, object], room: int) -> dict[str, object]:
    entries = ((key, _portable(value, room)) for key, value in context.items())
    return {_clean(str(key)): value for key, value in entries if value is not _UNPORTABLE}


def decode_error(wire: object) -> AmphisError:
    """Rebuild an error from a decoded wire form, which may hold anything.

    Raises:
        AmphisError: BODY_INVALID when a field is missing or of the wrong kind
    """
    return _decode_at(wire, "$", 0)


def _decode_at(wire: object, path: str, depth: int) -> AmphisError:
    from amphis._internal._generated.error_table import ErrorInfo  # noqa: PLC0415 - as above

    body = _map(wire, path)
    cause = body.get("cause")
    return AmphisError(
        _text(body, "code", path),
        _text(body, "message", path),
        _map(body.get("context") or {}, f"{path}.context"),
        cause=(
            None
            if cause is None or depth >= MAX_CAUSES
            else _decode_at(cause, f"{path}.cause", depth + 1)
        ),
        correlation_id=_optional_text(body, "correlationId", path),
        origin=_origin(body.get("origin"), f"{path}.origin"),
        info=ErrorInfo(
            number=_int(body, "number", path),
            category=_text(body, "category", path),
            retryable=_bool(body, "retryable", path),
            summary="",
            remedy="",
            doc="",
        ),
    )


def _origin(value: object, path: str) -> dict[str, str] | None:
    if value is None:
        return None
    body = _map(value, path)
    texts = {key: _optional_text(body, key, path) for key in ("language", "type", "traceback")}
    return {key: text for key, text in texts.items() if text is not None}


def _map(value: object, path: str) -> dict[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise _invalid(path, "a map with string keys")
    return value


def _text(body: dict[str, object], key: str, path: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise _invalid(f"{path}.{key}", "a string")
    return value


def _optional_text(body: dict[str, object], key: str, path: str) -> str | None:
    return None if body.get(key) is None else _text(body, key, path)


def _int(body: dict[str, object], key: str, path: str) -> int:
    value = body.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _invalid(f"{path}.{key}", "an int")
    return value


def _bool(body: dict[str, object], key: str, path: str) -> bool:
    value = body.get(key)
    if not isinstance(value, bool):
        raise _invalid(f"{path}.{key}", "a bool")
    return value


def _invalid(path: str, expected: str) -> AmphisError:
    return AmphisError(
        ErrorCode.BODY_INVALID,
        f"Cannot read error: {path} must be {expected}",
        {"body": "error", "path": path, "expected": expected},
    )
