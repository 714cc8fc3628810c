"""Attempts to get out. Each says what it got; what it must not get is an exception."""

import ctypes
import errno
import gc
import os
import signal
import socket
import struct
import sys
import threading
import time


class _Libc:
    """Loaded when it is first used, as a policy may not let it be."""

    def __getattr__(self, name):
        loaded = ctypes.CDLL(None, use_errno=True)
        return getattr(loaded, name)


_libc = _Libc()


def who():
    return [os.getpid(), os.getuid(), sorted(os.listdir("/proc"))[:3]]


def read(path):
    with open(path) as file:
        return file.read()


def read_raw(path):
    """As `read`, by calls of C of which no audit hook hears."""
    descriptor = _libc.open(path.encode(), os.O_RDONLY)
    if descriptor < 0:
        return errno.errorcode[ctypes.get_errno()]
    data = os.read(descriptor, 100)
    os.close(descriptor)
    return data.decode()


def write(path):
    with open(path, "w") as file:
        file.write("escaped")
    return "written"


def write_raw(path):
    descriptor = _libc.open(path.encode(), os.O_WRONLY | os.O_CREAT, 0o600)
    if descriptor < 0:
        return errno.errorcode[ctypes.get_errno()]
    os.write(descriptor, b"escaped")
    return "written"


def link_and_read(link, target):
    os.symlink(target, link)
    return read(link)


def link_and_read_raw(link, target):
    if _libc.symlink(target.encode(), link.encode()) != 0:
        return errno.errorcode[ctypes.get_errno()]
    return read_raw(link)


def race(link, inside, outside, rounds):
    """Changes where a link leads while it is opened: what was checked is not what is opened."""
    stop = threading.Event()
    spare = link + ".new"

    def swap():
        while not stop.is_set():
            for target in (inside, outside):
                _libc.symlink(target.encode(), spare.encode())
                _libc.rename(spare.encode(), link.encode())

    _libc.symlink(inside.encode(), link.encode())
    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    try:
        for _ in range(rounds):
            seen.add(read_raw(link))
    finally:
        stop.set()
        thread.join()
    return sorted(seen)


def tcp(host, port):
    with socket.create_connection((host, port), timeout=5) as connection:
        return connection.recv(100).decode()


def tcp_raw(port):
    """Connects to this machine by C."""
    descriptor = _libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    address = (
        struct.pack("=H", socket.AF_INET)
        + struct.pack("!H", port)
        + bytes([127, 0, 0, 1])
        + bytes(8)
    )
    if _libc.connect(descriptor, address, len(address)) != 0:
        return errno.errorcode[ctypes.get_errno()]
    return os.read(descriptor, 100).decode()


def udp(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"escaped", ("127.0.0.1", port))
        return "sent"


def unix_raw(path):
    """A Unix socket; a path that begins with @ is an abstract one."""
    name = path.encode()
    if name.startswith(b"@"):
        name = b"\0" + name[1:]
    address = struct.pack("=H", socket.AF_UNIX) + name
    descriptor = _libc.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0)
    length = len(address) + (0 if path.startswith("@") else 1)
    if _libc.connect(descriptor, address + b"\0", length) != 0:
        return errno.errorcode[ctypes.get_errno()]
    return "connected"


_listeners = []


def listen_abstract(name):
    """Listens where no file is."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind("\0" + name)
    listener.listen(8)
    _listeners.append(listener)


def family(number):
    """Whether a socket of this family can be made."""
    descriptor = _libc.socket(number, socket.SOCK_STREAM, 0)
    return "made" if descriptor >= 0 else errno.errorcode[ctypes.get_errno()]


def fork_raw():
    child = _libc.fork()
    if child == 0:
        os._exit(0)
    return "forked" if child > 0 else errno.errorcode[ctypes.get_errno()]


def exec_raw():
    arguments = (ctypes.c_char_p * 2)(b"/usr/bin/true", None)
    _libc.execve(b"/usr/bin/true", arguments, None)
    return errno.errorcode[ctypes.get_errno()]


def fork_bomb():
    """Forks as long as it can; how many there were."""
    count = 0
    while count < 100_000 and _libc.fork() > 0:
        count += 1
    return count


def memory_bomb():
    kept = []
    while True:
        kept.append(bytearray(32 << 20))


def fill_temporary():
    """Fills the private folder; how it ends."""
    block = bytes(1 << 20)
    written = 0
    try:
        with open("/tmp/full", "wb", buffering=0) as file:
            while written < (4 << 30):
                written += file.write(block)
    except OSError as error:
        os.remove("/tmp/full")
        return [errno.errorcode[error.errno], written]
    return ["endless", written]


def call(number, *arguments):
    """A system call by its number."""
    result = _libc.syscall(number, *[ctypes.c_long(each) for each in arguments])
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]


def push_input():
    """Types a letter into the terminal of whoever started this."""
    for descriptor in (0, 1, 2):
        if _libc.ioctl(descriptor, 0x5412, b"x") == 0:
            return "typed"
    return errno.errorcode[ctypes.get_errno()]


def kill_raw(process):
    return (
        "killed"
        if _libc.kill(process, signal.SIGKILL) == 0
        else errno.errorcode[ctypes.get_errno()]
    )


def memory_of(process):
    return read_raw(f"/proc/{process}/mem")


def processes():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def descriptors():
    """What is open here."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            pass
    return found


def reopen_all():
    """Opens the files behind all descriptors anew, for writing."""
    opened = []
    for name, link in descriptors().items():
        if link.startswith("/") and not link.startswith(("/dev/", "/proc/", "/memfd:")):
            try:
                os.close(os.open(f"/proc/self/fd/{name}", os.O_RDWR))
                opened.append(link)
            except OSError:
                pass
    return opened


def environment(name):
    return os.environ.get(name)


def import_again(name):
    """An import in another way."""
    import importlib

    sys.modules.pop(name, None)
    return importlib.import_module(name).__name__


def import_of_builtins(name):
    return __builtins__["__import__"](name).__name__ if isinstance(__builtins__, dict) else ""


def system(command):
    return os.system(command)


def popen(command):
    import subprocess

    return subprocess.run(command, capture_output=True, check=False).stdout.decode()


def system_from_thread(command):
    """In a thread that was started by the code itself."""
    caught = []

    def run():
        try:
            caught.append(os.system(command))
        except BaseException as error:
            caught.append(type(error).__name__)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return caught


def hook_state():
    """Looks for what holds this process, and for a way to end that."""
    found = []
    for look in (gc.get_objects, gc.get_referrers):
        try:
            look()
            found.append(look.__name__)
        except BaseException as error:
            found.append(type(error).__name__)
    heard = []
    # Python itself says nothing of a hook that another one does not let in.
    sys.addaudithook(lambda event, _: heard.append(event))
    sys.audit("escape.heard")
    found.append(len(heard))
    frame = sys._getframe()
    names = set()
    while frame is not None:
        names.update(str(value) for value in frame.f_locals)
        for value in frame.f_locals.values():
            if type(value).__name__ == "Judge":
                # What it finds of the judge changes nothing of the hook, which is in C.
                value._policy.granted = frozenset(("processes", "network", "ctypes", "code"))
        frame = frame.f_back
    return found


def set_attribute(module, name):
    setattr(sys.modules[module], name, None)


def unpickle(data):
    import pickle

    return str(pickle.loads(bytes.fromhex(data)))


def swallow(command):
    """A library that takes no for an answer goes on."""
    try:
        os.system(command)
    except PermissionError as error:
        return f"{type(error).__name__}: {error.rule}"
    return "done"


def many_denials(count):
    for _ in range(count):
        try:
            os.system("true")
        except PermissionError:
            pass
    return count


def raise_limit():
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))


def sleep(seconds):
    time.sleep(seconds)


def temporary():
    import tempfile

    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("here")
        file.seek(0)
        return file.read()


def home():
    path = os.path.join(os.path.expanduser("~"), "note")
    write(path)
    return read(path)


def interrupted():
    """Goes on until it is broken off."""
    while True:
        time.sleep(0.01)


def map_shared(megabytes):
    """Touches memory that is shared, which limits of single processes do not count."""
    import mmap

    kept = []
    for _ in range(megabytes):
        part = mmap.mmap(-1, 1 << 20)
        part.write(bytes(1 << 20))
        kept.append(part)
    return len(kept)


def start_many(most):
    """Starts processes that wait until their standard input ends; how many it was let."""
    import subprocess

    started = []
    try:
        while len(started) < most:
            started.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE))
    except OSError as error:
        return [errno.errorcode[error.errno], len(started)]
    finally:
        for each in started:
            each.stdin.close()
            each.wait()
    return ["all", len(started)]


def kill_self():
    os.kill(os.getpid(), signal.SIGKILL)
