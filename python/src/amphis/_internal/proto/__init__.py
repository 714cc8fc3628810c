"""Conversion between the records of this package and the messages of spec/proto."""
