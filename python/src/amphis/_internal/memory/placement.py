"""Whether a value travels in the frame or through shared memory; learned, as in TypeScript."""

from __future__ import annotations

import threading
import time

from amphis._internal.light import dataclass, field
from amphis._internal.memory.latency_model import LatencyModel
from amphis._internal.memory.shared_path import SharedPath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal, TypeAlias

    from amphis._internal.errors import AmphisError

    Path: TypeAlias = Literal["inline", "shared"]

_MAX_KINDS = 32
_OTHER_KIND = "other"
# Codes that say why shared memory failed; what is not here is `other`.
_FAILURES = {
    "MEMORY_EXHAUSTED": "exhausted",
    "MEMORY_QUOTA_EXCEEDED": "exhausted",
    "REFERENCE_FORGED": "refused",
    "REFERENCE_EXPIRED": "refused",
    "REFERENCE_HOLDER": "refused",
    "REFERENCE_OUT_OF_BOUNDS": "refused",
    "REFERENCE_REPLAYED": "refused",
    "REFERENCE_STALE": "released",
    "LEASE_RELEASED": "released",
    "ARENA_CLOSED": "released",
}
_FAILURE_KINDS = ("exhausted", "refused", "released", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementOptions:
    """How it is decided which way large values of this process take.

    Attributes:
        path: always this one, `inline` or `shared`; None: what was learned
        min_shared_bytes: smaller values always go inline
        hysteresis: how much faster the other path must be, as a part of the present one
        explore_every: every so many values of a kind and size, one is to measure the other path; 0:
            never
    """

    path: Path | None = None
    min_shared_bytes: int = 1_024
    hysteresis: float = 0.2
    explore_every: int = 64

    def __post_init__(self) -> None:
        if self.path not in {None, "inline", "shared"}:
            raise ValueError(f"Cannot decide: path must be inline or shared, got {self.path!r}")
        if not 0 <= self.hysteresis < 1:
            raise ValueError(
                f"Cannot decide: hysteresis must be from 0 to below 1, got {self.hysteresis}"
            )


@dataclass(frozen=True, slots=True)
class PlacementEvent:
    """What an operator may want to know.

    Attributes:
        kind: `switched-off`, `switched-on` or `preferred`
        failure: of the last one, when switched off
        path: that is preferred from now on
        parcel: for which kind of value
        bytes: for values of so many bytes and more, up to twice as many
    """

    kind: str
    failure: str | None = None
    path: Path | None = None
    parcel: str | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PathFigures:
    """Of one path: how often it was measured, and the mean that counts."""

    samples: int
    mean_ms: float


@dataclass(frozen=True, slots=True)
class PlacementComparison:
    """The two paths side by side, for values of one kind and about one size.

    Attributes:
        kind: `tensor`, `arrow` or `bytes`
        bytes: values of so many and more, up to twice as many
        preferred: which path they take
        inline: in the frame
        shared: through shared memory
    """

    kind: str
    bytes: int
    preferred: Path
    inline: PathFigures
    shared: PathFigures


@dataclass(frozen=True, slots=True)
class PlacementFigures:
    """What was decided, and why.

    Attributes:
        state: of shared memory: `on`; `off` after failures in a row; `trial`, for one value
        inline: values that were to go in the frame
        shared: values that were to go through shared memory
        fallbacks: values that went inline because shared memory failed or was off
        failures: how often it failed, by `exhausted`, `refused`, `released` and `other`
        comparison: both paths side by side
    """

    state: str
    inline: int
    shared: int
    fallbacks: int
    failures: Mapping[str, int] = field(default_factory=dict)
    comparison: tuple[PlacementComparison, ...] = ()


class Journey:
    """One value on its way: the path it takes, and how long that was.

    Args:
        placement: decides, unless the value is too large for a frame
        kind: of value
        max_inline_bytes: larger values go inline only where shared memory fails
    """

    __slots__ = ("_byte_length", "_kind", "_max_inline_bytes", "_path", "_placement", "_start")

    def __init__(self, placement: Placement, kind: str, max_inline_bytes: int) -> None:
        self._placement = placement
        self._kind = kind
        self._max_inline_bytes = max_inline_bytes
        self._byte_length = 0
        self._path: Path | None = None
        self._start = time.perf_counter()

    def goes_shared(self, byte_length: int) -> bool:
        """Decide, once it is known how large it is."""
        if byte_length == 0:
            return False
        self._byte_length = byte_length
        self._path = self._placement.choose(self._kind, byte_length)
        if byte_length > self._max_inline_bytes:
            self._path = "shared"
        return self._path == "shared"

    def failed(self, error: AmphisError) -> None:
        """Tell that shared memory failed, so that it goes inline."""
        self._placement.failed(error)
        self._path = "inline"

    def arrived(self) -> None:
        """Tell that it is on its way to the other side."""
        if self._path is not None:
            elapsed_ms = (time.perf_counter() - self._start) * 1_000
            self._placement.succeeded(self._kind, self._byte_length, self._path, elapsed_ms)


class _Choice:
    __slots__ = ("model", "preferred", "turns")

    def __init__(self, power: int) -> None:
        self.model = LatencyModel(1.5 * 2**power)
        is_shared = self.model.shared.mean_ms < self.model.inline.mean_ms
        self.preferred: Path = "shared" if is_shared else "inline"
        self.turns = 0


class Placement:
    """Decides for each value which way it takes.

    For each kind and power of two of size it learns what both paths take, keeps to one until the
    other is clearly faster, and now and then measures the other. The same calls in the same order
    give the same decisions, here and in TypeScript (spec/vectors/placement.json). For any thread.

    Args:
        options: may be changed at any time
        now_ms: milliseconds that never go back
        on_event: hears of changes; what it raises is the caller's
    """

    def __init__(
        self,
        options: PlacementOptions | None = None,
        *,
        now_ms: Callable[[], float] | None = None,
        on_event: Callable[[PlacementEvent], None] | None = None,
    ) -> None:
        self.options = PlacementOptions() if options is None else options
        self._now_ms = _monotonic_ms if now_ms is None else now_ms
        self._on_event = on_event
        self._lock = threading.Lock()
        self._kinds: dict[str, dict[int, _Choice]] = {}
        self._path = SharedPath()
        self._failures = dict.fromkeys(_FAILURE_KINDS, 0)
        self._chosen: dict[Path, int] = {"inline": 0, "shared": 0}
        self._fallbacks = 0

    def choose(self, kind: str, byte_length: int) -> Path:
        """Which way a value is to take."""
        with self._lock:
            path = self._choose(kind, byte_length)
            self._chosen[path] += 1
            return path

    def succeeded(self, kind: str, byte_length: int, path: Path, elapsed_ms: float) -> None:
        """Tell how long a value took, from the decision until it was on its way."""
        with self._lock:
            is_on_again = path == "shared" and self._path.succeeded()
            other = self._learn(kind, byte_length, path, elapsed_ms)
        if is_on_again:
            self._tell(PlacementEvent("switched-on"))
        if other is not None:
            power = _power_of(byte_length)
            self._tell(PlacementEvent("preferred", path=other, parcel=kind, bytes=2**power))

    def failed(self, error: AmphisError) -> str:
        """Tell that shared memory failed; the value is to go inline. Says which kind that was."""
        failure = _FAILURES.get(getattr(error.code, "value", error.code), "other")
        with self._lock:
            self._failures[failure] += 1
            self._fallbacks += 1
            is_off_now = self._path.failed(self._now_ms())
        if is_off_now:
            self._tell(PlacementEvent("switched-off", failure=failure))
        return failure

    def figures(self) -> PlacementFigures:
        """What there is now."""
        with self._lock:
            return PlacementFigures(
                state=self._path.state,
                inline=self._chosen["inline"],
                shared=self._chosen["shared"],
                fallbacks=self._fallbacks,
                failures=dict(self._failures),
                comparison=tuple(
                    PlacementComparison(
                        kind,
                        2**power,
                        choice.preferred,
                        PathFigures(choice.model.inline.samples, choice.model.inline.mean_ms),
                        PathFigures(choice.model.shared.samples, choice.model.shared.mean_ms),
                    )
                    for kind, choices in self._kinds.items()
                    for power, choice in sorted(choices.items())
                ),
            )

    def _tell(self, event: PlacementEvent) -> None:
        if self._on_event is not None:
            self._on_event(event)

    def _choose(self, kind: str, byte_length: int) -> Path:
        options = self.options
        if byte_length < options.min_shared_bytes:
            return "inline"
        wanted = options.path
        if wanted is None:
            wanted = self._turn(self._choice(kind, byte_length))
        if wanted == "inline" or self._path.admit(self._now_ms()):
            return wanted
        self._fallbacks += 1
        return "inline"

    def _turn(self, choice: _Choice) -> Path:
        choice.turns += 1
        every = self.options.explore_every
        is_to_explore = every > 0 and choice.turns % every == 0
        return _opposite(choice.preferred) if is_to_explore else choice.preferred

    def _learn(self, kind: str, byte_length: int, path: Path, elapsed_ms: float) -> Path | None:
        """The path that is preferred from now on, if that is another one."""
        options = self.options
        if byte_length < options.min_shared_bytes:
            return None
        choice = self._choice(kind, byte_length)
        choice.model.of(path).learn(elapsed_ms)
        other = _opposite(choice.preferred)
        bound = choice.model.of(choice.preferred).mean_ms * (1 - options.hysteresis)
        if choice.model.of(other).mean_ms >= bound:
            return None
        choice.preferred = other
        return other

    def _choice(self, kind: str, byte_length: int) -> _Choice:
        choices = self._kinds.get(kind)
        if choices is None:
            # Kinds may come from a program, so what is remembered of them is bounded.
            if len(self._kinds) >= _MAX_KINDS and kind != _OTHER_KIND:
                return self._choice(_OTHER_KIND, byte_length)
            choices = self._kinds[kind] = {}
        power = _power_of(byte_length)
        choice = choices.get(power)
        if choice is None:
            choice = choices[power] = _Choice(power)
        return choice


def _opposite(path: Path) -> Path:
    return "shared" if path == "inline" else "inline"


def _power_of(byte_length: int) -> int:
    return max(1, byte_length).bit_length() - 1


def _monotonic_ms() -> float:
    return time.monotonic() * 1_000
