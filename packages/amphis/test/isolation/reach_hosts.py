"""Ways to a host, each with what came of it: the first bytes, or the exception."""

import asyncio
import http.client
import os
import socket
import tempfile
import urllib.request


def _told(act):
    try:
        got = act()
    except PermissionError as error:
        return f"denied {error.rule} {error.target}" if hasattr(error, "rule") else repr(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return got.decode() if isinstance(got, bytes) else got


def create(host, port):
    def act():
        with socket.create_connection((host, port), timeout=20) as connection:
            return connection.recv(100)

    return _told(act)


def bare(host, port, how="connect", family=socket.AF_INET):
    """By the C type itself, without what `socket` puts around it."""
    import _socket

    def act():
        one = _socket.socket(family, _socket.SOCK_STREAM)
        try:
            outcome = getattr(one, how)((host, port))
            return str(outcome) if outcome else one.recv(100)
        finally:
            one.close()

    return _told(act)


def from_descriptor(host, port):
    def act():
        first = socket.socket()
        with socket.socket(fileno=first.detach()) as second:
            second.connect((host, port))
            return second.recv(100)

    return _told(act)


def lying_family(host, port):
    """Says of itself that it is a Unix socket, and of its address that it is another text."""

    class Socket(socket.socket):
        family = socket.AF_UNIX

    class Text(str):
        __slots__ = ()

        def __str__(self):
            return "localhost"

        def __eq__(self, other):
            return True

        def __hash__(self):
            return hash("localhost")

        def encode(self, *_):
            return b"localhost"

    def act():
        with Socket(socket.AF_INET, socket.SOCK_STREAM) as one:
            one.connect((Text(host), port))
            return one.recv(100)

    return _told(act)


def changing(host, allowed_port, port):
    """A port that is another number each time, and a host that changes while it is looked at."""

    class Port:
        def __init__(self):
            self.asked = 0

        def __index__(self):
            self.asked += 1
            return port if self.asked == 1 else allowed_port

    def number():
        with socket.socket() as one:
            one.connect((host, Port()))
            return one.recv(100)

    def text():
        with socket.socket() as one:
            one.connect((bytearray(host.encode()), port))
            return one.recv(100)

    return [_told(number), _told(text)]


def datagram(host, port):
    def act():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            return one.sendto(b"escaped", (host, port))

    return _told(act)


def message(host, port):
    def act():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            return one.sendmsg([b"escaped"], [], 0, (host, port))

    return _told(act)


def streams(host, port):
    async def act():
        reader, writer = await asyncio.open_connection(host, port)
        got = await reader.read(100)
        writer.close()
        return got

    return _told(lambda: asyncio.run(act()))


def after_resolving(name, host, port):
    """Connects to a number after another name was looked up."""
    return [_told(lambda: str(len(socket.getaddrinfo(name, port)) > 0)), create(host, port)]


def resolved(name, port):
    """Connects to the numbers that a name leads to, by each function that tells them."""

    def first():
        return socket.getaddrinfo(name, port, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]

    ways = (first, lambda: socket.gethostbyname(name), lambda: socket.gethostbyname_ex(name)[2][0])
    return [_told(lambda way=way: create(way(), port)) for way in ways]


def look_up(name):
    return [
        _told(lambda: str(socket.getaddrinfo(name, 1))),
        _told(lambda: socket.gethostbyname(name)),
        _told(lambda: str(socket.gethostbyaddr(name))),
        _told(lambda: str(socket.getnameinfo((name, 1), 0))),
    ]


def served(host, port):
    def act():
        with socket.socket() as one:
            one.bind((host, port))
            one.listen()
            return "listens"

    return _told(act)


def unix(path):
    def act():
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(path)
            return one.recv(100)

    return _told(act)


def unix_listen():
    def act():
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(os.path.join(tempfile.mkdtemp(), "x"))
            return "listens"

    return _told(act)


def client(host, port):
    def act():
        connection = http.client.HTTPConnection(host, port, timeout=20)
        connection.request("GET", "/")
        return connection.getresponse().read()

    return _told(act)


def opened(url):
    def act():
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.read()

    return _told(act)


def requested(url, body=None):
    import requests

    def act():
        answer = requests.request("GET" if body is None else "POST", url, data=body, timeout=20)
        return f"{answer.status_code} {answer.text}"

    return _told(act)


def streamed(url, count):
    """Sends a body of unknown length, and says what came back."""
    import requests

    parts = (b"x" * 1000 for _ in range(count))
    return _told(lambda: requests.post(url, data=parts, timeout=20).text)


def tunnelled(host, port):
    """Through the proxy of a sandbox, what comes first."""

    def act():
        with socket.create_connection(("127.0.0.1", 3128), timeout=20) as connection:
            connection.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        line = head.partition(b"\r\n")[0].decode("latin-1")
        return body if " 200 " in line else line

    return _told(act)


def greet():
    """Serves the canary from a thread of this worker; the port."""
    import threading

    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"the canary")

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]
