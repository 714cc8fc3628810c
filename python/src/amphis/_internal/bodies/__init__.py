"""Bodies of frames as exact records (spec/bodies.md)."""
