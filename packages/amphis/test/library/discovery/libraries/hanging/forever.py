import threading


def reachable(depth: int) -> None:
    """What the source says."""


threading.Event().wait()
