"""Reads messages whose payload is packed by a contract that was written in TypeScript."""

import json
import sys

# region read
from amphis import FrameDecoder, SchemaRegistry, message_codec

registry = SchemaRegistry()
registry.register("pricing.quote", 1, json.loads(sys.argv[1]))
registry.handle(
    "pricing.quote",
    lambda quote, message: print(
        f"{message.target}: {quote['amount']} x {quote['item']} = {quote['amount'] * quote['price']}"
    ),
)

codec = message_codec("compact", contracts=registry)
for frame in FrameDecoder().feed(sys.stdin.buffer.read()):
    registry.dispatch(codec.decode(frame.body))
# endregion read
