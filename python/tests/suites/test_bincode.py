"""The bincode suite: what the crate wrote and which bytes it accepts, little-endian both ways."""

from __future__ import annotations

import json
import struct
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal

import pytest

from amphis import AmphisError, compact_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from amphis import CompactCodec

Schema = dict[str, Any]
INTEGERS: tuple[tuple[str, Literal["varint", "fixed"]], ...] = (
    ("standard", "varint"),
    ("legacy", "fixed"),
)


def _integer(name: str) -> Schema:
    return {"x-amphis": name}


STRING: Schema = {"type": "string"}
BOOL: Schema = {"type": "boolean"}
BYTES: Schema = {"x-amphis": "bytes"}
NULL: Schema = {"type": "null"}


def _vec(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _option(inner: Schema) -> Schema:
    return {"anyOf": [inner, NULL]}


def _tuple(*members: Schema) -> Schema:
    return {"type": "array", "prefixItems": list(members), "items": False}


def _array(items: Schema, length: int) -> Schema:
    return {"x-amphis": "array", "items": items, "minItems": length, "maxItems": length}


def _bytes_of(length: int) -> Schema:
    return {"x-amphis": "bytes", "minItems": length, "maxItems": length}


def _record(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _result(ok: Schema, err: Schema) -> Schema:
    return {"anyOf": [_record(Ok=ok), _record(Err=err)]}


U8, U16, U32, U64, I32, I64 = map(_integer, ("u8", "u16", "u32", "u64", "i32", "i64"))
IP = {"anyOf": [_bytes_of(4), _bytes_of(16)]}
SCHEMAS: dict[str, Schema] = {
    **{
        f"{sign}{bits}": _integer(f"{sign}{bits}") for sign in "ui" for bits in (8, 16, 32, 64, 128)
    },
    "usize": U64,
    "isize": I64,
    "f32": _integer("f32"),
    "f64": _integer("f64"),
    "bool": BOOL,
    "char": _integer("char"),
    "String": STRING,
    "()": NULL,
    "(u32,i32)": _tuple(U32, I32),
    "(u8,)": _tuple(U8),
    "(u8,String,bool)": _tuple(U8, STRING, BOOL),
    "(u8,String,bool,f64)": _tuple(U8, STRING, BOOL, {"type": "number"}),
    "BTreeMap<String,u32>": {"type": "object", "additionalProperties": U32},
    "BTreeMap<u8,Vec<Option<String>>>": {
        "x-amphis": "map",
        "keys": U8,
        "values": _vec(_option(STRING)),
    },
    # Python's sets have no order, so a sorted set is a list here.
    "BTreeSet<u16>": _vec(U16),
    "Box<u32>": U32,
    "Duration": _record(secs=U64, nanos=U32),
    "IpAddr": IP,
    "Ipv4Addr": _bytes_of(4),
    "SocketAddr": {"anyOf": [_tuple(_bytes_of(4), U16), _tuple(_bytes_of(16), U16)]},
    "NonZeroU32": U32,
    # Nil cannot say which of two options is empty, so the outer one is written as its tag.
    "Option<Option<u8>>": _tuple(U8, _option(U8)),
    "Option<String>": _option(STRING),
    "Option<u32>": _option(U32),
    "Range<u8>": _tuple(U8, U8),
    "Result<(),String>": _result(NULL, STRING),
    "Result<u32,u8>": _result(U32, U8),
    "Result<u32,String>": _result(U32, STRING),
    "Vec<String>": _vec(STRING),
    "Vec<Vec<u8>>": _vec(BYTES),
    "Vec<i64>": _vec(I64),
    "Vec<u16>": _vec(U16),
    "Vec<u8>": BYTES,
    "[Option<u16>;2]": _array(_option(U16), 2),
    "[[u8;2];2]": _array(_bytes_of(2), 2),
    "[u32;3]": _array(U32, 3),
    "[u8;5]": _bytes_of(5),
}


def _float_of(row: dict[str, str]) -> float:
    bits = bytes.fromhex(row["bits"])
    value: float = struct.unpack(">f" if len(bits) == 4 else ">d", bits)[0]
    return value


def _as_is(value: object) -> object:
    return value


def _socket_of(text: str) -> list[object]:
    address, _, port = text.rpartition(":")
    return [ip_address(address).packed, int(port)]


_MEANT: dict[str, Callable[[Any], object]] = {
    "f32": _float_of,
    "f64": _float_of,
    "(u8,String,bool,f64)": lambda value: [*value[:3], _float_of(value[3])],
    "BTreeMap<u8,Vec<Option<String>>>": lambda value: {int(k): v for k, v in value.items()},
    "IpAddr": lambda value: ip_address(value).packed,
    "Ipv4Addr": lambda value: ip_address(value).packed,
    "SocketAddr": _socket_of,
    "Option<Option<u8>>": lambda value: [1, value["some"]],
    "Vec<Vec<u8>>": lambda value: [bytes(part) for part in value],
    "Vec<i64>": lambda value: [int(part) for part in value],
    "Vec<u8>": bytes,
    "[[u8;2];2]": lambda value: [bytes(part) for part in value],
    "[u8;5]": bytes,
    **{f"{sign}{bits}": int for sign in "ui" for bits in ("8", "16", "32", "64", "128", "size")},
}


def _rows(suites: Path, kind: str) -> list[dict[str, Any]]:
    lines = (suites / "bincode" / "vectors.jsonl").read_text().splitlines()
    return [row for row in map(json.loads, lines) if row["kind"] == kind]


def _sorted(value: object) -> object:
    """As a BTreeMap would hold it."""
    return dict(sorted(value.items())) if isinstance(value, dict) and "Ok" not in value else value


def _codecs(integers: Literal["varint", "fixed"]) -> dict[str, CompactCodec]:
    return {name: compact_for(schema, integers=integers) for name, schema in SCHEMAS.items()}


@pytest.mark.parametrize(("configuration", "integers"), INTEGERS)
def test_every_value_is_written_as_the_crate_writes_it(
    suites: Path, configuration: str, integers: Literal["varint", "fixed"]
) -> None:
    codecs = _codecs(integers)
    rows = _rows(suites, "encode")
    for row in rows:
        meant = _MEANT.get(row["type"], _as_is)
        assert codecs[row["type"]].encode(meant(row["value"])).hex() == row[configuration], row
    assert len(rows) == 555


@pytest.mark.parametrize(("configuration", "integers"), INTEGERS)
def test_every_verdict_is_that_of_the_crate(
    suites: Path, configuration: str, integers: Literal["varint", "fixed"]
) -> None:
    codecs = _codecs(integers)
    rows = [row for row in _rows(suites, "decode") if row["config"] == configuration]
    for row in rows:
        codec = codecs[row["type"]]
        data = bytes.fromhex(row["hex"])
        if not row["ok"]:
            with pytest.raises(AmphisError):
                codec.decode_prefix(data)
            continue
        value, consumed = codec.decode_prefix(data)
        assert consumed == row["consumed"], row
        assert codec.encode(_sorted(value)).hex() == row["reencoded"], row
    assert len(rows) == 5_490 // 2
