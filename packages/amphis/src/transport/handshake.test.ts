import { AmphisError, encodeHello, type Frame, type FrameInit, type Hello } from "@amphis/protocol";
import { afterEach, describe, expect, test } from "vitest";

import { type Handshake, handshake } from "./handshake.ts";
import { inProcess } from "./in-process.ts";
import { tcp } from "./tcp.ts";
import type { Connection, ConnectionOptions, Transport } from "./transport.ts";

const initiator: Hello = {
  product: "initiator",
  versions: [1, 3],
  codecs: ["compact", "msgpack"],
  limits: { maxFrameBytes: 10_000, maxDepth: 128 },
  capabilities: ["shared-memory", "sync-channel"],
};
const responder: Hello = {
  product: "responder",
  versions: [1, 2],
  codecs: ["msgpack", "json"],
  limits: { maxFrameBytes: 20_000, maxDepth: 64 },
  capabilities: ["shared-memory"],
};
const agreed = {
  version: 2,
  codec: "msgpack",
  codecs: ["msgpack"],
  limits: { maxFrameBytes: 10_000, maxDepth: 64 },
  capabilities: ["shared-memory"],
};

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function open(
  transport: Transport,
  address: string,
  options?: ConnectionOptions,
): Promise<[near: Connection, far: Connection]> {
  let accept: (connection: Connection) => void = () => undefined;
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve;
  });
  const listener = await transport.listen(address, (connection) => accept(connection), options);
  const near = await transport.connect(listener.address);
  opened.push(near, listener);
  return [near, await accepted];
}

function both(near: Connection, far: Connection, other = responder): Promise<Handshake[]> {
  return Promise.all([handshake(near, initiator, "initiator"), handshake(far, other, "responder")]);
}

function nextFrame(connection: Connection): Promise<Frame> {
  return new Promise((resolve) => connection.receive(resolve));
}

/** What a handshake fails with, and how its connection ended. */
async function failureOf(connection: Connection, act: Promise<Handshake>): Promise<unknown[]> {
  const error = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return [error, connection.state];
}

const badFrames: readonly (readonly [name: string, frame: FrameInit, code: string])[] = [
  ["is of another kind", { kind: "message", body: encodeHello(responder) }, "FRAME_INVALID"],
  ["has no body", { kind: "hello", body: new Uint8Array(0) }, "DECODE_FAILED"],
  ["has a body of another shape", { kind: "hello", body: Uint8Array.of(0x80) }, "BODY_INVALID"],
  ["is too long", { kind: "hello", body: new Uint8Array(70_000) }, "FRAME_TOO_LARGE"],
  [
    "takes no frame at all",
    {
      kind: "hello",
      body: encodeHello({ ...responder, limits: { maxFrameBytes: 23, maxDepth: 1 } }),
    },
    "BODY_INVALID",
  ],
];

describe.each([
  ["in process", inProcess, "inproc:a"],
  ["over TCP", tcp, "tcp://127.0.0.1:0"],
])("a handshake %s:", (_, transport, address) => {
  const pair = (options?: ConnectionOptions): ReturnType<typeof open> =>
    open(transport(), address, options);

  test("both sides agree on the same, and it is in force", async () => {
    const [near, far] = await pair();
    const [one, other] = await both(near, far);
    expect([one?.agreed, other?.agreed]).toEqual([agreed, agreed]);
    expect([one?.peerHello, other?.peerHello]).toEqual([responder, initiator]);
    for (const connection of [near, far, one?.connection, other?.connection]) {
      expect(connection?.limits).toEqual({ maxFrameBytes: 10_000, versions: [2, 2] });
    }
  });

  test("frames behind the hello wait for the receiver of the connection that was agreed on", async () => {
    const [near, far] = await pair();
    const [one, other] = await both(near, far);
    await one?.connection.send({ kind: "event", version: 2, callId: 7, body: Uint8Array.of(1) });
    const frame = await nextFrame(other?.connection as Connection);
    expect([frame.kind, frame.callId]).toEqual(["event", 7]);
    expect(() => other?.connection.receive(() => undefined)).toThrow(TypeError);
  });

  test("the connection that was agreed on keeps the contract of the one below", async () => {
    const [near, far] = await pair();
    const [one, other] = await both(near, far);
    const received: number[] = [];
    other?.connection.receive(({ callId }) => void received.push(callId));
    for (const callId of [1, 2, 3]) {
      await one?.connection.send({ kind: "event", version: 2, callId, body: new Uint8Array(0) });
    }
    expect(await one?.connection.drain()).toEqual({ kind: "local" });
    expect(await other?.connection.closed).toEqual({ kind: "peer" });
    expect(received).toEqual([1, 2, 3]);
    expect(one?.connection.state).toBe(near.state);
    await other?.connection[Symbol.asyncDispose]();
  });

  test("a hello offers no larger frames than its connection takes", async () => {
    const [near, far] = await pair({ maxFrameBytes: 5_000 });
    const [one] = await both(near, far);
    expect(one?.peerHello.limits.maxFrameBytes).toBe(5_000);
    expect([near.limits.maxFrameBytes, far.limits.maxFrameBytes]).toEqual([5_000, 5_000]);
  });

  test.each([
    ["version", { ...responder, versions: [4, 5] }, "VERSION_UNSUPPORTED"],
    ["codec", { ...responder, codecs: ["other"] }, "NEGOTIATION_FAILED"],
  ] as const)("without a common %s both sides are told why", async (_, other, code) => {
    const [near, far] = await pair();
    const failures = await Promise.all([
      failureOf(near, handshake(near, initiator, "initiator")),
      failureOf(far, handshake(far, other as Hello, "responder")),
    ]);
    for (const [error, state] of failures) {
      expect(error).toMatchObject({ code });
      expect(state).toMatchObject({ kind: "closed" });
    }
  });

  test.each(badFrames)("a first frame that %s ends the connection", async (_, frame, code) => {
    const [near, far] = await pair();
    await far.send(frame);
    const [error, state] = await failureOf(near, handshake(near, initiator, "initiator"));
    expect(error).toMatchObject({ code });
    expect(state).toEqual({ kind: "closed", reason: { kind: "failed", error } });
  });

  test("silence ends the connection", async () => {
    const [near, far] = await pair();
    far.receive(() => undefined);
    const shaken = handshake(near, initiator, "initiator", { timeoutMs: 20 });
    const [error, state] = await failureOf(near, shaken);
    expect(error).toMatchObject({ code: "PEER_LOST", context: { silentMs: 20 } });
    expect((error as Error).message).toBe(
      "Cannot agree with the peer: it sent no hello within 20 ms",
    );
    expect(state).toEqual({ kind: "closed", reason: { kind: "failed", error } });
  });

  test.each(["before", "during"])("a signal that is aborted %s it ends it", async (when) => {
    const [near] = await pair();
    const controller = new AbortController();
    const reason = new Error("enough");
    if (when === "before") controller.abort(reason);
    const { signal } = controller;
    const failure = failureOf(near, handshake(near, initiator, "initiator", { signal }));
    controller.abort(reason);
    expect(await failure).toEqual([reason, { kind: "closed", reason: { kind: "local" } }]);
  });

  test("a peer that leaves ends it", async () => {
    const [near, far] = await pair();
    const failure = failureOf(near, handshake(near, initiator, "initiator"));
    await far.close();
    const [error] = await failure;
    expect(error).toMatchObject({ code: "CONNECTION_CLOSED" });
  });

  test("a connection that fails on the way fails it with the same error", async () => {
    const [near] = await pair();
    const failure = failureOf(near, handshake(near, initiator, "initiator"));
    const broken = new AmphisError("FRAME_INVALID", "Cannot read frame: bad", {
      field: "magic",
      received: 0,
    });
    await near.close(broken);
    expect((await failure)[0]).toBe(broken);
  });

  test("a hello that a peer would refuse is refused before anything is sent", async () => {
    const [near, far] = await pair();
    const bad = { ...initiator, versions: [3, 1] } as Hello;
    const [error] = await failureOf(near, handshake(near, bad, "initiator"));
    expect(error).toMatchObject({ code: "BODY_INVALID" });
    const got: Frame[] = [];
    far.receive((frame) => void got.push(frame));
    await far.closed;
    expect(got).toEqual([]);
  });
});
