"""The description of a tensor: judged as in TypeScript before anything is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amphis import AmphisError
from amphis._internal.memory.dtype import ITEM_BYTES, parse_dtype
from amphis._internal.memory.tensor import TensorMeta


def _code(meta: dict[Any, Any], byte_length: int) -> str | None:
    try:
        TensorMeta.decode(meta).prove(byte_length)
    except AmphisError as error:
        code: str = getattr(error.code, "value", error.code)
        return code
    return None


def _meta(change: dict[Any, object]) -> dict[Any, Any]:
    return {"dtype": "float64", "shape": [2], "strides": [8], "byteOffset": 0, **change}


@pytest.mark.parametrize(
    ("change", "byte_length", "code"),
    [
        ({}, 16, None),
        ({}, 15, "TENSOR_INVALID"),
        ({"byteOffset": 1}, 16, "TENSOR_INVALID"),
        ({"byteOffset": 8, "strides": [-8]}, 16, None),
        ({"byteOffset": 0, "strides": [-8]}, 16, "TENSOR_INVALID"),
        ({"strides": [0], "shape": [2**40]}, 8, None),
        ({"shape": [], "strides": []}, 8, None),
        ({"shape": [], "strides": []}, 7, "TENSOR_INVALID"),
        ({"shape": [0], "strides": [8]}, 0, None),
        ({"shape": [0, 2**53 - 1], "strides": [0, 0]}, 0, None),
        ({"shape": [0, 2**53 - 1, 2], "strides": [0, 0, 0]}, 0, "TENSOR_INVALID"),
        ({"shape": [1], "strides": [2**53 - 1]}, 8, None),
        ({"shape": [2], "strides": [2**53 - 1]}, 8, "TENSOR_INVALID"),
        ({"shape": [0, 2], "strides": [0, -(2**53 - 1)]}, 8, None),
        ({"shape": [0, 3], "strides": [0, -(2**53 - 1)]}, 8, "TENSOR_INVALID"),
        ({"shape": [2, 2], "strides": [8]}, 64, "TENSOR_INVALID"),
        ({"shape": [1] * 65, "strides": [8] * 65}, 8, "TENSOR_INVALID"),
        ({"byteOffset": 17, "shape": [0]}, 16, "TENSOR_INVALID"),
        ({"byteOffset": -1}, 16, "BODY_INVALID"),
        ({"shape": [-1]}, 16, "BODY_INVALID"),
        ({"shape": [2.0]}, 16, "BODY_INVALID"),
        ({"shape": [True]}, 16, "BODY_INVALID"),
        ({"shape": [2**53]}, 16, "BODY_INVALID"),
        ({"strides": None}, 16, "BODY_INVALID"),
        ({"dtype": 8}, 16, "BODY_INVALID"),
        ({"dtype": "<f8"}, 16, None),
        ({"dtype": ">f8"}, 16, "DTYPE_UNSUPPORTED"),
        ({"dtype": ">i1"}, 16, None),
        ({"dtype": "O"}, 16, "DTYPE_UNSUPPORTED"),
        ({"dtype": "constructor"}, 16, "DTYPE_UNSUPPORTED"),
        ({"dtype": ""}, 16, "DTYPE_UNSUPPORTED"),
        ({"readOnly": True}, 16, None),
        ({"readOnly": None}, 16, None),
        ({"readOnly": 1}, 16, "BODY_INVALID"),
        ({"readOnly": "false"}, 16, "BODY_INVALID"),
        ({"later": [None]}, 16, None),
        ({5: "no text"}, 16, "BODY_INVALID"),
    ],
)
def test_description_is_judged_before_use(
    change: dict[Any, object], byte_length: int, code: str | None
) -> None:
    assert _code(_meta(change), byte_length) == code


@pytest.mark.parametrize("name", ITEM_BYTES)
def test_every_name_is_its_own(name: str) -> None:
    assert parse_dtype(name) == name


@pytest.mark.parametrize("order", ["C", "F"])
@given(shape=st.lists(st.integers(0, 5), max_size=5))
def test_one_piece_fills_its_bytes(order: str, shape: list[int]) -> None:
    meta = TensorMeta.in_one_piece("int32", shape, order=order)
    meta.prove(meta.byte_length)
    if meta.size:
        assert meta.extent() == (0, meta.byte_length)
        assert _code(meta.encode(), meta.byte_length - 1) == "TENSOR_INVALID"


@pytest.mark.parametrize("is_read_only", [True, False])
def test_meta_comes_back_equal(*, is_read_only: bool) -> None:
    meta = TensorMeta("int16", (2, 3), (-6, 2), 6, is_read_only)
    assert TensorMeta.decode(meta.encode()) == meta
    assert TensorMeta.decode({**meta.encode(), "later": 1}) == meta


lengths = st.lists(st.integers(0, 2**53 - 1) | st.integers(0, 9), max_size=4)
strides = st.lists(st.integers(-(2**53) + 1, 2**53 - 1) | st.integers(-99, 99), max_size=4)


@given(shape=lengths, strides=strides, offset=st.integers(0, 300), byte_length=st.integers(0, 300))
def test_what_is_accepted_lies_inside(
    shape: list[int], strides: list[int], offset: int, byte_length: int
) -> None:
    meta = {"dtype": "int16", "shape": shape, "strides": strides, "byteOffset": offset}
    if _code(meta, byte_length) is not None:
        return
    found = TensorMeta.decode(meta)
    if found.size:
        corners = [offset]
        for length, stride in zip(shape, strides, strict=True):
            corners += [at + stride * (length - 1) for at in corners]
        assert min(corners) >= 0
        assert max(corners) + 2 <= byte_length
