"""Which way values take is decided as in TypeScript, and can be seen."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, cast

import pytest
from tests.memory.host import Host

from amphis import AmphisError, AttachmentKind, memory
from amphis._internal.memory.ambient import clear_ambient, set_ambient
from amphis._internal.memory.carrier import carry
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.memory.placement import (
    PathFigures,
    Placement,
    PlacementComparison,
    PlacementEvent,
    PlacementFigures,
    PlacementOptions,
)

VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "placement.json"
HISTORIES = json.loads(VECTORS.read_text("utf-8"))
LARGE = 1_000_000
OPTIONS = {
    "path": "path",
    "minSharedBytes": "min_shared_bytes",
    "hysteresis": "hysteresis",
    "exploreEvery": "explore_every",
}


class Recalled:
    """A history, step by step, with a clock of its own."""

    def __init__(self, history: dict[str, Any]) -> None:
        self.now = 0.0
        self.events: list[PlacementEvent] = []
        options = {OPTIONS[name]: value for name, value in history["options"].items()}
        self.placement = Placement(
            PlacementOptions(**options), now_ms=lambda: self.now, on_event=self.events.append
        )

    def step(self, what: str, *args: Any) -> None:  # noqa: ANN401 - as JSON has it
        if what == "now":
            (self.now,) = args
        elif what == "choose":
            kind, byte_length, path = args
            assert self.placement.choose(kind, byte_length) == path, args
        elif what == "succeeded":
            self.placement.succeeded(*args)
        else:
            code, kind = args
            assert self.placement.failed(AmphisError(code, "Cannot allocate: test")) == kind


def _compared(expected: dict[str, Any]) -> PlacementComparison:
    inline, shared = (
        # Means of many steps: the same to the last digits, whatever the language.
        PathFigures(expected[path][0], cast("float", pytest.approx(expected[path][1], abs=1e-9)))
        for path in ("inline", "shared")
    )
    return PlacementComparison(
        expected["kind"], expected["bytes"], expected["preferred"], inline, shared
    )


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history["name"])
def test_every_language_decides_alike(history: dict[str, Any]) -> None:
    recalled = Recalled(history)
    for step in history["steps"]:
        recalled.step(*step)
    assert recalled.placement.figures() == PlacementFigures(
        state=history["state"],
        inline=history["inline"],
        shared=history["shared"],
        fallbacks=history["fallbacks"],
        failures=history["failures"],
        comparison=tuple(map(_compared, history["comparison"])),
    )
    assert recalled.events == [PlacementEvent(**event) for event in history["events"]]


@pytest.mark.parametrize(
    "wrong", [{"hysteresis": 1.0}, {"hysteresis": float("nan")}, {"path": "both"}]
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Cannot decide"):
        PlacementOptions(**wrong)


def test_what_a_value_took_is_learned_once_it_is_on_its_way(guest: GuestMemory) -> None:
    carried = carry(bytes(LARGE), guest)
    assert carried.attachment.kind is AttachmentKind.REFERENCE
    (before,) = guest.placement.figures().comparison
    assert (before.kind, before.bytes, before.shared.samples) == ("bytes", 524_288, 0)
    assert carried.journey is not None
    carried.journey.arrived()
    (after,) = guest.placement.figures().comparison
    assert (after.inline.samples, after.shared.samples) == (0, 1)
    assert after.shared.mean_ms > 0


def test_memory_that_is_refused_is_switched_off_with_a_warning_and_values_go_inline(
    host: Host, guest: GuestMemory, caplog: pytest.LogCaptureFixture
) -> None:
    everything = host.lend(len(host.memory))
    with caplog.at_level(logging.INFO, "amphis.memory"):
        for _ in range(5):
            carried = carry(bytes(LARGE), guest)
            assert carried.attachment.kind is AttachmentKind.INLINE
            assert bytes(carried.attachment.data) == bytes(LARGE)
    figures = guest.placement.figures()
    assert (figures.state, figures.fallbacks, figures.failures["exhausted"]) == ("off", 5, 3)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "exhausted" in caplog.text
    host.release(everything.generation)


def test_a_value_beyond_what_a_frame_may_hold_is_never_sent_in_one_by_choice(host: Host) -> None:
    guest = GuestMemory(host.lender(), max_inline_bytes=50_000)
    guest.placement.options = PlacementOptions(path="inline")
    kinds = [carry(bytes(size), guest).attachment.kind for size in (50_000, 50_001)]
    assert kinds == [AttachmentKind.INLINE, AttachmentKind.REFERENCE]


def test_a_program_configures_and_sees_it(guest: GuestMemory) -> None:
    set_ambient(guest)
    try:
        memory.configure(memory.PlacementOptions(path="shared", min_shared_bytes=10))
        assert carry(bytes(10), guest).attachment.kind is AttachmentKind.REFERENCE
        assert carry(bytes(9), guest).attachment.kind is AttachmentKind.INLINE
        placement = memory.status().placement
        assert placement is not None
        assert (placement.state, placement.inline, placement.shared) == ("on", 1, 1)
    finally:
        memory.configure(memory.PlacementOptions())
        clear_ambient(guest)
    assert memory.status().placement is None
