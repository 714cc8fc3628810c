"""Both sides compute the same from two hellos, or both say clearly why not."""

from __future__ import annotations

import pytest

from amphis import AmphisError, Hello, negotiate

OURS = Hello(
    product="ours",
    versions=(1, 3),
    codecs=("compact", "msgpack", "json"),
    max_frame_bytes=1_000,
    max_depth=128,
    capabilities=("sync-channel", "shared-memory", "b"),
)
THEIRS = Hello(
    product="theirs",
    versions=(2, 5),
    codecs=("json", "msgpack"),
    max_frame_bytes=5_000,
    max_depth=64,
    capabilities=("shared-memory", "sync-channel", "a"),
)


def test_the_best_common_set_is_chosen() -> None:
    agreed = negotiate(OURS, THEIRS)
    assert (agreed.version, agreed.codec, agreed.codecs) == (3, "msgpack", ("msgpack", "json"))
    assert (agreed.max_frame_bytes, agreed.max_depth) == (1_000, 64)
    assert agreed.capabilities == ("shared-memory", "sync-channel")
    assert negotiate(OURS, THEIRS, side="responder") == agreed
    assert negotiate(THEIRS, OURS).codecs == ("json", "msgpack")


def test_no_common_version_names_both_ranges_on_both_sides() -> None:
    newer = Hello(product="newer\x1b", versions=(4, 5))
    with pytest.raises(AmphisError) as caught:
        negotiate(OURS, newer)
    assert caught.value.code == "VERSION_UNSUPPORTED"
    assert (caught.value.local, caught.value.remote) == ([1, 3], [4, 5])
    assert str(caught.value) == (
        "Cannot agree on a protocol version: this side speaks versions 1 to 3, "
        "the peer (newer\\u001b) speaks versions 4 to 5"
    )
    with pytest.raises(AmphisError) as caught:
        negotiate(OURS, newer, side="responder")
    assert (caught.value.local, caught.value.remote) == ([4, 5], [1, 3])


def test_no_common_codec_names_both_offers() -> None:
    with pytest.raises(AmphisError) as caught:
        negotiate(OURS, Hello(product="x", codecs=("cbor",)))
    assert caught.value.code == "NEGOTIATION_FAILED"
    assert (caught.value.local, caught.value.remote) == (["compact", "msgpack", "json"], ["cbor"])


def test_a_hello_beyond_64_kib_is_refused_on_both_ends() -> None:
    with pytest.raises(AmphisError) as caught:
        Hello(product="x" * 65_536).encode()
    assert caught.value.code == "FRAME_TOO_LARGE"
    with pytest.raises(AmphisError) as caught:
        Hello.decode(bytes(65_537))
    assert caught.value.code == "FRAME_TOO_LARGE"


def test_a_hello_that_a_peer_would_refuse_is_not_sent() -> None:
    with pytest.raises(AmphisError) as caught:
        Hello(product="x", max_depth=0).encode()
    assert (caught.value.code, caught.value.path) == ("BODY_INVALID", "$.limits.maxDepth")
