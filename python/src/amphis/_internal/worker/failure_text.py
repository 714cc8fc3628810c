"""Parts of exceptions and arguments as short texts and plain values, whatever their classes do."""

from __future__ import annotations

from collections.abc import Mapping
from types import GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING

from amphis._internal.worker.functions import TypeScriptFunction, TypeScriptIterable

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_TEXT = 16_384
"""Characters of the text of an exception."""

_MOST_NOTES = 16
_MOST_ATTRIBUTES = 32
_MOST_ITEMS = 64
_MOST_LEVELS = 4
_ATTRIBUTE_TEXT = 4_096
_SHORT_TEXT = 120
_SHORT_ITEMS = 6
_NOTHING = object()


def clean(text: str, limit: int) -> str:
    """Text that every codec takes, without its middle when it is long."""
    if len(text) > limit:
        half = limit // 2
        text = f"{text[:half]} … {text[-half:]}"
    # A subclass of str would decide itself how it looks.
    text = str.__str__(text)
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def ask(question: Callable[[], object]) -> object:
    """The answer of code of the user's; None when it raises."""
    try:
        return question()
    except BaseException:  # noqa: BLE001 - a class may even exit when it is asked for its text
        return None


def text_of(error: BaseException) -> str:
    """`str()` of an exception."""
    text = ask(lambda: str(error))
    return clean(text, MAX_TEXT) if isinstance(text, str) else "its text cannot be read"


def class_of(error: object) -> tuple[str, str]:
    """Qualified name and module of a class, both of which may be anything."""
    kind = type(error)
    module = ask(lambda: kind.__module__)
    name = clean(kind.__qualname__, _ATTRIBUTE_TEXT)
    return name, clean(module, _ATTRIBUTE_TEXT) if isinstance(module, str) else ""


def notes_of(error: BaseException) -> list[str]:
    """What was added to an exception by `add_note`."""
    notes = ask(lambda: getattr(error, "__notes__", None))
    if type(notes) is not list:
        return []
    texts = [note for note in notes[:_MOST_NOTES] if isinstance(note, str)]
    return [clean(note, _ATTRIBUTE_TEXT) for note in texts]


def attributes_of(error: BaseException) -> dict[str, object]:
    """Public attributes of an exception that are plain values."""
    found: dict[str, object] = {}
    for kind in type(error).__mro__:
        if kind is BaseException or kind is object:
            break
        for name, member in list(vars(kind).items()):
            if isinstance(member, (GetSetDescriptorType, MemberDescriptorType)):
                _add(found, name, ask(lambda member=member: member.__get__(error)))  # type: ignore[misc]
    own = ask(lambda: object.__getattribute__(error, "__dict__"))
    for name, value in list(own.items()) if type(own) is dict else ():
        _add(found, name, value)
    return found


def _add(found: dict[str, object], name: object, value: object) -> None:
    if len(found) < _MOST_ATTRIBUTES and isinstance(name, str) and not name.startswith("_"):
        plain = portable(value, _MOST_LEVELS)
        is_emptied = type(plain) in (list, dict) and not plain and bool(value)
        if plain is not _NOTHING and plain is not None and not is_emptied:
            found[clean(name, _SHORT_TEXT)] = plain


def portable_map(value: Mapping[str, object]) -> dict[str, object]:
    """The entries of a map that travel."""
    entries = ((key, portable(item, _MOST_LEVELS)) for key, item in value.items())
    return {clean(str(key), _SHORT_TEXT): item for key, item in entries if item is not _NOTHING}


def portable(value: object, room: int) -> object:
    """A copy of a plain value, shortened; a mark for anything else."""
    kind = type(value)
    if kind in (list, tuple, dict) and isinstance(value, (list, tuple, dict)):
        return _portable_container(value, room) if room > 0 else _NOTHING
    if kind is str and isinstance(value, str):
        return clean(value, _ATTRIBUTE_TEXT)
    if kind is int and isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else _NOTHING
    if kind is bytes and isinstance(value, bytes):
        return value[:_ATTRIBUTE_TEXT]
    if value is None or kind in (bool, float):
        return value
    return _NOTHING


def _portable_container(
    value: list[object] | tuple[object, ...] | dict[object, object], room: int
) -> object:
    if isinstance(value, dict):
        entries = [(key, portable(value[key], room - 1)) for key in list(value)[:_MOST_ITEMS]]
        return {
            clean(key, _SHORT_TEXT): item
            for key, item in entries
            if type(key) is str and item is not _NOTHING
        }
    items = [portable(item, room - 1) for item in value[:_MOST_ITEMS]]
    return [item for item in items if item is not _NOTHING]


def short(value: object, room: int = 2) -> str:
    """A text of one argument that costs next to nothing: code of its class is not run."""
    kind = type(value)
    if kind in (type(None), bool, float, complex):
        return repr(value)
    if kind is int and isinstance(value, int):
        return repr(value) if value.bit_length() <= 128 else f"int of {value.bit_length()} bits"
    if kind in (str, bytes) and isinstance(value, (str, bytes)):
        cut = repr(value[:_SHORT_TEXT])
        return clean(cut if len(value) <= _SHORT_TEXT else f"{cut}…", _SHORT_TEXT)
    if kind in (list, tuple, dict) and isinstance(value, (list, tuple, dict)):
        return _short_container(value, room)
    return _short_object(value)


def _short_container(
    value: list[object] | tuple[object, ...] | dict[object, object], room: int
) -> str:
    if room == 0:
        return f"{type(value).__name__} of {len(value)}"
    first = list(value)[:_SHORT_ITEMS]
    texts = [short(item, room - 1) for item in first]
    if isinstance(value, dict):
        pairs = zip(texts, (value.get(key) for key in first), strict=True)
        texts = [f"{key}: {short(item, room - 1)}" for key, item in pairs]
    more = ["…"] if len(value) > len(first) else []
    around = {list: "[]", tuple: "()", dict: "{}"}[type(value)]
    return clean(f"{around[0]}{', '.join(texts + more)}{around[1]}", _SHORT_TEXT)


def _short_object(value: object) -> str:
    kind = type(value)
    if issubclass(kind, TypeScriptFunction):
        return "<function of TypeScript>"
    if issubclass(kind, TypeScriptIterable):
        return "<iterable of TypeScript>"
    name, module = class_of(value)
    full = name if module in ("builtins", "") else f"{module}.{name}"
    shape = shape_of(value)
    dtype = dtype_of(value)
    said = [full, *([str(tuple(shape))] if shape is not None else []), *([dtype] if dtype else [])]
    return clean(" ".join(said), _SHORT_TEXT)


def shape_of(value: object) -> list[int] | None:
    """The shape of an array, tensor or frame of a library that has shapes."""
    if not _is_of_library(value):
        return None
    shape = ask(lambda: [int(length) for length in value.shape])  # type: ignore[attr-defined]
    return shape if isinstance(shape, list) else None


def dtype_of(value: object) -> str:
    """The type of the elements of an array, series or tensor; empty for anything else."""
    dtype = ask(lambda: str(value.dtype)) if _is_of_library(value) else None  # type: ignore[attr-defined]
    return clean(dtype, _SHORT_TEXT) if isinstance(dtype, str) else ""


def device_of(value: object) -> str:
    """Where a tensor lies; empty for anything else."""
    device = ask(lambda: str(value.device)) if _is_of_library(value) else None  # type: ignore[attr-defined]
    return clean(device, _SHORT_TEXT) if isinstance(device, str) else ""


def _is_of_library(value: object) -> bool:
    """Whether attributes may be read: of these libraries, they are known to be cheap."""
    module = class_of(value)[1]
    return module.partition(".")[0] in ("numpy", "torch", "pandas", "polars", "cupy", "jaxlib")
