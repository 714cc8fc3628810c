"""A registry finds contracts, refuses versions that break, and lets versions talk."""

from __future__ import annotations

from typing import Any

import pytest

from amphis import AmphisError, Message, MessageType, SchemaRegistry, message_codec

OLD = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "note": {"type": "string"}},
    "required": ["id"],
    "additionalProperties": False,
}
NEW = {
    **OLD,
    "properties": {**OLD["properties"], "tags": {"type": "array", "items": {"type": "string"}}},  # type: ignore[dict-item]
}
CODECS = ("msgpack", "compact", "json")


def _registry(*versions: tuple[int, Any]) -> SchemaRegistry:
    registry = SchemaRegistry()
    for version, schema in versions:
        registry.register("order", version, schema)
    return registry


def _event(payload: object, version: int, schema: str | None = "order") -> Message[Any]:
    return Message(type=MessageType.EVENT, payload=payload, schema=schema, version=version)


def test_a_contract_is_found_by_name_and_version() -> None:
    registry = _registry((1, OLD), (3, NEW))
    assert registry.get("order", 1).schema == OLD
    assert registry.latest("order").version == 3
    nearest = [registry.nearest("order", version) for version in (1, 2, 3, 9)]
    assert [one.version for one in nearest if one] == [1, 1, 3, 3]
    assert registry.nearest("other", 1) is None


def test_the_same_schema_again_is_fine_and_another_is_a_conflict() -> None:
    registry = _registry((1, OLD))
    assert registry.register("order", 1, OLD) is registry.get("order", 1)
    with pytest.raises(AmphisError) as caught:
        registry.register("order", 1, NEW)
    assert (caught.value.code, caught.value.schema, caught.value.version) == (
        "SCHEMA_CONFLICT",
        "order",
        1,
    )


def test_the_same_properties_in_another_order_are_a_conflict() -> None:
    swapped = {**OLD, "properties": {"note": {"type": "string"}, "id": {"type": "integer"}}}
    with pytest.raises(AmphisError) as caught:
        _registry((1, OLD), (1, swapped))
    assert caught.value.code == "SCHEMA_CONFLICT"


def test_a_version_that_breaks_its_neighbours_is_refused() -> None:
    retyped = {**OLD, "properties": {"id": {"type": "string"}, "note": {"type": "string"}}}
    with pytest.raises(AmphisError) as caught:
        _registry((1, OLD), (2, retyped))
    assert caught.value.code == "SCHEMA_INCOMPATIBLE"
    assert caught.value.reasons == ["$.id: type changed from integer to string"]
    registry = _registry((1, OLD), (3, NEW))
    with pytest.raises(AmphisError) as caught:
        registry.register("order", 2, retyped)
    assert len(caught.value.reasons) == 2  # type: ignore[arg-type]
    with pytest.raises(AmphisError):
        registry.get("order", 2)


def test_a_registered_schema_cannot_be_changed_from_outside() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "integer"}}}
    registry = _registry((1, schema))
    schema["properties"]["a"]["type"] = "string"
    assert registry.get("order", 1).schema["properties"]["a"] == {"type": "integer"}  # type: ignore[index]


def test_an_unknown_name_says_what_is_near() -> None:
    registry = _registry((1, OLD), (2, NEW))
    with pytest.raises(AmphisError) as caught:
        registry.get("oder", 1)
    assert (caught.value.code, caught.value.known) == ("SCHEMA_UNKNOWN", ["order"])
    assert 'did you mean "order"' in str(caught.value)
    with pytest.raises(AmphisError) as caught:
        registry.get("order", 7)
    assert caught.value.known == ["order version 1", "order version 2"]
    with pytest.raises(AmphisError) as caught:
        registry.latest("x" * 1_000)
    assert caught.value.known == []


def test_a_message_reaches_the_handler_of_its_contract() -> None:
    registry = _registry((1, OLD))
    registry.handle("order", lambda payload, message: (payload["id"], message.type))
    assert registry.dispatch(_event({"id": 5}, 1)) == (5, MessageType.EVENT)
    with pytest.raises(ValueError, match="it has a handler already"):
        registry.handle("order", print)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (_event({"id": 1}, 1, None), "HANDLER_MISSING"),
        (_event({"id": 1}, 1, "silent"), "HANDLER_MISSING"),
        (_event({"id": 1}, 1, "oder"), "SCHEMA_UNKNOWN"),
        (_event({"id": "x"}, 1), "VALIDATION_FAILED"),
        (_event({"id": 1, "more": 2}, 1), "VALIDATION_FAILED"),
    ],
)
def test_a_message_that_cannot_be_handled_says_why(message: Message[Any], code: str) -> None:
    registry = _registry((1, OLD))
    registry.register("silent", 1, OLD)
    registry.handle("order", lambda payload, _: payload)
    with pytest.raises(AmphisError) as caught:
        registry.dispatch(message)
    assert caught.value.code == code


def test_a_handler_needs_a_contract() -> None:
    with pytest.raises(AmphisError) as caught:
        SchemaRegistry().handle("order", print)
    assert caught.value.code == "SCHEMA_UNKNOWN"


@pytest.mark.parametrize("codec", CODECS)
def test_an_old_reader_takes_what_a_new_writer_sends(codec: str) -> None:
    writer, reader = _registry((1, OLD), (2, NEW)), _registry((1, OLD))
    reader.handle("order", lambda payload, _: payload)
    sent = _event({"id": 1, "note": "n", "tags": ["a", "b"]}, 2)
    data = message_codec(codec, contracts=writer).encode(sent)
    received = message_codec(codec, contracts=reader).decode(data)
    assert received.version == 2
    assert reader.dispatch(received) == {"id": 1, "note": "n"}


@pytest.mark.parametrize("codec", CODECS)
def test_a_new_reader_takes_what_an_old_writer_sends(codec: str) -> None:
    writer, reader = _registry((1, OLD)), _registry((2, NEW))
    reader.handle("order", lambda payload, _: payload)
    data = message_codec(codec, contracts=writer).encode(_event({"id": 1}, 1))
    assert reader.dispatch(message_codec(codec, contracts=reader).decode(data)) == {"id": 1}


def test_the_layout_of_a_contract_is_smaller_and_needs_it_to_be_read() -> None:
    registry = _registry((1, OLD))
    message = _event({"id": 1, "note": "n"}, 1)
    with_contract = message_codec("compact", contracts=registry).encode(message)
    without = message_codec("compact").encode(message)
    assert len(with_contract) < len(without) - 10
    assert message_codec("compact", contracts=registry).decode(without).payload == message.payload
    with pytest.raises(AmphisError) as caught:
        message_codec("compact").decode(with_contract)
    assert (caught.value.code, caught.value.schema) == ("SCHEMA_UNKNOWN", "order")


def test_payloads_are_checked_on_both_ends() -> None:
    registry = _registry((1, OLD), (2, NEW))
    data = registry.encode_payload("order", 2, {"id": 1, "tags": ["x"]})
    assert registry.decode_payload("order", 2, data) == {"id": 1, "tags": ["x"]}
    assert _registry((1, OLD)).decode_payload("order", 2, data) == {"id": 1}
    with pytest.raises(AmphisError) as caught:
        registry.encode_payload("order", 1, {"id": "x"})
    assert caught.value.code == "VALIDATION_FAILED"
    with pytest.raises(AmphisError) as caught:
        registry.decode_payload("oder", 1, data)
    assert caught.value.code == "SCHEMA_UNKNOWN"


@pytest.mark.parametrize(
    ("name", "version"), [("a\n", 1), ("", 1), (5, 1), ("a", 0), ("a", 2**32), ("a", True)]
)
def test_a_wrong_name_or_version_is_refused(name: Any, version: int) -> None:  # noqa: ANN401 - a wrong one
    with pytest.raises(ValueError, match=r"Cannot register .*: its (name|version) cannot be"):
        SchemaRegistry().register(name, version, {})
