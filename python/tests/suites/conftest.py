from __future__ import annotations

import os
from pathlib import Path

import pytest

_DEFAULT = Path(__file__).parents[4] / "shared" / "suites"


@pytest.fixture(scope="session")
def suites() -> Path:
    """Folder of the published suites; they are no part of the repository."""
    folder = Path(os.environ.get("AMPHIS_SUITES", _DEFAULT))
    if not folder.is_dir():
        pytest.skip("the suites are absent; set AMPHIS_SUITES to where they are")
    return folder
