"""What Python tells audit hooks of (PEP 578), and which rule of a policy each falls under."""

from __future__ import annotations

REFUSE, READS, WRITES, OPENS, RENAMES, IMPORTS, CONNECTS, RESOLVES, REVERSES = range(9)
"""What counts: that it happens at all; the path it reads; writes; opens; both paths; the module;
the address of a socket; the name that is looked up; the address whose name is asked for."""

# A name that ends with a dot stands for all events that begin so.
_REFUSED = {
    "processes": (
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.kill",
        "os.killpg",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    ),
    "network": (
        "ftplib.connect",
        "http.client.connect",
        "imaplib.open",
        "nntplib.connect",
        "poplib.connect",
        "smtplib.connect",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.getnameinfo",
        "socket.sendmsg",
        "socket.sendto",
        "telnetlib.Telnet.open",
        "urllib.Request",
    ),
    "ctypes": ("ctypes.",),
    "pickle": ("pickle.find_class",),
    "introspection": (
        "code.__new__",
        "gc.get_objects",
        "gc.get_referents",
        "gc.get_referrers",
        "resource.prlimit",
        "resource.setrlimit",
        "setopencodehook",
        "sys._current_exceptions",
        "sys._current_frames",
        "sys.addaudithook",
        "sys.remote_exec",
        "sys.setprofile",
        "sys.settrace",
    ),
}
_PATHS = {
    READS: ("os.chdir", "os.getxattr", "os.listdir", "os.listxattr", "os.scandir"),
    WRITES: (
        "os.chflags",
        "os.chmod",
        "os.chown",
        "os.lockf",
        "os.mkdir",
        "os.remove",
        "os.removexattr",
        "os.rmdir",
        "os.setxattr",
        "os.truncate",
        "os.utime",
        "sqlite3.connect",
    ),
    OPENS: ("open",),
    RENAMES: ("os.link", "os.rename", "os.symlink"),
}

# Where only some hosts may be reached. All else that libraries tell of ends in these.
_HOSTS = {
    CONNECTS: ("socket.bind", "socket.connect", "socket.sendmsg", "socket.sendto"),
    RESOLVES: ("socket.getaddrinfo", "socket.gethostbyname"),
    REVERSES: ("socket.gethostbyaddr", "socket.getnameinfo"),
}

RULES = (*_REFUSED, "code")
"""What a policy grants by its name, besides files and libraries."""


def events_of(
    granted: frozenset[str], *, has_paths: bool, has_modules: bool, has_hosts: bool = False
) -> list[tuple[str, str, int]]:
    """Events that a policy is about, in the order of their names: name, rule, what counts.

    Args:
        granted: rules that do not hold
        has_paths: whether some files may not be read or written
        has_modules: whether some modules may not be loaded
        has_hosts: whether some hosts may be reached and others not
    """
    events = [
        (event, rule, REFUSE)
        for rule, names in _REFUSED.items()
        if rule not in granted
        for event in names
    ]
    if has_paths:
        events += [(event, "files", kind) for kind, names in _PATHS.items() for event in names]
    if has_hosts:
        events += [(event, "network", kind) for kind, names in _HOSTS.items() for event in names]
    if has_modules:
        events.append(("import", "libraries.deny", IMPORTS))
    return sorted(events)
