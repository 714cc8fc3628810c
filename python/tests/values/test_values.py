from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from amphis import Attachment, Ext, Handle, Timestamp

UTC = timezone.utc


@pytest.mark.parametrize(
    ("seconds", "nanoseconds", "text"),
    [
        (0, 0, "1970-01-01T00:00:00Z"),
        (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
        (1_795_250_000, 120_000_000, "2026-11-21T08:33:20.12Z"),
        (-62_167_219_200, 0, "0000-01-01T00:00:00Z"),
        (-62_162_121_600, 1, "0000-02-29T00:00:00.000000001Z"),
        (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
        (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
    ],
)
def test_a_timestamp_is_written_and_read_in_canonical_form(
    seconds: int, nanoseconds: int, text: str
) -> None:
    assert Timestamp(seconds, nanoseconds).to_iso() == text
    assert Timestamp.from_iso(text) == Timestamp(seconds, nanoseconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-21T08:33:20",
        "2026-11-21T08:33:20+00:00",
        "2026-11-21 08:33:20Z",
        "2026-11-21T08:33:20.Z",
        "2026-11-21T08:33:20.10Z",
        "2026-11-21T08:33:20.1234567891Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T08:33:60Z",
        "2026-02-29T00:00:00Z",
        "0000-02-30T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-001-01-01T00:00:00Z",
        "2026-11-21T08:33:20Z\n",
        "\u0662\u0660\u0662\u0666-11-21T08:33:20Z",
    ],
)
def test_other_spellings_of_a_timestamp_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Timestamp.from_iso(text)


def test_a_timestamp_takes_over_any_zone_and_gives_back_utc() -> None:
    zone = timezone(timedelta(hours=-5))
    moment = datetime(2026, 11, 21, 3, 0, 0, 7, tzinfo=zone)
    assert Timestamp.from_datetime(moment) == Timestamp(1_795_248_000, 7_000)
    assert Timestamp(1_795_248_000, 7_999).to_datetime() == moment
    assert Timestamp(1_795_248_000, 7_999).to_datetime().tzinfo is UTC


def test_timestamps_are_ordered_by_time() -> None:
    assert min(Timestamp(1, 5), Timestamp(0, 9), Timestamp(1, 4)) == Timestamp(0, 9)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Timestamp(-62_167_219_201),
        lambda: Timestamp(253_402_300_800),
        lambda: Timestamp(0, 1_000_000_000),
        lambda: Timestamp(0, -1),
        lambda: Timestamp.from_datetime(datetime(2026, 1, 1)),  # noqa: DTZ001 - that is the point
        lambda: Timestamp(-62_135_596_801).to_datetime(),
        lambda: Handle(-1, "x"),
        lambda: Handle(2**53, "x"),
        lambda: Attachment(65_536, "x"),
        lambda: Ext(-1, b""),
        lambda: Ext(64, b""),
        lambda: Ext(-129, b""),
    ],
)
def test_a_value_out_of_range_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="Cannot make"):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Timestamp(1.5),  # type: ignore[arg-type]
        lambda: Timestamp(0, nanoseconds=True),
        lambda: Handle("1", "x"),  # type: ignore[arg-type]
        lambda: Handle(1, None),  # type: ignore[arg-type]
        lambda: Attachment(0, "x", [1]),  # type: ignore[arg-type]
        lambda: Ext(1, "x"),  # type: ignore[arg-type]
    ],
)
def test_a_value_of_the_wrong_type_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="Cannot make"):
        make()
