"""What this example runs: some of it is not to be."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def tidy(folder: str) -> str:
    """Run a program of the system."""
    command = ["ls", folder]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 -- to start programs is what it is for


def peek(path: str) -> str:
    """Read a file."""
    return Path(path).read_text()


def note(text: str) -> str:
    """Write to a file of its own, and read it."""
    path = Path.home() / "note"
    path.write_text(text)
    return path.read_text()


def user() -> int:
    """Number of the user that this runs as."""
    return os.getuid()
