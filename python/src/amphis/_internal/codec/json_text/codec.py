"""JSON behind the interface of all codecs."""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder
from typing import NoReturn

from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes, as_bytes, check_max_depth
from amphis._internal.codec.json_text.decode import TooDeepError, decode_tree
from amphis._internal.codec.json_text.encode import encode_value
from amphis._internal.codec.json_text.number import parse_whole
from amphis._internal.codec.json_text.tags import Malformed
from amphis._internal.codec.refusal import Refusal, decode_failed, depth_exceeded, unrepresentable
from amphis._internal.codec.text import UnrepresentableError


def _refuse_constant(text: str) -> NoReturn:
    raise Malformed(f"{text} is no JSON")


_DECODER = JSONDecoder(parse_int=parse_whole, parse_constant=_refuse_constant, strict=True)


class JsonCodec:
    """JSON text, lossless for every value by the tags of spec/values.md."""

    __slots__ = ("_max_depth",)
    name = "json"

    def __init__(self, max_depth: int) -> None:
        self._max_depth = check_max_depth(max_depth)

    def __repr__(self) -> str:
        return f"json(max_depth={self._max_depth})"

    def encode(self, value: object) -> bytes:
        """Encode one value; see `Codec`."""
        out: list[str] = []
        try:
            encode_value(out, value, self._max_depth)
        except Refusal as refusal:
            raise refusal.error(self.name, self._max_depth) from None
        except RecursionError:
            raise depth_exceeded("encode", self.name, self._max_depth) from None
        return "".join(out).encode()

    def decode(self, data: Bytes) -> object:
        """Decode the one value that the text is; see `Codec`."""
        raw = as_bytes(data)
        try:
            return decode_tree(_DECODER.decode(raw.decode("utf-8")), self._max_depth)
        except UnicodeDecodeError as error:
            raise decode_failed(self.name, error.start, "the text is not valid UTF-8") from None
        except JSONDecodeError as error:
            offset = len(error.doc[: error.pos].encode())
            raise decode_failed(self.name, offset, "the text is not JSON") from None
        except (TooDeepError, RecursionError):
            raise depth_exceeded("decode", self.name, self._max_depth) from None
        except UnrepresentableError as error:
            raise unrepresentable(self.name, str(error)) from None
        except (ValueError, OverflowError) as error:
            # Where in the text a tag stood is not known after parsing.
            raise decode_failed(self.name, 0, str(error)) from None


def json(*, max_depth: int = DEFAULT_MAX_DEPTH) -> JsonCodec:
    """Make the codec for people and browsers.

    Args:
        max_depth: how many levels of lists, maps, sets and tuples may nest. The recursion limit of
            the interpreter bounds it too: what does not fit on the stack is DEPTH_EXCEEDED
    """
    return JsonCodec(max_depth)
