"""What guests are asked to do with streams of chunks in tests; each gets a reader and a writer."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError


def lengths(reader: Any, writer: Any) -> list[int]:
    """Reads everything; says how long each chunk was, and what it begins with."""
    del writer
    return [number for chunk in reader for number in (len(chunk), chunk[0])]


def keep_all(reader: Any, writer: Any) -> list[int]:
    """Keeps every chunk to the end, and reads them then."""
    del writer
    kept = list(reader)
    return [chunk[0] for chunk in kept]


def count(reader: Any, writer: Any, chunks: int, chunk_bytes: int) -> int:
    """Writes chunks as fast as it may; each is full of its number."""
    del reader
    for number in range(chunks):
        writer.write(bytes([number % 256]) * chunk_bytes)
    return chunks


def echo(reader: Any, writer: Any) -> str:
    """In one thread: what it waits for in one direction, it reads in the other."""
    for chunk in reader:
        writer.write(chunk)
    return "done"


def echo_copies(reader: Any, writer: Any) -> str:
    for chunk in reader:
        writer.write(bytes(chunk))
    return "done"


def both(reader: Any, writer: Any, chunks: int, chunk_bytes: int) -> int:
    """Two threads: one reads all, one writes all, independent of each other."""
    read: list[int] = []
    thread = threading.Thread(target=lambda: read.extend(chunk[0] for chunk in reader))
    thread.start()
    count(reader, writer, chunks, chunk_bytes)
    writer.end()
    thread.join()
    return sum(read)


def leave_after(reader: Any, writer: Any, chunks: int) -> int:
    """Leaves the loop in the middle."""
    del writer
    for number, _chunk in enumerate(reader, 1):
        if number == chunks:
            break
    return chunks


def raise_after(reader: Any, writer: Any, chunks: int) -> None:
    """Fails in the middle, while it reads and writes."""
    for number, chunk in enumerate(reader):
        if number == chunks:
            raise AmphisError(ErrorCode.DECODE_FAILED, "Cannot decode: spoiled", {"offset": 3})
        writer.write(chunk)


def error_of_peer(reader: Any, writer: Any) -> list[object]:
    """What the loop raises, and how many chunks came before."""
    del writer
    came = 0
    try:
        for _chunk in reader:
            came += 1
    except AmphisError as error:
        return [came, str(error.code.value), error.message]  # type: ignore[union-attr]
    return [came]


def error_behind_write(reader: Any, writer: Any) -> list[object]:
    """As `error_of_peer`, but reads on only when one chunk was written."""
    came = 0
    try:
        for _chunk in reader:
            came += 1
            writer.write(b"\1")
    except AmphisError as error:
        return [came, str(error.code.value)]  # type: ignore[union-attr]
    return [came]


def write_until_refused(reader: Any, writer: Any, chunk_bytes: int) -> list[object]:
    """Writes until the reader wants no more; says why, and how many went."""
    del reader
    went = 0
    try:
        while True:
            writer.write(bytes(chunk_bytes))
            went += 1
    except AmphisError as error:
        return [went, str(error.code.value), dict(error.context)]  # type: ignore[union-attr]


def write_without_credit(reader: Any, writer: Any, chunks: int, chunk_bytes: int) -> list[object]:
    """Breaks the rules: gives itself the credit that the reader did not give."""
    writer._outflow.grant(chunks)
    return write_until_refused(reader, writer, chunk_bytes)


def unwritable(reader: Any, writer: Any) -> str:
    """A value that cannot travel is refused, and those after it go."""
    del reader
    writer.write(b"before")
    try:
        writer.write(object())
    except TypeError:
        writer.write(b"after")
    return "done"


def die_after(reader: Any, writer: Any, chunks: int) -> None:
    """Dies in the middle, with chunks in its hands and on their way."""
    kept = []
    for number, chunk in enumerate(reader):
        kept.append(chunk)
        writer.write(bytes(len(chunk)))
        if number == chunks:
            os.kill(os.getpid(), signal.SIGKILL)
