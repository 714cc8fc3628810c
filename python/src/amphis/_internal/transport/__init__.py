"""Bytes between processes: addresses, connections, what waits to be sent, signs of life."""
