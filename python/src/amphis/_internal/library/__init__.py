"""Describes any importable library: what it has in public, how it is called, what it says."""
