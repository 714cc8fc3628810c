"""A channel to a TypeScript program on this machine: frames through rings, arrays in shared memory.

```python
with connect("shm:/run/app.sock") as channel:
    frame = channel.receive()
    array = open_attachment(frame.attachments[0], value, channel.memory)
```

`carry` and `open_attachment` turn large values into attachments and back: arrays of NumPy, tables
of pyarrow, pandas and polars, and bytes.
"""

from __future__ import annotations

from amphis._internal.channel.channel import Channel
from amphis._internal.channel.connect import connect_channel as connect
from amphis._internal.channel.connect import open_inherited
from amphis._internal.channel.options import ChannelOptions
from amphis._internal.memory.carrier import Carried, carry, open_attachment
from amphis._internal.memory.guest import GuestMemory

__all__ = [
    "Carried",
    "Channel",
    "ChannelOptions",
    "GuestMemory",
    "carry",
    "connect",
    "open_attachment",
    "open_inherited",
]
