"""A guest that calls what it is asked to: `python guest.py <address or descriptor> [<spin ms>]`.

Arguments and results are values; large ones travel as attachments, in shared memory where possible.
A call with the option `stream` gets a reader and a writer of chunks before its arguments.
"""

from __future__ import annotations

import importlib
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

from amphis._internal.bodies.call import CallBody, ResultBody
from amphis._internal.bodies.error import ErrorBody
from amphis._internal.channel.channel import Channel
from amphis._internal.channel.connect import connect_channel, open_inherited
from amphis._internal.channel.options import ChannelOptions
from amphis._internal.frame.frame import Frame, FrameAttachment
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.carrier import carry, open_attachment
from amphis._internal.memory.streams import ChunkStreams
from amphis._internal.values import Attachment
from amphis.memory import PlacementOptions, configure

# Frames of so many bytes go through memory.
SPILL_BYTES = 4_000_000

sys.path.insert(0, str(Path(__file__).parent))


def function_of(call: CallBody) -> Any:
    module, _, name = call.function.partition(":")
    return attrgetter(name)(importlib.import_module(module))


def answer_stream(streams: ChunkStreams, call_id: int, call: CallBody) -> Frame:
    window, *args = call.args
    reader, writer = streams.open(call_id, window=window)
    with reader, writer:
        result = function_of(call)(reader, writer, *args)
    return Frame(FrameKind.RESULT, ResultBody(result).encode())


def answer(channel: Channel, call: CallBody, attachments: tuple[FrameAttachment, ...]) -> Frame:
    function = function_of(call)
    args = [
        open_attachment(attachments[arg.index], arg, channel.memory)
        if isinstance(arg, Attachment)
        else arg
        for arg in call.args
    ]
    result = function(*args, **call.kwargs)
    if result is None or isinstance(result, (bool, int, float, str, list, dict)):
        return Frame(FrameKind.RESULT, ResultBody(result).encode())
    carried = carry(result, channel.memory)
    body = ResultBody(Attachment(0, carried.format, carried.meta)).encode()
    sent.append(carried.keep)
    return Frame(FrameKind.RESULT, body, attachments=(carried.attachment,))


# What references name must live until they were sent.
sent: list[object] = []


def serve(channel: Channel) -> None:
    streams = ChunkStreams(channel)
    while (frame := streams.receive()) is not None:
        if frame.kind != FrameKind.CALL:
            continue
        try:
            call = CallBody.decode(frame.body)
            if call.stream:
                reply = answer_stream(streams, frame.call_id, call)
            else:
                reply = answer(channel, call, frame.attachments)
        except Exception as error:  # noqa: BLE001 - whatever the function raises is the answer
            reply = Frame(FrameKind.ERROR, ErrorBody(error).encode())
        streams.send(Frame(reply.kind, reply.body, frame.call_id, attachments=reply.attachments))
        del frame, reply
        sent.clear()


def main() -> None:
    # Tests say where chunks are to lie, and nothing learned is to change that.
    configure(PlacementOptions(path="shared", min_shared_bytes=65_536))
    place = sys.argv[1]
    options = ChannelOptions(spill_bytes=SPILL_BYTES)
    if place.isdigit():
        channel = open_inherited(int(place), options)
    else:
        channel = connect_channel(place, options)
    with channel:
        serve(channel)


if __name__ == "__main__":
    main()
