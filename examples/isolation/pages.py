"""Loads pages, as far as it may."""

from __future__ import annotations

import urllib.request


def fetch(url: str) -> str:
    """Load a page."""
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 -- which addresses it may open is what the example is about
        return answer.read().decode()
