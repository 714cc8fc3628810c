"""The message envelope: fields, time, and its form in each codec (spec/message.md)."""
