"""A bus over TLS: whom it trusts, and that bytes flow in both directions at once."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.bus.rogue import Conversation, Rogue
from tests.bus.shells import Shell, code_of

from amphis import AmphisError, FrameKind, message_codec

if TYPE_CHECKING:
    from pathlib import Path

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="there is no openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost` with its key, which is its own authority."""
    folder = tmp_path_factory.mktemp("certificate")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(  # noqa: S603 - of the system
        [str(OPENSSL), "req", "-x509", *curve, *subject, *files], check=True, capture_output=True
    )
    return folder


def listening(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


def echo(peer: Conversation) -> None:
    peer.welcome()
    while (frame := peer.next()).kind is FrameKind.MESSAGE:
        payload = message_codec("msgpack").decode(frame.body).payload
        peer.say(FrameKind.RESULT, frame.call_id, [payload])


def until_closed(peer: Conversation) -> None:
    with pytest.raises((AssertionError, OSError)):
        echo(peer)


def test_requests_go_over_tls_small_and_large(
    shell: Shell, tmp_path: Path, certificate: Path
) -> None:
    trusting = ssl.create_default_context(cafile=certificate / "certificate.pem")
    with Rogue(tmp_path, until_closed, tls=listening(certificate)) as rogue:
        bus = shell.open(rogue.address, ssl_context=trusting, max_frame_bytes=1 << 23)
        for payload in ("small", bytes(range(256)) * 10_000, [1, 2, 3]):
            assert bus.request("echo", payload) == payload
        bus.drain()


def test_a_certificate_of_nobody_known_is_rejected(
    shell: Shell, tmp_path: Path, certificate: Path
) -> None:
    def refused(peer: Conversation) -> None:
        pytest.fail(f"this side took {peer}")

    rogue = Rogue(tmp_path, refused, tls=listening(certificate))
    with rogue:
        with pytest.raises(AmphisError) as caught:
            shell.open(rogue.address)
        assert code_of(caught) == "PEER_REJECTED"
        rogue.threads[-1].join()
        # The listener hears of the distrust, and of nothing else.
        assert all(isinstance(failure, ssl.SSLError | OSError) for failure in rogue.failures)
        rogue.failures.clear()
