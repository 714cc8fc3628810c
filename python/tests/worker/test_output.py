"""What is printed and logged in a worker, in a process of its own whose output is taken over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import Any, NamedTuple

import pytest

if sys.platform == "win32":
    pytest.skip("workers fork, and read pipes by number", allow_module_level=True)


class Ran(NamedTuple):
    """What came of a program: entries of the log, and what reached the pipes."""

    entries: list[dict[str, Any]]
    stdout: str
    stderr: str

    @property
    def messages(self) -> list[str]:
        return [entry["message"] for entry in self.entries]


_BEGIN = """
import json, os, sys
CALL = [0]
def send(entry):
    os.write(ENTRIES, (json.dumps(entry) + "\\n").encode())
from amphis._internal.worker.output import capture
"""


def run(
    program: str, *, before: str = "", capture: str = "taken = capture(send, lambda: CALL[0])"
) -> Ran:
    """Run a program whose entries go through a pipe of their own."""
    reader, writer = os.pipe()
    text = "\n".join([f"ENTRIES = {writer}", before, _BEGIN, capture, textwrap.dedent(program)])
    with subprocess.Popen(  # noqa: S603 - of this test
        [sys.executable, "-c", text],
        pass_fds=[writer],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        text=True,
    ) as process:
        os.close(writer)
        with os.fdopen(reader) as entries:
            lines = entries.readlines()
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    return Ran([json.loads(line) for line in lines], stdout, stderr)


def test_each_line_is_an_entry_with_its_stream_and_call() -> None:
    ran = run(
        """
        CALL[0] = 7
        print("one")
        print("two\\nthree", 4)
        CALL[0] = 8
        print("oh", file=sys.stderr)
        """
    )
    assert ran.messages == ["one", "two", "three 4", "oh"]
    assert [entry["call"] for entry in ran.entries] == [7, 7, 7, 8]
    assert [entry["stream"] for entry in ran.entries] == ["stdout"] * 3 + ["stderr"]
    assert [entry["level"] for entry in ran.entries] == ["info"] * 3 + ["warning"]
    assert all(isinstance(entry["time"], float) for entry in ran.entries)
    assert (ran.stdout, ran.stderr) == ("", "")


def test_a_line_without_its_end_is_sent_by_flush_and_by_the_next_call() -> None:
    ran = run(
        """
        CALL[0] = 1
        print("a", end="")
        print("b", end="")
        taken.flush(1)
        taken.flush(1)
        print("left", end="")
        CALL[0] = 2
        print("next")
        print("10%", end="\\r", flush=True)
        """
    )
    assert [(entry["message"], entry["call"]) for entry in ran.entries] == [
        ("ab", 1),
        ("left", 1),
        ("next", 2),
        ("10%", 2),
    ]


def test_the_streams_are_what_libraries_expect_of_them() -> None:
    ran = run(
        """
        import io
        out = sys.stdout
        facts = [
            isinstance(out, io.TextIOBase), out.isatty(), out.fileno(), sys.stderr.fileno(),
            out.encoding, out.errors, out.writable(), out.readable(), out.seekable(), out.closed,
            out.line_buffering, out.name, out.mode, out.write("xyz\\n"),
        ]
        out.reconfigure(encoding="latin-1", line_buffering=True)
        out.writelines(["a\\n", "b\\n"])
        out.close()
        print("still there")
        for wrong in (lambda: out.write(b"x"), out.detach, out.read):
            try:
                wrong()
                facts.append("fine")
            except (TypeError, OSError) as error:
                facts.append(type(error).__name__)
        print(json.dumps(facts))
        """
    )
    assert ran.messages[:4] == ["xyz", "a", "b", "still there"]
    assert json.loads(ran.messages[4]) == [
        *[True, False, 1, 2, "utf-8", "backslashreplace", True, False, False, False],
        *[True, "<stdout>", "w", 4, "TypeError", "UnsupportedOperation", "UnsupportedOperation"],
    ]


def test_bytes_and_raw_writes_and_children_reach_the_pipe() -> None:
    ran = run(
        """
        import subprocess
        os.write(1, b"raw\\n")
        sys.stdout.buffer.write(b"bytes\\n")
        sys.stdout.flush()
        subprocess.run(["echo", "child"], stdout=sys.stdout, check=True)
        print("line")
        os.write(2, b"error\\n")
        """
    )
    assert ran.messages == ["line"]
    assert ran.stdout == "raw\nbytes\nchild\n"
    assert ran.stderr == "error\n"


def test_text_that_is_no_unicode_is_escaped() -> None:
    ran = run('print("a\\ud800é🙂")')
    assert ran.messages == ["a\\ud800é🙂"]


def test_a_line_without_end_is_sent_in_parts() -> None:
    ran = run('sys.stdout.write("x" * 200_000 + "\\n"); sys.stdout.write("y" * 100_000)')
    assert "".join(ran.messages) == "x" * 200_000 + "y" * 100_000
    assert max(map(len, ran.messages)) == 65_536


def test_many_small_writes_are_one_line() -> None:
    ran = run(
        """
        for each in range(1000):
            sys.stdout.write(str(each % 10))
        print()
        """
    )
    assert ran.messages == ["0123456789" * 100]


def test_lines_of_threads_do_not_mix() -> None:
    ran = run(
        """
        import threading
        start = threading.Barrier(8)
        def work(number):
            start.wait()
            for each in range(200):
                print("thread", number, "line", each)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """
    )
    expected = {f"thread {number} line {each}" for number in range(8) for each in range(200)}
    assert len(ran.messages) == 1600
    assert set(ran.messages) == expected


def test_what_is_printed_while_an_entry_is_sent_goes_to_the_pipe() -> None:
    ran = run(
        'print("hello")',
        capture="""
def noisy(entry):
    print("sending", entry["message"])
    send(entry)
taken = capture(noisy, lambda: 0)
""",
    )
    assert ran.messages == ["hello"]
    assert ran.stdout == "sending hello\n"


def test_printing_goes_on_when_nothing_can_be_sent() -> None:
    ran = run(
        """
        print("lost")
        broken = False
        print("sent")
        """,
        capture="""
from amphis import AmphisError
broken = True
def failing(entry):
    if broken:
        raise AmphisError("CONNECTION_CLOSED", "x")
    send(entry)
taken = capture(failing, lambda: 0)
""",
    )
    assert ran.messages == ["sent"]


def test_a_process_that_is_forked_off_prints_to_the_pipe() -> None:
    ran = run(
        """
        import logging
        print("before", end="")
        child = os.fork()
        if child == 0:
            print("in the child")
            logging.warning("logged in the child")
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)
        print(" after")
        """
    )
    assert ran.messages == ["before after"]
    assert ran.stdout == "in the child\n"
    assert "logged in the child" in ran.stderr


def test_a_loop_that_prints_is_bounded_and_told_of() -> None:
    ran = run(
        """
        for each in range(60_000):
            print(each)
        import time
        deadline = time.monotonic() + 30
        before = len(SENT)
        while not any("left out" in text for text in SENT) and time.monotonic() < deadline:
            print("again")
        """,
        capture="""
SENT = []
def counting(entry):
    SENT.append(entry["message"])
    if len(SENT) < 10 or "left out" in entry["message"]:
        send(entry)
from amphis._internal.worker import output_allowance
output_allowance.LINES_PER_SECOND = 1_000
taken = capture(counting, lambda: 0)
""",
    )
    assert ran.messages[:9] == [str(each) for each in range(9)]
    assert "entries were left out" in ran.messages[-1]
    assert ran.entries[-1]["level"] == "warning"


@pytest.mark.parametrize("before", ["", "import logging"], ids=["later", "before"])
def test_records_of_logging_are_entries_with_level_place_and_exception(before: str) -> None:
    ran = run(
        """
        import logging
        CALL[0] = 3
        logger = logging.getLogger("shop.orders")
        logger.setLevel(5)
        logger.log(5, "five %s", 1)
        logger.info("six")
        logger.warning("seven")
        logger.critical("nine")
        try:
            1 / 0
        except ZeroDivisionError:
            logger.exception("failed")
        """,
        before=before,
    )
    assert ran.messages == ["five 1", "six", "seven", "nine", "failed"]
    levels = [entry["level"] for entry in ran.entries]
    assert levels == ["debug", "info", "warning", "critical", "error"]
    first, last = ran.entries[0], ran.entries[-1]
    assert (first["logger"], first["call"], first["file"]) == ("shop.orders", 3, "<string>")
    assert first["line"] > 0
    assert "stream" not in first
    assert last["exception"].endswith("ZeroDivisionError: division by zero")


@pytest.mark.parametrize("before", ["", "import logging"], ids=["later", "before"])
def test_basic_config_sets_the_level_and_doubles_nothing(before: str) -> None:
    ran = run(
        """
        import logging
        logging.info("too early")
        logging.basicConfig(level=logging.INFO, format="%(message)s !")
        logging.info("one")
        logging.basicConfig(level=logging.DEBUG, force=True)
        logging.debug("two")
        """,
        before=before,
    )
    assert ran.messages == ["one", "two"]
    assert [entry["level"] for entry in ran.entries] == ["info", "debug"]


def test_handlers_of_the_user_work_beside() -> None:
    ran = run(
        """
        import io, logging
        text = io.StringIO()
        logging.basicConfig(stream=text, format="%(levelname)s:%(message)s")
        logging.error("both")
        print(text.getvalue())
        """
    )
    assert ran.messages == ["both", "ERROR:both", ""]


def test_a_record_whose_arguments_do_not_fit_is_reported_as_python_does() -> None:
    ran = run(
        """
        import logging
        logging.warning("%d", "x")
        logging.warning("goes on")
        """
    )
    assert "--- Logging error ---" in ran.messages
    assert ran.messages[-1] == "goes on"


def test_logging_is_not_loaded_for_who_does_not_log() -> None:
    ran = run('print("logging" in sys.modules)')
    assert ran.messages == ["False"]


def test_exceptions_that_nobody_catches_are_told() -> None:
    ran = run(
        """
        import threading
        class Broken:
            def __del__(self):
                raise ValueError("in __del__")
        Broken()
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        """
    )
    text = "\n".join(ran.messages)
    assert "ValueError: in __del__" in text
    assert "ZeroDivisionError: division by zero" in text
    assert {entry["stream"] for entry in ran.entries} == {"stderr"}
