"""The compact codec: bincode layout, with or without a schema."""
