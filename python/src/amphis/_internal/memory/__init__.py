"""Shared memory, seen from the side that is given references."""
