"""Values, messages and frames as text for people (spec/printing.md)."""
