import { getEventListeners } from "node:events";

import { isAmphisError } from "@amphis/protocol";
import { describe, expect, it } from "vitest";

import { echo } from "../../test/loopback.ts";
import { frame, linked } from "../../test/linked.ts";
import { serve } from "../../test/pooled.ts";
import { rejection, until } from "../../test/wait.ts";
import type { Connect } from "./pool.ts";
import { reconnecting } from "./reconnect.ts";
import { tcp } from "./tcp.ts";
import type { Connection } from "./transport.ts";

/** Collects call ids. */
function collector(): { readonly got: number[]; accept: (connection: Connection) => void } {
  const got: number[] = [];
  return { got, accept: (connection) => connection.receive((one) => void got.push(one.callId)) };
}

describe("link connects", () => {
  it("at once, and carries frames both ways", async () => {
    const server = await serve(echo);
    const { link, states } = linked((signal) => server.connect(signal));
    const answer = new Promise<number>((resolve) => {
      link.receive((one) => resolve(one.callId));
    });
    expect(link.state).toEqual({ kind: "connecting", attempt: 1 });
    const connection = await link.whenUp();
    expect(link.state).toEqual({ kind: "up", connection });
    await link.send(frame(7));
    expect(await answer).toBe(7);
    expect(states).toEqual(["up"]);
    expect(() => link.receive(() => undefined)).toThrow(TypeError);
  });

  it("again when the server comes back, and goes on receiving", async () => {
    const first = await serve(echo);
    const { address } = first;
    const { link, states, clock } = linked((signal) => tcp().connect(address, { signal }), {
      backoff: { initialMs: 100 },
    });
    const got: number[] = [];
    link.receive((one) => void got.push(one.callId));
    await link.whenUp();
    await link.send(frame(1));
    await until(() => got.length === 1);
    await first.stop();
    await until(() => link.state.kind === "waiting");
    clock.turn(50);
    await until(() => states.length === 4);
    await serve(echo, address);
    clock.turn(100);
    await link.whenUp();
    await link.send(frame(2));
    await until(() => got.length === 2);
    expect(got).toEqual([1, 2]);
    expect(states).toEqual([
      "up",
      "waiting 50",
      "connecting 2",
      "waiting 100",
      "connecting 3",
      "up",
    ]);
  });

  it("again when the peer closes in good order", async () => {
    const server = await serve(echo);
    const { link, clock } = linked((signal) => server.connect(signal));
    const first = await link.whenUp();
    await until(() => server.connections.size === 1);
    for (const connection of server.connections) void connection.drain();
    await until(() => link.state.kind === "waiting");
    expect(await first.closed).toEqual({ kind: "peer" });
    clock.turn(10_000);
    expect(await link.whenUp()).not.toBe(first);
  });

  it("with waits that grow to the longest", async () => {
    const { states, clock } = linked(() => Promise.reject(new Error("no")), {
      backoff: { initialMs: 100, maxMs: 300, factor: 2 },
    });
    for (const waits of [1, 2, 3, 4]) {
      await until(() => states.filter((state) => state.startsWith("waiting")).length === waits);
      clock.turn(300);
    }
    expect(states.filter((state) => state.startsWith("waiting"))).toEqual([
      "waiting 50",
      "waiting 100",
      "waiting 150",
      "waiting 150",
    ]);
  });

  it("as if for the first time after a connection that held", async () => {
    const server = await serve(echo);
    let refused = 0;
    const { link, clock, states } = linked(
      (signal) => {
        if (refused > 0) return server.connect(signal);
        refused += 1;
        return Promise.reject(new Error("not yet"));
      },
      { stableMs: 1_000, maxAttempts: 2 },
    );
    await until(() => link.state.kind === "waiting");
    clock.turn(50);
    for (const round of [1, 2, 3]) {
      const connection = await link.whenUp();
      clock.turn(1_000);
      await connection.close();
      await until(() => link.state.kind === "waiting");
      clock.turn(50);
      expect(states.filter((state) => state === "connecting 1").length).toBe(round);
    }
    await link.whenUp();
  });
});

describe("send while there is no connection", () => {
  it("fails at once when it is told to, with the reason", async () => {
    const { link } = linked(() => Promise.reject(new Error("nobody there")));
    await until(() => link.state.kind === "waiting");
    await expect(link.send(frame(1))).rejects.toMatchObject({
      code: "CONNECTION_CLOSED",
      cause: { message: "nobody there" },
    });
    expect(link.queuedBytes).toBe(0);
  });

  it("waits when it is told to, and goes out in order before what comes later", async () => {
    const { got, accept } = collector();
    const server = await serve(accept);
    let refuse = true;
    const { link, clock } = linked((signal) =>
      refuse ? Promise.reject(new Error("no")) : server.connect(signal),
    );
    await until(() => link.state.kind === "waiting");
    const queued = [1, 2, 3].map((callId) => link.send(frame(callId), { whileDown: "queue" }));
    expect(link.queuedBytes).toBe(3 * 32);
    refuse = false;
    clock.turn(10_000);
    await link.whenUp();
    await link.send(frame(4));
    await Promise.all(queued);
    await until(() => got.length === 4);
    expect(got).toEqual([1, 2, 3, 4]);
    expect(link.queuedBytes).toBe(0);
  });

  it("fails with SEND_QUEUE_FULL beyond the bound, and takes more when room is made", async () => {
    const { link } = linked(() => Promise.reject(new Error("no")), {
      whileDown: "queue",
      queueBytes: 100,
    });
    const controller = new AbortController();
    const first = link.send(frame(1, 40), { signal: controller.signal });
    await expect(link.send(frame(2, 40))).rejects.toMatchObject({
      code: "SEND_QUEUE_FULL",
      limit: 100,
    });
    const reason = new Error("too late");
    controller.abort(reason);
    await expect(first).rejects.toBe(reason);
    expect(link.queuedBytes).toBe(0);
    const last = rejection(link.send(frame(3, 76)));
    expect(link.queuedBytes).toBe(100);
    await link.close();
    expect(await last).toMatchObject({
      code: "CONNECTION_CLOSED",
    });
  });

  it("gives up by its signal at once when that has been given", async () => {
    const { link } = linked(() => Promise.reject(new Error("no")), { whileDown: "queue" });
    const reason = new Error("never mind");
    await expect(link.send(frame(1), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(link.whenUp({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = link.whenUp({ signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

it("send leaves no listener on its signal once the frame has gone", async () => {
  const { accept } = collector();
  const server = await serve(accept);
  const { link } = linked((signal) => server.connect(signal), { whileDown: "queue" });
  const { signal } = new AbortController();
  const queued = link.send(frame(1), { signal });
  await link.whenUp({ signal });
  await queued;
  await link.send(frame(2), { signal });
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

describe("a connection that breaks", () => {
  it("loses nothing that waited to be accepted and may queue, and repeats nothing", async () => {
    const { got, accept } = collector();
    const deaf = await serve((connection) =>
      connection.receive(() => new Promise(() => undefined)),
    );
    const hearing = await serve(accept);
    let target = deaf;
    const { link, clock } = linked((signal) => target.connect(signal), {
      queueBytes: 0x400_0000,
      whileDown: "queue",
    });
    await link.whenUp();
    const accepted = new Set<number>();
    const sends: Promise<void>[] = [];
    for (let callId = 1; callId <= 40; callId += 1) {
      sends.push(link.send(frame(callId, 0x10_0000)).then(() => void accepted.add(callId)));
    }
    await until(() => accepted.size > 0 && deaf.connections.size === 1);
    const refused = rejection(link.send(frame(41), { whileDown: "fail" }));
    target = hearing;
    for (const connection of deaf.connections) void connection.close();
    await until(() => link.state.kind === "waiting");
    expect(await refused).toMatchObject({
      code: "CONNECTION_CLOSED",
    });
    const before = new Set(accepted);
    expect(before.size).toBeLessThan(40);
    clock.turn(10_000);
    await Promise.all(sends);
    await link.drain();
    await until(() => hearing.connections.size === 0);
    const expected = Array.from({ length: 40 }, (_, index) => index + 1);
    expect(got).toEqual(expected.filter((callId) => !before.has(callId)));
  });

  it("has a receiver that throws, and the link connects again", async () => {
    const server = await serve((connection) => {
      connection.send(frame(1)).catch(() => undefined);
    });
    const { link } = linked((signal) => server.connect(signal));
    link.receive(() => {
      throw new Error("bad day");
    });
    await until(() => link.state.kind === "waiting");
    const { state } = link;
    expect(state.kind === "waiting" && isAmphisError(state.error)).toBe(true);
  });
});

it.each([
  { maxAttempts: 0 },
  { maxAttempts: 1.5 },
  { stableMs: -1 },
  { queueBytes: -1 },
  { queueBytes: Number.NaN },
  { backoff: { factor: 0 } },
])("link refuses %o", (options) => {
  expect(() => reconnecting(() => Promise.reject(new Error("never")), options)).toThrow(RangeError);
});

it("link refuses a choice that it does not know", async () => {
  const never: Connect = () => Promise.reject(new Error("never"));
  const whileDown = "hope" as "fail";
  expect(() => reconnecting(never, { whileDown })).toThrow(TypeError);
  const { link } = linked(never);
  await expect(link.send(frame(1), { whileDown })).rejects.toBeInstanceOf(TypeError);
});
