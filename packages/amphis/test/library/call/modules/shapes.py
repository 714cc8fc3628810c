"""A library with a type of its own, and the ends of its serializer."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any


class Point:
    def __init__(self, x: float | None, y: float, tags: Sequence[object] = ()) -> None:
        self.x, self.y, self.tags = x, y, tags


class Point3(Point):
    pass


class Other:
    pass


def point_to_plain(point: Point) -> dict[str, object]:
    if point.x is None:
        raise ValueError("a point without x")
    return {"x": point.x, "y": point.y, "tags": list(point.tags)}


def point_from_plain(plain: dict[str, Any]) -> Point:
    return Point(plain["x"], plain["y"], plain["tags"])


def middle(points: list[Any]) -> Point:
    assert all(type(point) is Point for point in points), points
    count = len(points)
    return Point(
        sum(point.x for point in points) / count,
        sum(point.y for point in points) / count,
    )


def kinds() -> dict[str, object]:
    return {"point": Point(1, 2), "derived": [Point3(3, 4)], "other": Other()}


def broken() -> Point:
    return Point(None, 1)


def stream(count: int) -> Iterator[Point]:
    for index in range(count):
        yield Point(index, index)


def call_back(function: Callable[[Point], Any]) -> object:
    return function(Point(5, 6)).x
