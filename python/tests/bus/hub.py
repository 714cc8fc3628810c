"""A small hub that speaks the wire of spec/bus.md, as a program: `hub.py <address>`.

It is a peer for tests, written against the public protocol only, so that it shares no code with
the member under test. It prints its address when it listens, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import dataclass, field
from typing import Any

from amphis import (
    AmphisError,
    AttachmentKind,
    CallBody,
    EndBody,
    ErrorBody,
    ErrorCode,
    Frame,
    FrameAttachment,
    FrameDecoder,
    FrameKind,
    Hello,
    Message,
    MessageType,
    ResultBody,
    encode_frame,
    message_codec,
    msgpack,
    negotiate,
)

CODEC = message_codec("msgpack")
VALUES = msgpack()
LAST_OF_CALLEE = (FrameKind.RESULT, FrameKind.ERROR, FrameKind.END)


def refusal(code: ErrorCode, text: str, **context: object) -> AmphisError:
    return AmphisError(code, f"Cannot do this: {text}", context)


@dataclass
class Endpoint:
    peer: Peer
    info: dict[str, Any]
    callers: list[str] | None
    load: int = 0


@dataclass
class Subscription:
    peer: Peer
    call_id: int
    pattern: str
    group: str | None
    sent: int = 0


@dataclass
class Route:
    peer: Peer
    pattern: str
    to: str
    priority: int


@dataclass
class Call:
    caller: Peer
    caller_id: int
    callee: Peer
    callee_id: int
    endpoint: Endpoint


@dataclass
class Hub:
    token: str | None
    peers: list[Peer] = field(default_factory=list)
    endpoints: list[Endpoint] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    joined: int = 0
    turn: int = 0

    def choose(self, target: str, caller: str) -> Endpoint:
        found = self.named(target)
        if not found:
            routes = sorted(self.routes, key=lambda route: -route.priority)
            to = next((one.to for one in routes if glob(one.pattern, target)), None)
            found = [] if to is None else self.named(to)
        if not found:
            raise refusal(ErrorCode.ENDPOINT_NOT_FOUND, "no endpoint", target=target, suggestion="")
        free = [
            one for one in found if one.callers is None or any(glob(g, caller) for g in one.callers)
        ]
        if not free:
            raise refusal(ErrorCode.ACCESS_DENIED, "not for you", member=caller, act="call")
        return min(free, key=lambda one: one.load)

    def named(self, target: str) -> list[Endpoint]:
        if target.startswith("@"):
            return [one for one in self.endpoints if target[1:] in one.info["capabilities"]]
        return [one for one in self.endpoints if one.info["name"] == target]

    def publish(self, topic: str, frame: Frame) -> None:
        matching = [one for one in self.subscriptions if matches(one.pattern, topic)]
        groups: dict[str, list[Subscription]] = {}
        for one in matching:
            if one.group is None:
                one.peer.deliver(one, frame)
            else:
                groups.setdefault(one.group, []).append(one)
        for members in groups.values():
            self.turn += 1
            one = members[self.turn % len(members)]
            one.peer.deliver(one, frame)

    def tell(self, kind: str, endpoint: Endpoint, reason: str = "") -> None:
        topic = f"$endpoint.{kind}.{endpoint.info['name']}"
        payload = {**endpoint.info, "reason": reason or endpoint.info["reason"]}
        event = Message(type=MessageType.EVENT, target=topic, payload=payload)
        self.publish(topic, Frame(FrameKind.MESSAGE, CODEC.encode(event)))


class Peer(asyncio.Protocol):
    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.decoder = FrameDecoder()
        self.agreed = False
        self.name = ""
        self.peer = ""
        self.next_id = 0
        self.calls: dict[int, Call] = {}
        self.lasting: dict[int, object] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.say(FrameKind.HELLO, 0, Hello(product="test hub", capabilities=("bus",)).encode())

    def data_received(self, data: bytes) -> None:
        for frame in self.decoder.feed(data):
            self.take(frame)

    def connection_lost(self, _error: Exception | None) -> None:
        if self in self.hub.peers:
            self.hub.peers.remove(self)
        for call_id in list(self.lasting):
            self.forget(call_id, "its connection ended")
        for call in list(self.calls.values()):
            self.end_call(call)
            if call.callee is self:
                gone = refusal(ErrorCode.ENDPOINT_GONE, "gone", endpoint="", reason="gone")
                call.caller.say(FrameKind.ERROR, call.caller_id, ErrorBody(gone).encode())
            else:
                call.callee.say(FrameKind.CANCEL, call.callee_id, VALUES.encode(["gone"]))

    def say(self, kind: FrameKind, call_id: int, body: bytes, like: Frame | None = None) -> None:
        frame = (
            Frame(kind, body, call_id)
            if like is None
            else Frame(kind, body, call_id, like.priority, like.codec)
        )
        self.transport.write(encode_frame(frame))

    def deliver(self, subscription: Subscription, frame: Frame) -> None:
        subscription.sent += 1
        self.say(FrameKind.MESSAGE, subscription.call_id, bytes(frame.body), frame)

    def take(self, frame: Frame) -> None:
        if not self.agreed:
            negotiate(Hello.decode(frame.body), Hello(product="", capabilities=("bus",)))
            self.agreed = True
        elif frame.kind is FrameKind.PING:
            self.say(FrameKind.PONG, 0, bytes(frame.body))
        elif frame.kind is FrameKind.CALL:
            self.control(frame)
        elif frame.kind is FrameKind.MESSAGE:
            self.message(frame)
        elif frame.kind is FrameKind.CANCEL and frame.call_id in self.lasting:
            sent = self.forget(frame.call_id, "it was taken back")
            self.say(FrameKind.END, frame.call_id, EndBody(sent).encode())
        elif frame.call_id in self.calls:
            self.relay(frame, self.calls[frame.call_id])

    def relay(self, frame: Frame, call: Call) -> None:
        is_callee = call.callee is self and frame.call_id == call.callee_id
        other, other_id = (
            (call.caller, call.caller_id) if is_callee else (call.callee, call.callee_id)
        )
        last = LAST_OF_CALLEE if is_callee else (FrameKind.CANCEL,)
        if frame.kind in last:
            self.end_call(call)
        other.say(frame.kind, other_id, bytes(frame.body), frame)

    def end_call(self, call: Call) -> None:
        if call.callee.calls.pop(call.callee_id, None) is not None:
            call.endpoint.load -= 1
        call.caller.calls.pop(call.caller_id, None)

    def message(self, frame: Frame) -> None:
        try:
            message = CODEC.decode(frame.body)
            if message.source not in ("", self.name):
                raise refusal(ErrorCode.ACCESS_DENIED, "wrong source")
            if message.type is MessageType.EVENT:
                self.hub.publish(message.target, frame)
            else:
                self.request(frame, message.target)
        except AmphisError as error:
            if frame.call_id:
                self.say(FrameKind.ERROR, frame.call_id, ErrorBody(error).encode(), frame)

    def request(self, frame: Frame, target: str) -> None:
        endpoint = self.hub.choose(target, self.name)
        said: Any = VALUES.decode(frame.attachments[0].data) if frame.attachments else {}
        if endpoint.info["name"] != target:
            said["endpoint"] = endpoint.info["name"]
        attached = (FrameAttachment(AttachmentKind.INLINE, VALUES.encode(said)),) if said else ()
        callee, callee_id = endpoint.peer, 0
        if frame.call_id:
            callee.next_id += 2
            callee_id = callee.next_id
            call = Call(self, frame.call_id, callee, callee_id, endpoint)
            self.calls[frame.call_id] = callee.calls[callee_id] = call
            endpoint.load += 1
        forwarded = Frame(
            FrameKind.MESSAGE, bytes(frame.body), callee_id, frame.priority, frame.codec, attached
        )
        callee.transport.write(encode_frame(forwarded))

    def control(self, frame: Frame) -> None:
        try:
            body = CallBody.decode(frame.body)
            act = getattr(self, f"do_{body.function.removeprefix('bus:')}")
            value = act(frame.call_id, dict(body.kwargs))
            self.say(FrameKind.RESULT, frame.call_id, ResultBody(value).encode())
        except AmphisError as error:
            self.say(FrameKind.ERROR, frame.call_id, ErrorBody(error).encode())
            if not self.peer:
                self.transport.close()

    def do_join(self, call_id: int, kwargs: dict[str, Any]) -> object:
        assert call_id == 1
        if kwargs.get("token") != self.hub.token:
            raise refusal(ErrorCode.AUTHENTICATION_FAILED, "wrong token", member=kwargs["name"])
        self.hub.joined += 1
        self.name, self.peer = kwargs["name"], f"{kwargs['name']}/{self.hub.joined}"
        self.hub.peers.append(self)
        return {"peer": self.peer, "hub": "test hub"}

    def do_register(self, call_id: int, kwargs: dict[str, Any]) -> None:
        shared = kwargs.get("shared", False)
        for one in self.hub.named(kwargs["name"]):
            if not (shared and one.info["shared"]):
                raise refusal(ErrorCode.ENDPOINT_EXISTS, "taken", endpoint=kwargs["name"])
        info = {
            "name": kwargs["name"],
            "capabilities": kwargs.get("capabilities", []),
            "peer": self.peer,
            "member": self.name,
            "shared": shared,
            "status": "healthy",
            "reason": "",
            "metadata": kwargs.get("metadata", {}),
        }
        endpoint = Endpoint(self, info, kwargs.get("callers"))
        self.lasting[call_id] = endpoint
        self.hub.endpoints.append(endpoint)
        self.hub.tell("up", endpoint)

    def do_subscribe(self, call_id: int, kwargs: dict[str, Any]) -> None:
        one = Subscription(self, call_id, kwargs["pattern"], kwargs.get("group"))
        self.lasting[call_id] = one
        self.hub.subscriptions.append(one)

    def do_route(self, call_id: int, kwargs: dict[str, Any]) -> None:
        one = Route(self, kwargs["pattern"], kwargs["to"], kwargs.get("priority", 0))
        self.lasting[call_id] = one
        self.hub.routes.append(one)

    def do_report(self, _call_id: int, kwargs: dict[str, Any]) -> None:
        for one in self.hub.named(kwargs["name"]):
            one.info.update(status=kwargs["status"], reason=kwargs.get("reason", ""))
            self.hub.tell("health", one)

    def do_find(self, _call_id: int, kwargs: dict[str, Any]) -> object:
        name, capability = kwargs.get("name", "**"), kwargs.get("capability")
        return [
            one.info
            for one in self.hub.endpoints
            if glob(name, one.info["name"])
            and (capability is None or capability in one.info["capabilities"])
        ]

    def do_health(self, _call_id: int, _kwargs: dict[str, Any]) -> object:
        peers = [
            {
                "peer": one.peer,
                "name": one.name,
                "status": "healthy",
                "reason": "",
                "queuedMessages": 0,
                "pendingCalls": len(one.calls),
            }
            for one in self.hub.peers
        ]
        return {"status": "healthy", "reason": "", "peers": peers}

    def forget(self, call_id: int, reason: str) -> int:
        one = self.lasting.pop(call_id)
        if isinstance(one, Endpoint):
            self.hub.endpoints.remove(one)
            self.hub.tell("down", one, reason)
        elif isinstance(one, Subscription):
            self.hub.subscriptions.remove(one)
            return one.sent
        elif isinstance(one, Route):
            self.hub.routes.remove(one)
        return 0


def glob(pattern: str, name: str) -> bool:
    parts = re.split(r"(\*\*|\*|\?)", pattern)
    wild = {"**": ".*", "*": "[^.]*", "?": "[^.]"}
    return re.fullmatch("".join(wild.get(one, re.escape(one)) for one in parts), name) is not None


def matches(pattern: str, topic: str) -> bool:
    wanted, levels = pattern.split("."), topic.split(".")
    if topic.startswith("$") and wanted[0] in ("*", "#"):
        return False
    if wanted[-1] == "#":
        wanted.pop()
        levels = levels[: max(len(wanted), 0)] if len(levels) >= len(wanted) else levels
    return len(wanted) == len(levels) and all(
        one in ("*", level) for one, level in zip(wanted, levels, strict=True)
    )


async def serve(address: str, token: str | None) -> None:
    hub, loop = Hub(token), asyncio.get_running_loop()
    scheme, _, rest = address.partition(":")
    if scheme == "unix":
        path = f"\0{rest[1:]}" if rest.startswith("@") else rest
        server = await loop.create_unix_server(lambda: Peer(hub), path)
    else:
        host, _, port = rest.removeprefix("//").rpartition(":")
        server = await loop.create_server(lambda: Peer(hub), host, int(port))
        address = f"tcp://{host}:{server.sockets[0].getsockname()[1]}"
    print(address, flush=True)  # noqa: T201 - whoever started it waits for this
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
