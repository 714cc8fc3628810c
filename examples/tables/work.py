"""Reads a table of prices, and answers with the mean of each item."""

from __future__ import annotations

import sys

# region means
import pyarrow as pa

quotes = pa.ipc.open_stream(sys.stdin.buffer.read()).read_all().to_pandas()
means = quotes.groupby("item", as_index=False)["price"].mean()

table = pa.Table.from_pandas(means, preserve_index=False)
with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as writer:
    writer.write_table(table)
# endregion means
