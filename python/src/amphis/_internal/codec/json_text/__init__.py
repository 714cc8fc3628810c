"""The JSON codec: for people and browsers, lossless by tags."""
