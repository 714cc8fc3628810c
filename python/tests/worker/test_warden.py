"""The warden and the keepers that it forks, as a launcher sees them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.bus.shells import until
from tests.worker.launched import Launched, Warden, is_running, spawned

from amphis._internal.worker.preloading import LATER, may_be_early

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")


def wait_until_gone(pid: int) -> None:
    while is_running(pid):
        os.sched_yield()


def test_warden_forks_a_worker_and_its_keeper_tells_how_it_ended() -> None:
    warden = Warden()
    launched = warden.fork()
    worker = launched.started()
    os.kill(worker, signal.SIGABRT)
    assert launched.hear().startswith("ended - 6 0 ")
    assert launched.hear() == ""
    assert not is_running(worker)
    assert warden.end() == ""


def test_warden_ends_in_good_order_with_its_program() -> None:
    warden = Warden()
    warden.fork().started()
    assert warden.end() == ""
    assert warden.process.returncode == 0


def test_workers_end_when_their_line_does() -> None:
    warden = Warden()
    launched = warden.fork()
    worker = launched.started()
    launched.line.close()
    wait_until_gone(worker)
    assert warden.end() == ""


@pytest.mark.parametrize("count", [0, 4])
def test_warden_goes_on_when_it_is_asked_with_too_few_ends(count: int) -> None:
    warden = Warden()
    launched = Launched()
    if count:
        socket.send_fds(warden.socket, [b"\1"], launched.far[:count])
    else:
        warden.socket.send(b"\1")
    launched.close_far()
    other = warden.fork()
    other.started()
    assert warden.end() == ""
    launched.close()


def test_warden_has_no_descriptor_of_a_worker() -> None:
    warden = Warden()
    folder = Path(f"/proc/{warden.process.pid}/fd")
    first = warden.fork()
    first.started()
    # At most what came with the first one and is about to be closed: five descriptors.
    most = len(list(folder.iterdir()))
    others = [warden.fork() for _ in range(8)]
    for each in others:
        each.started()
    until(lambda: len(list(folder.iterdir())) <= most, "the end of the descriptors")
    assert warden.end() == ""


def test_keeper_ends_what_a_worker_leaves_when_it_is_told_to() -> None:
    launched, process = spawned()
    worker = launched.started()
    launched.line.send(b"kill\n")
    assert launched.hear().startswith("ended - 9 0 ")
    assert not is_running(worker)
    assert process.wait() == 0
    launched.close()


def test_keeper_that_is_asked_to_end_takes_its_worker_along() -> None:
    launched, process = spawned()
    worker = launched.started()
    process.terminate()
    assert launched.hear().startswith("ended - 9 0 ")
    assert process.wait() == 0
    assert not is_running(worker)
    launched.close()


def test_worker_ends_with_a_keeper_that_is_killed() -> None:
    launched, process = spawned()
    worker = launched.started()
    process.kill()
    assert launched.hear() == ""
    process.wait()
    wait_until_gone(worker)
    launched.close()


def test_unknown_setting_is_refused_by_name() -> None:
    launched, process = spawned("colour=red")
    assert process.wait() == 1
    assert b"setting 'colour' is unknown" in launched.stderr.read()
    launched.close()


@pytest.mark.parametrize(
    ("module", "is_early"),
    [
        ("json", True),
        ("numpy.linalg", True),
        ("pandas", True),
        ("polars", False),
        ("torch", False),
        ("my_module", False),
        ("antigravity", False),
    ],
)
def test_only_modules_that_are_known_to_be_safe_are_imported_before_a_fork(
    module: str, *, is_early: bool
) -> None:
    assert may_be_early(module) is is_early


def test_module_of_the_user_is_left_to_the_worker_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('imported in the warden')")
    warden = Warden([f"path={tmp_path}", "preload=numpy"])
    warden.fork().started()
    assert warden.end() == ""


FORKED = """
import os, sys, time, warnings
sys.path.insert(0, sys.argv[1])
warnings.simplefilter("error")
from amphis._internal.worker.preloading import preload
preload([sys.argv[2]], [])
assert sys.argv[2] in sys.modules
for _ in range(3):
    child = os.fork()
    if child == 0:
        code = 1
        try:
            exec(sys.argv[3])
            code = 0
        finally:
            os._exit(code)
    deadline = time.monotonic() + 60
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            os.kill(child, 9)
            raise SystemExit("the child hangs")
        time.sleep(0.001)
    assert ended[1] == 0, ended
"""

USES = {
    "numpy": """
import numpy as np
square = np.ones((600, 600))
assert (square @ square).sum() == 600**3
np.linalg.inv(square + np.eye(600))
""",
    "scipy": """
import numpy as np
import scipy.linalg
scipy.linalg.lu(np.ones((400, 400)))
""",
    "pandas": """
import pandas as pd
frame = pd.DataFrame({"a": [1, 1], "b": [2, 3]})
assert frame.groupby("a").sum().b[1] == 5
""",
    "pyarrow": """
import pyarrow as pa
import pyarrow.compute as pc
table = pa.table({"a": list(range(100_000))})
assert pc.sum(table["a"]).as_py() == 4999950000
table.group_by("a", use_threads=True).aggregate([("a", "count")])
""",
}


@pytest.mark.parametrize("module", USES)
def test_module_that_is_imported_before_a_fork_works_behind_it(module: str) -> None:
    pytest.importorskip(module)
    root = str(Path(sys.modules["amphis"].__file__ or "").parent.parent)
    command = [sys.executable, "-c", FORKED, root, module, USES[module]]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_is_loaded_later_loads_no_library_and_starts_no_thread() -> None:
    program = f"""
import importlib, sys, threading
for name in {LATER!r}:
    importlib.import_module(name)
assert threading.active_count() == 1
libraries = {{"numpy", "pandas", "pyarrow", "polars", "torch"}} & set(sys.modules)
assert not libraries, libraries
"""
    command = [sys.executable, "-W", "error", "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (ended.returncode, ended.stderr) == (0, "")
