"""Keys that are chosen to share a hash are refused before they cost quadratic time."""

from __future__ import annotations

import pytest
from tests.codec.codecs import NAMES, codec_of

from amphis import AmphisError, Codec, ErrorCode, compact_for

CODECS = [codec_of(name) for name in NAMES]
# CPython's hash of an int is the int modulo this prime.
PRIME = 2**61 - 1


def colliding(count: int) -> list[int]:
    return [PRIME * (2**12 + index) for index in range(count)]


def refused(codec: Codec, value: object) -> str:
    data = codec.encode(value)
    with pytest.raises(AmphisError) as caught:
        codec.decode(data)
    assert caught.value.code == ErrorCode.DECODE_FAILED
    return str(caught.value)


@pytest.mark.parametrize("codec", CODECS, ids=NAMES)
def test_a_map_of_colliding_keys_is_refused(codec: Codec) -> None:
    keys = colliding(600)
    assert "599 keys share their hash" in refused(codec, dict.fromkeys(keys, 0))


@pytest.mark.parametrize("codec", CODECS, ids=NAMES)
def test_a_set_of_colliding_elements_is_refused(codec: Codec) -> None:
    assert "599 keys share their hash" in refused(codec, set(colliding(600)))


def test_layouts_of_maps_and_sets_refuse_colliding_keys() -> None:
    keys = {"x-amphis": "int"}
    one_map = compact_for({"x-amphis": "map", "keys": keys, "values": {"type": "null"}})
    one_set = compact_for({"x-amphis": "set", "items": keys})
    assert "599 keys" in refused(one_map, dict.fromkeys(colliding(600)))
    assert "599 keys" in refused(one_set, set(colliding(600)))


@pytest.mark.parametrize("codec", CODECS, ids=NAMES)
@pytest.mark.parametrize(
    "keys",
    [
        colliding(200),
        range(5_000),
        [f"key {index}" for index in range(5_000)],
        [float(index) + 0.5 for index in range(5_000)],
        [(index, "x") for index in range(2_000)],
    ],
    ids=["a few that collide", "ints", "strings", "floats", "tuples"],
)
def test_honest_keys_pass(codec: Codec, keys: list[object]) -> None:
    value = dict.fromkeys(keys, None)
    assert codec.decode(codec.encode(value)) == value
