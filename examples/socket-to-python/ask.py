"""Asks one question over a Unix socket, with the standard library alone."""

import socket
import sys

# region ask
from amphis import (
    Frame,
    FrameDecoder,
    FrameKind,
    Message,
    MessageType,
    encode_frame,
    message_codec,
)

messages = message_codec("msgpack")
question = Message(
    type=MessageType.REQUEST, target="prices", payload={"item": "Bücherregal", "amount": 2}
)

with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(sys.argv[1])
    frame = Frame(FrameKind.MESSAGE, messages.encode(question), call_id=1)
    connection.sendall(encode_frame(frame))

    decoder = FrameDecoder()
    frames: list[Frame] = []
    while not frames and (chunk := connection.recv(65_536)):
        frames = decoder.feed(chunk)
# endregion ask

answer = messages.decode(frames[0].body)
assert answer.correlation_id == question.id  # noqa: S101 - this is what the story shows
print(f"Python got {answer.payload} for its question")
