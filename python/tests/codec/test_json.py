from __future__ import annotations

import pytest

from amphis import AmphisError, is_amphis_error, json
from amphis._internal.codec.json_text.number import format_number

CODEC = json()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (-1.5, "-1.5"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (1.5e300, "1.5e+300"),
        (1e-6, "0.000001"),
        (1.5e-6, "0.0000015"),
        (1e-7, "1e-7"),
        (1.25e-9, "1.25e-9"),
        (5e-324, "5e-324"),
        (9007199254740992.0, "9007199254740992"),
        (-1e16, "-10000000000000000"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(value: float, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"\\/\b\f\n\r\t\x00\x1f\x7f', '"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f"'),
        ("ü\u2028\U0001f600", '"ü\u2028\U0001f600"'),
        ({}, "{}"),
        ([], "[]"),
        (set(), '{"$set":[]}'),
        ({"$a": 1}, '{"$map":[["$a",1]]}'),
        ({"$a": 1, "b": 2}, '{"$a":1,"b":2}'),
        ({1: {}}, '{"$map":[[1,{}]]}'),
        (complex(1, -0.0), '{"$complex":[1,"-0"]}'),
        (2**53, '{"$int":"9007199254740992"}'),
        (2**53 - 1, "9007199254740991"),
        (2.0**53, "9007199254740992"),
        (1.0, '{"$float":1}'),
    ],
)
def test_values_are_written_without_white_space_and_tagged_where_needed(
    value: object, text: str
) -> None:
    assert CODEC.encode(value).decode() == text
    assert CODEC.decode(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" [ 1 , 2.0 , 1e2 , -0 ] ", [1, 2, 100, 0]),
        ("9007199254740993", 9007199254740992.0),
        ('{"a":1,"a":2}', {"a": 2}),
        ('"\\ud83d\\ude00"', "\U0001f600"),
    ],
)
def test_any_json_of_a_value_is_read(text: str, value: object) -> None:
    decoded = CODEC.decode(text.encode())
    assert repr(decoded) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1,]",
        "01",
        "nul",
        "NaN",
        "Infinity",
        "-",
        "1.",
        "[1] 2",
        "'a'",
        '"\t"',
        "\ufeff1",
        '"\\ud800"',
        '{"\\udc00":1}',
        "1e400",
        '{"$int":5}',
        '{"$int":"05"}',
        '{"$int":"0"}',
        '{"$float":"1"}',
        '{"$float":true}',
        '{"$bytes":"AA"}',
        '{"$bytes":"AB=="}',
        '{"$bytes":"A=A="}',
        '{"$date":"2026-1-1"}',
        '{"$date":"0000-01-01"}',
        '{"$time":"24:00:00"}',
        '{"$time":"01:02:03.000000"}',
        '{"$time":"01:02:03.5"}',
        '{"$datetime":"2026-01-01 00:00:00"}',
        '{"$timestamp":"2026-01-01T00:00:00"}',
        '{"$duration":"-0"}',
        '{"$duration":"1.50"}',
        '{"$duration":"86400000000000"}',
        '{"$decimal":"1."}',
        '{"$decimal":"+1"}',
        '{"$decimal":"1E5000000000000000000"}',
        '{"$decimal":""}',
        '{"$decimal":"\u0661"}',
        '{"$uuid":"0198C7F2-8A1B-7C3D-9E4F-5A6B7C8D9E0F"}',
        '{"$path":"a\\u0000"}',
        '{"$path":"\\ud800"}',
        '{"$complex":[1]}',
        '{"$complex":[1,null]}',
        '{"$handle":[-1,"x"]}',
        '{"$handle":[1.5,"x"]}',
        '{"$ext":[-1,""]}',
        '{"$ext":[64,""]}',
        '{"$attachment":[0,"x",[]]}',
        '{"$attachment":[65536,"x",{}]}',
        '{"$attachment":[0,"x"]}',
        '{"$map":[[1]]}',
        '{"$map":[[[],1]]}',
        '{"$set":[{}]}',
        '{"$tuple":{}}',
        '{"$other":1}',
        '{"$":1}',
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(AmphisError) as caught:
        CODEC.decode(text.encode("utf-8"))
    assert is_amphis_error(caught.value, "DECODE_FAILED")
    assert caught.value.context["codec"] == "json"
