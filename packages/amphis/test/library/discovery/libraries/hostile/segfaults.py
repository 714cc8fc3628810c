import os
import signal


def promised(value: int) -> str:
    """What the source says."""


os.kill(os.getpid(), signal.SIGSEGV)
