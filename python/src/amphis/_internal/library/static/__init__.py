"""What sources and stubs say of a module, without importing it."""
