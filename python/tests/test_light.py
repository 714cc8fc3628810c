"""Classes that cost little to load can do what those of the standard library can."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle

import pytest

from amphis._internal.light import NamedTuple, dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A place."""

    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("x")


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Twin:
    """The same by the standard library."""

    x: int
    y: int = 2
    tags: list[str] = dataclasses.field(default_factory=list, repr=False)


class Pair(NamedTuple):
    """Two things."""

    left: int
    right: str = "r"

    @property
    def both(self) -> str:
        return f"{self.left}{self.right}"


def test_a_data_class_is_made_compared_shown_and_hashed_as_ever() -> None:
    assert Point(1) == Point(x=1, y=2, tags=[])
    twin: object = Twin(1)
    assert Point(1) != twin
    assert Point(1) < Point(1, 3) <= Point(1, 3)
    assert repr(Point(1)) == "Point(x=1, y=2)"
    assert inspect.signature(Point).parameters.keys() == inspect.signature(Twin).parameters.keys()
    assert Point.__match_args__ == Twin.__match_args__
    assert not hasattr(Point(1), "__dict__")
    with pytest.raises(ValueError, match="x"):
        Point(-1)


def test_each_has_a_default_of_its_own() -> None:
    one = Point(1)
    one.tags.append("mine")
    assert Point(1).tags == []


def test_a_frozen_one_refuses_changes() -> None:
    one = Point(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.x = 2  # type: ignore[misc] # that is the test
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.x


def test_wrong_arguments_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"Point.__init__\(\) .*'z'"):
        Point(z=1)  # type: ignore[call-arg] # that is the test
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg] # as above


def test_the_standard_library_takes_it_for_one_of_its_own() -> None:
    assert dataclasses.is_dataclass(Point)
    assert [each.name for each in dataclasses.fields(Point)] == ["x", "y", "tags"]
    assert dataclasses.replace(Point(1), y=5) == Point(1, 5)
    assert dataclasses.asdict(Point(1)) == {"x": 1, "y": 2, "tags": []}
    again = pickle.loads(pickle.dumps(Point(3)))  # noqa: S301 - of this line
    assert again == copy.deepcopy(Point(3)) == Point(3)


def test_a_named_tuple_is_one_as_ever() -> None:
    assert Pair(1) == (1, "r")
    assert Pair(1).both == "1r"
    assert Pair._fields == ("left", "right")
    assert Pair.__doc__ == "Two things."
    assert Pair(1)._replace(right="s") == Pair(1, "s")
    assert pickle.loads(pickle.dumps(Pair(1))) == Pair(1)  # noqa: S301 - as above
