"""The MessagePack codec: the default, exact and self-describing."""
