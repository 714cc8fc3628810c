"""Runs a script as it is: for scripts that have not become functions yet."""

from __future__ import annotations

import io
import runpy
import sys
from contextlib import redirect_stdout


def lines_of(script: str, args: list[str]) -> list[str]:
    """Run a script with arguments. Return the lines that it printed."""
    before = sys.argv
    sys.argv = [script, *args]
    try:
        with redirect_stdout(io.StringIO()) as printed:
            runpy.run_path(script, run_name="__main__")
    finally:
        sys.argv = before
    return printed.getvalue().splitlines()
