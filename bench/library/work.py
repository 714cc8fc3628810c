"""What the bench of libraries calls."""


def add(a: int, b: int) -> int:
    return a + b
