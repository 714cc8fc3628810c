"""Device tensors over a channel: what the host lets go is forgotten, and it hears of each share."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import pytest
from tests.bus.shells import code_of, until

from amphis import AmphisError
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.carrier import carry, open_attachment
from amphis._internal.values import Attachment
from amphis.memory import InPlace

if TYPE_CHECKING:
    from tests.channel.conftest import Pairs

    from amphis._internal.channel import Channel
    from amphis._internal.memory.carrier import Carried

numpy = pytest.importorskip("numpy", reason="NumPy is not installed")


def opened(channel: Channel, sent: Carried, share: int) -> object:
    """As if the host had sent it back."""
    meta = {**sent.meta, "id": share, "own": sent.meta["id"]}
    return open_attachment(sent.attachment, Attachment(0, sent.format, meta), channel.memory)


def test_a_tensor_is_forgotten_when_the_host_lets_it_go(pairs: Pairs) -> None:
    channel, host = pairs.open()
    tensors = [numpy.zeros(3) for _ in range(3)]
    watched = [weakref.ref(tensor) for tensor in tensors]
    sent = [carry(InPlace(tensor), channel.memory) for tensor in tensors]
    del tensors
    # A number that was never given, and one twice, are nothing to this side.
    host.say("device-release", [1, 3, 1, 77])
    host.send(Frame(FrameKind.EVENT, b"behind"))
    assert channel.receive(20) is not None
    assert [one() is None for one in watched] == [True, False, True]
    assert opened(channel, sent[1], 4) is watched[1]()
    with pytest.raises(AmphisError) as caught:
        opened(channel, sent[0], 5)
    assert code_of(caught) == "DEVICE_TENSOR_GONE"


def test_the_host_hears_of_each_share_once(pairs: Pairs) -> None:
    channel, host = pairs.open()
    sent = carry(InPlace(numpy.zeros(3)), channel.memory)
    for share in range(1, 1_301):
        opened(channel, sent, share)
    receiving = pairs.threads.submit(channel.receive, 20)
    heard: list[int] = []
    while len(heard) < 1_300:
        what, shares = host.hear()
        assert what == "device-release"
        heard += shares
    assert heard == list(range(1, 1_301))
    host.send(Frame(FrameKind.EVENT, b"now"))
    assert receiving.result(20) is not None


def test_tensors_end_with_the_connection(pairs: Pairs) -> None:
    channel, host = pairs.open()
    tensor = numpy.zeros(3)
    watched = weakref.ref(tensor)
    carry(InPlace(tensor), channel.memory)
    del tensor
    host.close()
    with pytest.raises(AmphisError):
        channel.receive(20)
    until(lambda: watched() is None, "the end of the tensor")


@pytest.mark.parametrize("ids", [[0], [-1], ["1"], 1, None])
def test_numbers_that_are_none_end_the_connection(pairs: Pairs, ids: object) -> None:
    channel, host = pairs.open()
    host.say("device-release", ids)
    with pytest.raises(AmphisError) as caught:
        channel.receive(20)
    assert code_of(caught) == "BODY_INVALID"
