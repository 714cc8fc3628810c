"""Loads pages, as far as it may."""

from __future__ import annotations

import urllib.request


def fetch(url: str) -> str:
    """Load a page."""
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
        return answer.read().decode()
