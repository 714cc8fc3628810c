"""A module that cannot be loaded."""

raise RuntimeError("half done")
