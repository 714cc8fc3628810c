"""Everything behind `amphis`; only the names in `amphis.__all__` are public."""
