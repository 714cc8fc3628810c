"""What Python itself says of modules, classes and functions that were imported."""
