"""The protobuf suite: what protoc wrote, and which bytes it accepts."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("google.protobuf", reason="the extra `grpc` is not installed")
pytest.importorskip("grpc_tools", reason="the compiler of Protocol Buffers is not installed")

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

from amphis import AmphisError
from amphis.grpc import decode_proto

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "protobuf_test_messages.proto3.TestAllTypesProto3"


@pytest.fixture(scope="module")
def suite(suites: Path) -> dict[str, Any]:
    vectors: dict[str, Any] = json.loads((suites / "protobuf" / "vectors.json").read_text())
    return vectors


@pytest.fixture(scope="module")
def kind(suites: Path, tmp_path_factory: pytest.TempPathFactory) -> type[Message]:
    image = tmp_path_factory.mktemp("protobuf") / "image.binpb"
    folder = suites / "protobuf"
    compiler = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={folder}"]
    options = ["--include_imports", f"--descriptor_set_out={image}"]
    command = [*compiler, *options, "test_messages_proto3.proto"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own arguments
    files = descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(_NAME))


def test_messages_are_encoded_to_the_bytes_of_protoc(
    suite: dict[str, Any], kind: type[Message]
) -> None:
    different = [
        row["text"] for row in suite["encode"] if not _same(kind, bytes.fromhex(row["hex"]))
    ]
    assert different == []


def _same(kind: type[Message], data: bytes) -> bool:
    """Whether the bytes come back; the entries of maps may do so in another order."""
    message = decode_proto(kind, data)
    again = message.SerializeToString()
    return again == data or (len(again) == len(data) and decode_proto(kind, again) == message)


def test_inputs_are_accepted_and_refused_as_by_protoc(
    suite: dict[str, Any], kind: type[Message]
) -> None:
    different = [
        (row["why"], row["hex"][:60])
        for row in suite["decode"]
        if _accepts(kind, bytes.fromhex(row["hex"])) is not row["ok"]
    ]
    # Field numbers end at 2^29-1; protoc tolerates a tag of five bytes whose upper bits are lost.
    assert different == [("field number too large", "f8ffffff1f01")]


def _accepts(kind: type[Message], data: bytes) -> bool:
    try:
        decode_proto(kind, data)
    except AmphisError:
        return False
    return True
