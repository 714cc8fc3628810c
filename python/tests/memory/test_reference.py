"""The golden references of spec/vectors: those that hold, and each reason to refuse."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from amphis import AmphisError, Reference
from amphis._internal.memory.claim import Claim, claim_of, read_claim
from amphis._internal.memory.reference import PublishedSpan, ReferenceVerifier

VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "references.json"
KEY = bytes(range(32))


def _rows() -> list[Any]:
    return [pytest.param(row, id=row["name"]) for row in json.loads(VECTORS.read_text("utf-8"))]


def _verifier(row: dict[str, Any]) -> ReferenceVerifier:
    spans = {
        span["generation"]: PublishedSpan(
            arena=span["arena"], offset=span["offset"], byte_length=span["byteLength"]
        )
        for span in row["published"]
    }
    return ReferenceVerifier(
        bytes.fromhex(row["key"]),
        lambda reference: spans.get(reference.generation),
        now_ms=lambda: int(row["now"]),
    )


def _refusal(verifier: ReferenceVerifier, reference: Claim, holder: int) -> str | None:
    try:
        verifier.verify(reference, holder)
    except AmphisError as error:
        return error.code
    return None


@pytest.mark.parametrize("row", _rows())
def test_reference_is_judged_as_in_typescript(row: dict[str, Any]) -> None:
    data = bytes.fromhex(row["hex"])
    reference = Reference.decode(data)
    assert reference.encode() == data
    for claim in (claim_of(reference), read_claim(data)):
        verifier = _verifier(row)
        assert [_refusal(verifier, claim, row["holder"]) for _ in row["codes"]] == row["codes"]


def test_flipped_bit_anywhere_in_the_fields_is_refused() -> None:
    row = json.loads(VECTORS.read_text("utf-8"))[0]
    data = bytes.fromhex(row["hex"])
    accepted = 0
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << (bit % 8)
        try:
            _verifier(row).verify(read_claim(changed), row["holder"])
        except AmphisError:
            continue
        accepted += 1
    assert accepted == 0


def test_used_references_of_memory_that_went_back_are_forgotten() -> None:
    span = PublishedSpan(arena=1, offset=0, byte_length=64)
    lent = {1: span}
    verifier = ReferenceVerifier(
        KEY, lambda reference: lent.get(reference.generation), now_ms=lambda: 0
    )

    def use(generation: int, once: int) -> None:
        reference = Reference(
            arena=1,
            generation=generation,
            offset=0,
            byte_length=8,
            holder=1,
            descriptor={"once": once},
        ).signed(KEY)
        verifier.verify(claim_of(reference), 1)

    for once in range(1_023):
        use(1, once)
    del lent[1]
    lent[2] = span
    use(2, 1_023)
    assert len(verifier._used) == 1  # noqa: SLF001 - that memory is bounded shows nowhere else


def test_reference_for_one_use_is_good_for_one_of_many_threads() -> None:
    span = PublishedSpan(arena=1, offset=0, byte_length=64)
    verifier = ReferenceVerifier(KEY, lambda _: span)
    descriptor = {"once": 1}
    reference = Reference(
        arena=1, generation=1, offset=0, byte_length=8, holder=1, descriptor=descriptor
    ).signed(KEY)
    claim = claim_of(reference)
    start = threading.Barrier(8)

    def use(_: int) -> str | None:
        start.wait(timeout=60)
        return _refusal(verifier, claim, 1)

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(use, range(8)))
    assert (outcomes.count(None), outcomes.count("REFERENCE_REPLAYED")) == (1, 7)


def test_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="key must have 32 bytes, got 31"):
        ReferenceVerifier(bytes(31), lambda _: None)
