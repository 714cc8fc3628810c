"""The Python end of the tour: decodes each message that arrives and says what it sees."""

import sys
from time import perf_counter_ns

from amphis import (
    Frame,
    FrameDecoder,
    FrameKind,
    encode_frame,
    format_message,
    message_codec,
    msgpack,
)

CODECS = {name: message_codec(name) for name in ("msgpack", "compact", "json")}
ROUNDS = 200


def look_at(frame: Frame) -> dict[str, object]:
    """Decode a message, time it, and show it as Python prints it."""
    codec = CODECS[frame.codec]
    start = perf_counter_ns()
    for _ in range(ROUNDS):
        message = codec.decode(frame.body)
    decode_us = (perf_counter_ns() - start) / ROUNDS / 1_000
    return {
        "decodeUs": decode_us,
        "text": format_message(message, style="verbose", color=False),
        "payload": repr(message.payload),
    }


def main() -> None:
    """Answer every message until the other end closes."""
    decoder = FrameDecoder()
    while chunk := sys.stdin.buffer.read1(65_536):
        for frame in decoder.feed(chunk):
            body = msgpack().encode(look_at(frame))
            sys.stdout.buffer.write(encode_frame(Frame(FrameKind.RESULT, body, frame.call_id)))
        sys.stdout.buffer.flush()
    decoder.end()


main()
