"""Connections whose frames go through shared memory (spec/channel.md), as the guest."""

from amphis._internal.channel.channel import Channel
from amphis._internal.channel.connect import connect_channel, open_inherited
from amphis._internal.channel.options import ChannelOptions

__all__ = ["Channel", "ChannelOptions", "connect_channel", "open_inherited"]
