"""The tree of a JSON text to values."""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING

from amphis._internal.codec.collisions import why_too_slow
from amphis._internal.codec.json_text.number import narrow
from amphis._internal.codec.json_text.tags import TAGS, Malformed
from amphis._internal.codec.kinds import is_meta, why_no_key
from amphis._internal.values import MAX_INDEX, Attachment

if TYPE_CHECKING:
    from collections.abc import Callable


class TooDeepError(Exception):
    """One more level than the limit opens."""


def decode_tree(node: object, room: int) -> object:
    """Turn what the JSON parser returned into a value.

    Raises:
        Malformed: for a tag with the wrong content, or none
        TooDeepError: when it nests too deep
    """
    kind = type(node)
    if kind is str:
        return checked_text(node)
    if isinstance(node, float):
        if isinf(node):
            raise Malformed("a number is too large for a float")
        return narrow(node)
    if isinstance(node, list):
        return _items(node, room)
    if isinstance(node, dict):
        return _object(node, room)
    return node


def checked_text(text: object) -> str:
    """Return a string without lone surrogates, which JSON can write and no other codec carries."""
    if not isinstance(text, str):
        raise Malformed("a string is needed")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise Malformed("a string holds a lone surrogate") from None
    return text


def _items(nodes: list[object], room: int) -> list[object]:
    if room <= 0:
        raise TooDeepError
    return [decode_tree(node, room - 1) for node in nodes]


def _object(node: dict[str, object], room: int) -> object:
    if len(node) == 1:
        ((key, body),) = node.items()
        if key[:1] == "$":
            return _tagged(key, body, room)
    if room <= 0:
        raise TooDeepError
    return {checked_text(key): decode_tree(item, room - 1) for key, item in node.items()}


def _tagged(tag: str, body: object, room: int) -> object:
    scalar = TAGS.get(tag)
    if scalar is not None:
        return scalar(body)
    container = _CONTAINERS.get(tag)
    if container is None:
        raise Malformed("an object with one key that starts with $ is no known tag")
    if not isinstance(body, list):
        raise Malformed(f"{tag} needs a list")
    return container(body, room)


def _map(body: list[object], room: int) -> dict[object, object]:
    if room <= 0:
        raise TooDeepError
    keys: list[object] = []
    values: list[object] = []
    for pair in body:
        if not isinstance(pair, list) or len(pair) != 2:
            raise Malformed("$map needs pairs")
        keys.append(_checked_key(decode_tree(pair[0], room - 1)))
        values.append(decode_tree(pair[1], room - 1))
    _check_collisions(keys)
    return dict(zip(keys, values, strict=True))


def _check_collisions(keys: list[object]) -> None:
    reason = why_too_slow(keys)
    if reason is not None:
        raise Malformed(reason)


def _set(body: list[object], room: int) -> set[object]:
    items = [_checked_key(item) for item in _items(body, room)]
    _check_collisions(items)
    return set(items)


def _tuple(body: list[object], room: int) -> tuple[object, ...]:
    return tuple(_items(body, room))


def _attachment(body: list[object], room: int) -> Attachment:
    if len(body) != 3:
        raise Malformed("$attachment needs an index, a format and a map")
    index, format_, meta = body[0], checked_text(body[1]), decode_tree(body[2], room)
    if isinstance(index, float):
        index = narrow(index)
    if type(index) is not int or not 0 <= index <= MAX_INDEX or not is_meta(meta):
        raise Malformed("$attachment needs an index from 0 to 65535, a format and a map of strings")
    return Attachment(index, format_, meta)


def _checked_key(key: object) -> object:
    reason = why_no_key(key)
    if reason is not None:
        raise Malformed(reason)
    return key


_CONTAINERS: dict[str, Callable[[list[object], int], object]] = {
    "$map": _map,
    "$set": _set,
    "$tuple": _tuple,
    "$attachment": _attachment,
}
