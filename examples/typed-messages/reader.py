"""Reads messages whose payload is packed by a contract that was written in TypeScript."""

import json
import sys

# region read
from amphis import FrameDecoder, Message, SchemaRegistry, message_codec

registry = SchemaRegistry()
registry.register("pricing.quote", 1, json.loads(sys.argv[1]))


def answer(quote: dict, message: Message) -> None:
    """Do something with a payload that was checked against its contract."""
    total = quote["amount"] * quote["price"]
    print(f"{message.target}: {quote['amount']} x {quote['item']} = {total}")


registry.handle("pricing.quote", answer)

codec = message_codec("compact", contracts=registry)
for frame in FrameDecoder().feed(sys.stdin.buffer.read()):
    registry.dispatch(codec.decode(frame.body))
# endregion read
