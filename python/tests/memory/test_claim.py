"""References that are read and written in one go are those of the codec, to the bit."""

from __future__ import annotations

import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amphis import AmphisError, Reference, msgpack
from amphis._internal.bodies.place import MAX_SAFE
from amphis._internal.memory.claim import Claim, claim_of, encode_signed, read_claim
from amphis._internal.memory.token_key import TokenKey

KEY = bytes(range(32))

edges = [0, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x1_0000, 2**32 - 1]
ints = st.sampled_from([*edges, 2**32, MAX_SAFE]) | st.integers(0, MAX_SAFE)
generations = st.sampled_from(edges) | st.integers(0, 2**32 - 1)
others = st.none() | st.booleans() | st.integers(-5, 300) | st.floats() | st.text(max_size=5)
descriptors = st.fixed_dictionaries(
    {},
    optional={
        "dtype": st.sampled_from(["float64", "<f4", ""]),
        "shape": st.lists(ints, max_size=4),
        "strides": st.lists(st.integers(-MAX_SAFE, MAX_SAFE), max_size=4),
        "byteOffset": ints,
        "format": st.text(max_size=9),
        "once": ints,
        "later": others | st.lists(others, max_size=3),
    },
)
references = st.builds(
    Reference,
    arena=ints,
    generation=generations,
    offset=ints,
    byte_length=ints,
    holder=ints,
    expires_at=ints,
    descriptor=descriptors,
)


def _outcome(data: bytes) -> tuple[Claim | str, Claim | str]:
    """What is read of it, and what is right."""

    def outcome(read: Any) -> Claim | str:  # noqa: ANN401 - either way to read
        try:
            claim: Claim = read(data)
        except AmphisError as error:
            return repr(error)
        return claim

    return outcome(read_claim), outcome(lambda data: claim_of(Reference.decode(data)))


@given(references)
def test_reference_is_read_as_the_codec_reads_it(reference: Reference) -> None:
    data = reference.signed(KEY).encode()
    read, right = _outcome(data)
    assert read == right
    assert isinstance(read, Claim)
    assert read.token == TokenKey(KEY).token(read.covered)


@given(references)
def test_reference_is_written_as_the_codec_writes_it(reference: Reference) -> None:
    numbers = (
        reference.arena,
        reference.generation,
        reference.offset,
        reference.byte_length,
        reference.holder,
        reference.expires_at,
    )
    written = encode_signed(TokenKey(KEY), numbers, reference.descriptor)
    assert written == reference.signed(KEY).encode()


@given(references, st.data())
def test_changed_bytes_are_read_or_refused_as_by_the_codec(
    reference: Reference, data: st.DataObject
) -> None:
    sent = bytearray(reference.signed(KEY).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(sent) - 1))
        sent[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
        if not sent:
            break
    read, right = _outcome(bytes(sent))
    assert read == right


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused_as_by_the_codec(data: bytes) -> None:
    read, right = _outcome(data)
    assert read == right


# Ways to write the int 5, none of them the shortest.
LONG_FIVES = ["cc05", "cd0005", "ce00000005", "cf0000000000000005", "d005", "d10005", "d200000005"]


@pytest.mark.parametrize("five", LONG_FIVES)
@pytest.mark.parametrize("field", range(6))
def test_token_covers_the_shortest_form_whatever_form_came(field: int, five: str) -> None:
    short = Reference(arena=5, generation=5, offset=5, byte_length=5, holder=5, expires_at=5)
    data = short.signed(KEY).encode()
    long = data[: 1 + field] + bytes.fromhex(five) + data[2 + field :]
    assert read_claim(long) == read_claim(data)


@pytest.mark.parametrize(
    ("field", "number"),
    [
        *((field, "cf0020000000000000") for field in range(6)),
        *((field, "cfffffffffffffffff") for field in range(6)),
        *((field, "ff") for field in range(6)),
        *((field, "c3") for field in range(6)),
        *((field, "cb3ff0000000000000") for field in range(6)),
        (1, "cf0000000100000000"),
    ],
)
def test_number_that_is_too_large_or_none_is_refused_where_it_is(field: int, number: str) -> None:
    data = Reference(arena=0, generation=0, offset=0, byte_length=0, holder=0).signed(KEY).encode()
    changed = data[: 1 + field] + bytes.fromhex(number) + data[2 + field :]
    with pytest.raises(AmphisError) as raised:
        read_claim(changed)
    assert (raised.value.code, raised.value.path) == ("BODY_INVALID", f"$[{field}]")


@pytest.mark.parametrize(
    "descriptor",
    ["81a56474797065c0", "8100c0", "82a16101a16102", "81a16181a162cc05", "de0000", "90", "c0"],
)
def test_descriptor_in_any_form_is_read_or_refused_as_by_the_codec(descriptor: str) -> None:
    token = hmac.digest(KEY, bytes.fromhex("97000000000000" + descriptor), "sha256")
    data = bytes.fromhex("98000000000000" + descriptor + "c420") + token
    read, right = _outcome(data)
    assert read == right


@pytest.mark.parametrize("depth", [126, 127, 128])
def test_descriptor_may_nest_as_deep_as_the_codec_lets_it(depth: int) -> None:
    nested = "81a161" + "91" * (depth - 1) + "c0"
    data = bytes.fromhex("98000000000000" + nested + "c420") + bytes(32)
    read, right = _outcome(data)
    assert read == right
    assert isinstance(read, Claim) is (depth < 128)


@pytest.mark.parametrize("length", [0, 200, 256, 257, 5_000])
def test_long_descriptor_is_read_too(length: int) -> None:
    reference = Reference(
        arena=1,
        generation=2,
        offset=3,
        byte_length=4,
        holder=5,
        descriptor={"later": "x" * length},
    ).signed(KEY)
    assert read_claim(reference.encode()) == claim_of(reference)


def test_field_of_a_later_version_is_ignored() -> None:
    reference = Reference(arena=1, generation=2, offset=3, byte_length=4, holder=5).signed(KEY)
    fields = msgpack().decode(reference.encode())
    assert isinstance(fields, list)
    assert read_claim(msgpack().encode([*fields, "later"])) == claim_of(reference)


@given(key=st.binary(max_size=200), covered=st.binary(max_size=200))
def test_token_is_that_of_hmac(key: bytes, covered: bytes) -> None:
    made = TokenKey(key)
    assert made.token(covered) == hmac.digest(key, covered, "sha256")
    # The key is as good as new afterwards.
    assert made.token(covered) == hmac.digest(key, covered, "sha256")
