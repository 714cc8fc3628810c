"""The message bus: requests, streams and events between programs, over a hub.

`open_bus` joins from a program with threads, `open_bus_async` from a loop of asyncio.

    with open_bus("unix:/run/app.sock", name="worker") as bus:
        bus.register("prices.total", lambda payload, request: sum(payload))
        bus.subscribe("prices.#", lambda payload, message: print(message.target, payload))
        bus.serve_forever()
"""

from amphis._internal.bus.info import (
    BusHealth,
    BusStats,
    EndpointChange,
    EndpointInfo,
    EndpointStats,
    PeerHealth,
    SubscriptionStats,
)
from amphis._internal.bus.loop_bus import AsyncBus
from amphis._internal.bus.loop_parts import (
    AsyncEndpoint,
    AsyncRegistration,
    AsyncRequest,
    AsyncStream,
    AsyncSubscription,
    Opening,
)
from amphis._internal.bus.open import open_bus, open_bus_async
from amphis._internal.bus.options import BusOptions, SlowPolicy, WhileDown
from amphis._internal.bus.thread_bus import Bus
from amphis._internal.bus.thread_parts import (
    Endpoint,
    Registration,
    Request,
    Stream,
    Subscription,
)
from amphis._internal.transport.backoff import Backoff

__all__ = [
    "AsyncBus",
    "AsyncEndpoint",
    "AsyncRegistration",
    "AsyncRequest",
    "AsyncStream",
    "AsyncSubscription",
    "Backoff",
    "Bus",
    "BusHealth",
    "BusOptions",
    "BusStats",
    "Endpoint",
    "EndpointChange",
    "EndpointInfo",
    "EndpointStats",
    "Opening",
    "PeerHealth",
    "Registration",
    "Request",
    "SlowPolicy",
    "Stream",
    "Subscription",
    "SubscriptionStats",
    "WhileDown",
    "open_bus",
    "open_bus_async",
]
