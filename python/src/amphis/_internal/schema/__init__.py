"""What a value must look like: schemas, their registry and their evolution (spec/schema.md)."""
