"""Bytes of a connection to frames and back (spec/frame.md)."""
