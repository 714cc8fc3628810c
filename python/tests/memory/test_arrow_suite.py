from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.memory.arrow import open_table, write_table

pa = pytest.importorskip("pyarrow")
importlib.import_module("pyarrow.ipc")

_DEFAULT = Path(__file__).parents[4] / "shared" / "suites"
ROOT = Path(os.environ.get("AMPHIS_SUITES", _DEFAULT)) / "arrow-ipc" / "integration"
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*/*.stream", "*/*.arrow_file")
    for path in ROOT.glob(pattern)
)
SAMPLE = pa.table(
    {
        "n": [1, None, 3],
        "s": ["a", None, "c"],
        "l": [[1], None, []],
        "d": pa.array(["p", "q", "p"]).dictionary_encode(),
    }
)


def refused_for(name: str) -> str | None:
    """What is refused when it is opened."""
    if "bigendian" in name:
        return "big-endian data"
    if "compression" in name:
        return "LZ4 compression" if "lz4" in name else "ZSTD compression"
    return None


def unwritable_for(name: str) -> str | None:
    """What TypeScript would not read."""
    if "list_view" in name:
        return "the list view type"
    return "run-end encoding" if "run_end" in name else None


def written(table: object) -> memoryview:
    return write_table(table, lambda count: memoryview(bytearray(count)))


def gold(data: bytes) -> Any:  # noqa: ANN401 - a table of pyarrow
    opened = pa.ipc.open_file if data.startswith(b"ARROW1") else pa.ipc.open_stream
    return opened(data).read_all()


if not FILES:

    def test_arrow_integration_suite() -> None:
        pytest.skip("its folder is absent; set AMPHIS_SUITES to where the suites are")

else:

    @pytest.mark.parametrize("name", FILES)
    def test_a_golden_file_is_shown_and_written_back_or_refused(name: str) -> None:
        data = (ROOT / name).read_bytes()
        feature = refused_for(name)
        if feature is not None:
            with pytest.raises(AmphisError, match=feature):
                open_table(data)
            return
        table = open_table(data)
        assert table.equals(gold(data), check_metadata=True)
        if unwritable_for(name) is not None:
            with pytest.raises(AmphisError, match=str(unwritable_for(name))):
                written(table)
        elif "generated_interval." not in name:  # pyarrow has no classes for its types
            assert open_table(written(table)).equals(table, check_metadata=True)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(written(SAMPLE)) - 1), st.integers(0, 255)),
        min_size=1,
        max_size=5,
    )
)
def test_changed_bytes_are_a_table_or_a_typed_error(changes: list[tuple[int, int]]) -> None:
    data = bytearray(written(SAMPLE))
    for at, value in changes:
        data[at] = value
    refused: str | None = None
    try:
        open_table(data)
    except AmphisError as error:
        refused = error.code
    assert refused in {None, ErrorCode.ARROW_INVALID, ErrorCode.ARROW_UNSUPPORTED}
