"""A member of a message bus: its side of spec/bus.md, and the two shells around it."""
