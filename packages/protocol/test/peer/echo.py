"""Reads frames from standard input, decodes what they hold, encodes it again and writes it back."""

import sys

from amphis import (
    AmphisError,
    Frame,
    FrameDecoder,
    FrameKind,
    codec,
    encode_error,
    encode_frame,
    message_codec,
    msgpack,
)

CODECS = {name: codec(name) for name in ("msgpack", "compact", "json")}
MESSAGE_CODECS = {name: message_codec(name) for name in CODECS}


def encode_again(frame: Frame) -> bytes:
    """Hold the clock still, so that what is left of a TTL stays what it was."""
    if frame.kind is FrameKind.MESSAGE:
        messages = MESSAGE_CODECS[frame.codec]
        return messages.encode(messages.decode(frame.body, now_ns=0), now_ns=0)
    values = CODECS[frame.codec]
    return values.encode(values.decode(frame.body))


def answer(frame: Frame) -> Frame:
    """Give the same frame back, or the error that it led to."""
    try:
        body = encode_again(frame)
    except AmphisError as error:
        return Frame(FrameKind.ERROR, msgpack().encode(encode_error(error)), frame.call_id)
    return Frame(frame.kind, body, frame.call_id, frame.priority, frame.codec, frame.attachments)


def main() -> None:
    """Answer every frame until the other end closes."""
    decoder = FrameDecoder()
    while chunk := sys.stdin.buffer.read1(65_536):
        for frame in decoder.feed(chunk):
            sys.stdout.buffer.write(encode_frame(answer(frame)))
        sys.stdout.buffer.flush()
    decoder.end()


main()
