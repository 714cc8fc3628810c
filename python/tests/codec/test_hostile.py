"""Whatever the bytes are, a decoder returns a value or raises AmphisError, in little memory."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codec.codecs import IN_PYTHON, NAMES, codec_of

from amphis import (
    AmphisError,
    Attachment,
    Codec,
    Ext,
    Handle,
    Timestamp,
    compact_for,
    is_amphis_error,
)

CORPUS = Path(__file__).parents[1] / "corpus" / "codec"
TREE = {
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "weight": {"x-amphis": "decimal"},
                "at": {"x-amphis": "timestamp"},
                "kind": {"enum": ["leaf", "branch", 3]},
                "tags": {"x-amphis": "set", "items": {"x-amphis": "u16"}},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                "extra": {"x-amphis": "map", "keys": {"x-amphis": "int"}, "values": {}},
            },
            "required": ["name", "children"],
        }
    },
    "$ref": "#/$defs/Node",
}
LEAF = {"name": "ü", "children": [], "tags": {1, 300}, "kind": 3, "extra": {2**70: [None]}}
NODE = {"name": "root", "children": [LEAF, LEAF], "weight": Decimal("1.5"), "at": Timestamp(-1, 1)}
VALUE = {
    "text": ["", "héllo", "x" * 300],
    "numbers": [0, -1, 2**40, -(2**70), 1.5, float("inf"), 1j, Decimal("-1E+5")],
    1: {(1, "a"): b"\x00\xff", None: {1, 2, "c"}},
    "rest": (UUID(int=5), Timestamp(1, 1), Handle(7, "np.ndarray"), Ext(-5, b"abc")),
    "far": Attachment(3, "arrow", {"shape": [1, 2]}),
}
CODECS: dict[str, tuple[Codec, object]] = {
    **{name: (codec_of(name), VALUE) for name in NAMES},
    "fixed": (compact_for({}, integers="fixed"), VALUE),
    "schema": (compact_for(TREE), NODE),
    "evolving": (compact_for(TREE, evolve=True), NODE),
    "fixed schema": (compact_for(TREE, integers="fixed"), NODE),
}
THOROUGH = settings(max_examples=1_000)


def _decode(codec: Codec, data: bytes, name: str = "") -> None:
    """Decode, and check how much memory that took at most; AmphisError is a fine answer."""
    tracemalloc.start()
    try:
        codec.decode(data)
    except AmphisError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 100_000 + 400 * len(data), name


@THOROUGH
@given(data=st.binary(max_size=200))
def test_random_bytes_are_a_value_or_refused(data: bytes) -> None:
    for name, (codec, _) in CODECS.items():
        _decode(codec, data, name)


@THOROUGH
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 3), st.binary(min_size=1, max_size=6)),
        min_size=1,
        max_size=6,
    )
)
def test_mutated_encodings_are_a_value_or_refused(edits: list[tuple[int, int, bytes]]) -> None:
    for name, (codec, value) in CODECS.items():
        data = bytearray(codec.encode(value))
        for place, removed, inserted in edits:
            at = place % (len(data) + 1)
            data[at : at + removed] = inserted
        _decode(codec, bytes(data), name)


@THOROUGH
@given(text=st.text(st.sampled_from('[]{}",:$0123456789-+.eEtruefalsn \\u"mapstinxd')))
def test_random_json_is_a_value_or_refused(text: str) -> None:
    _decode(CODECS["json"][0], text.encode())


@pytest.mark.parametrize("name", [name for name in CODECS if name != "evolving"])
def test_every_truncation_of_an_encoding_is_refused(name: str) -> None:
    codec, value = CODECS[name]
    data = codec.encode(value)
    for size in range(len(data)):
        with pytest.raises(AmphisError) as caught:
            codec.decode(data[:size])
        assert is_amphis_error(caught.value, "DECODE_FAILED"), size


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.hex")), ids=lambda path: path.stem)
def test_inputs_found_before_stay_handled(path: Path) -> None:
    data = bytes.fromhex(path.read_text())
    for codec, _ in CODECS.values():
        _decode(codec, data)


DEEP = 10_000
NESTED = [
    ("msgpack", b"\x91" * DEEP + b"\xc0"),
    ("msgpack", b"\x81\x01" * DEEP + b"\xc0"),
    (IN_PYTHON, b"\x91" * DEEP + b"\xc0"),
    (IN_PYTHON, b"\x81\x01" * DEEP + b"\xc0"),
    ("compact", b"\x07\x01" * DEEP + b"\x00"),
    ("compact", b"\x08\x01\x00" * DEEP + b"\x00"),
    ("json", b"[" * DEEP + b"]" * DEEP),
    ("json", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    ("json", b'{"$tuple":[' * DEEP + b"]}" * DEEP),
    ("json", b'{"$map":[[1,' * DEEP + b"1" + b"]]}" * DEEP),
    ("fixed", (b"\x07" + bytes(3) + b"\x01" + bytes(7)) * DEEP + bytes(4)),
    ("schema", b"\x00\x00\x00\x00\x00\x01" * DEEP),
]


@pytest.mark.parametrize(("name", "data"), NESTED)
def test_nesting_of_ten_thousand_levels_is_refused_as_too_deep(name: str, data: bytes) -> None:
    with pytest.raises(AmphisError) as caught:
        CODECS[name][0].decode(data)
    assert is_amphis_error(caught.value, "DEPTH_EXCEEDED")


@pytest.mark.parametrize("name", [*NAMES, "fixed"])
def test_values_nested_too_deep_or_in_themselves_are_not_encoded(name: str) -> None:
    endless: list[object] = []
    endless.append({"again": (endless,)})
    deep: object = None
    for _ in range(DEEP):
        deep = [deep]
    for value in (endless, deep):
        with pytest.raises(AmphisError) as caught:
            CODECS[name][0].encode(value)
        assert is_amphis_error(caught.value, "DEPTH_EXCEEDED")
        assert caught.value.limit == 128


def _nested(levels: int) -> object:
    value: object = Attachment(0, "x", {})
    makers = (lambda v: [v], lambda v: {"k": v}, lambda v: (v,), lambda v: {1: v})
    for level in range(levels - 1):
        value = makers[level % 4](value)
    return value


@pytest.mark.parametrize("name", [*NAMES, "fixed"])
def test_depth_is_counted_alike_both_ways(name: str) -> None:
    codec = CODECS[name][0]
    assert codec.decode(codec.encode(_nested(128))) == _nested(128)
    with pytest.raises(AmphisError):
        codec.encode(_nested(129))
    if name != "fixed":
        data = codec_of(name, max_depth=129).encode(_nested(129))
        with pytest.raises(AmphisError) as caught:
            codec.decode(data)
        assert is_amphis_error(caught.value, "DEPTH_EXCEEDED")


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_beyond_the_stack_ends_in_depth_exceeded(name: str) -> None:
    codec = codec_of(name, max_depth=1_000_000)
    arrays = b"\x91" * DEEP + b"\xc0"
    data = {"compact": b"\x07\x01" * DEEP + b"\x00", "json": b"[" * DEEP + b"]" * DEEP}
    with pytest.raises(AmphisError) as caught:
        codec.decode(data.get(name, arrays))
    assert is_amphis_error(caught.value, "DEPTH_EXCEEDED")
