"""How property tests run everywhere: a slow machine is no failure. And where the C extension is."""

from __future__ import annotations

import gc
import os
import platform
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

settings.register_profile(
    "amphis",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("amphis")

# Tests are no package, and some share helpers.
sys.path.insert(0, str(Path(__file__).parents[1]))

# Before anything is imported that looks for it.
_MACHINE = "x64" if platform.machine() == "x86_64" else "arm64"
_BUILT = Path(__file__).parents[2] / f"packages/native/build/linux-{_MACHINE}-napi8"
os.environ.setdefault("AMPHIS_NATIVE", str(_BUILT))


def pytest_collection_finish() -> None:
    """Tests that look for what is left collect garbage: only what tests made, not all modules."""
    gc.collect()
    gc.freeze()
