"""A hundred thousand names, of which every fiftieth is a function."""


def _made(value: int) -> int:
    """One of many."""
    return value


globals().update({f"v{at}": at for at in range(100_000) if at % 50})
globals().update(
    {
        f"v{at}": type(_made)(_made.__code__, globals(), f"v{at}")
        for at in range(0, 100_000, 50)
    }
)
