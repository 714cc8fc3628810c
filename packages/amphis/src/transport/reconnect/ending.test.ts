import { AmphisError } from "@amphis/protocol";
import { describe, expect, it } from "vitest";

import { echo } from "../../../test/loopback.ts";
import { frame, linked } from "../../../test/linked.ts";
import { serve } from "../../../test/pooled.ts";
import { rejection, until } from "../../../test/wait.ts";
import type { Connection } from "../transport.ts";

/** Collects call ids. */
function collector(): { readonly got: number[]; accept: (connection: Connection) => void } {
  const got: number[] = [];
  return { got, accept: (connection) => connection.receive((one) => void got.push(one.callId)) };
}

describe("link ends", () => {
  it("with RECONNECT_EXHAUSTED after the last attempt, and says why", async () => {
    const { link, clock, states } = linked(() => Promise.reject(new Error("nobody there")), {
      maxAttempts: 3,
      address: "tcp://somewhere:1",
    });
    const waiting = rejection(link.whenUp());
    const queued = rejection(link.send(frame(1), { whileDown: "queue" }));
    while (link.state.kind !== "closed") {
      await until(() => link.state.kind !== "connecting");
      clock.turn(10_000);
    }
    const reason = await link.closed;
    expect(reason).toMatchObject({
      kind: "failed",
      error: {
        code: "RECONNECT_EXHAUSTED",
        attempts: 3,
        address: "tcp://somewhere:1",
        cause: { message: "nobody there" },
      },
    });
    expect(await waiting).toMatchObject({ code: "RECONNECT_EXHAUSTED" });
    expect(await queued).toMatchObject({
      code: "RECONNECT_EXHAUSTED",
    });
    await expect(link.send(frame(2))).rejects.toMatchObject({ code: "RECONNECT_EXHAUSTED" });
    await expect(link.whenUp()).rejects.toMatchObject({ code: "RECONNECT_EXHAUSTED" });
    expect(states.at(-1)).toBe("closed failed");
    expect(clock.pending).toBe(0);
    expect(link.queuedBytes).toBe(0);
  });

  it("after connections that break at once, too", async () => {
    const server = await serve((connection) => void connection.close());
    const { link, clock } = linked((signal) => server.connect(signal), { maxAttempts: 3 });
    while (link.state.kind !== "closed") {
      await until(() => link.state.kind === "waiting" || link.state.kind === "closed");
      clock.turn(10_000);
    }
    expect(await link.closed).toMatchObject({
      error: { code: "RECONNECT_EXHAUSTED", attempts: 3 },
    });
    expect(server.accepted).toBe(3);
  });

  it("at once with an error that no further attempt can mend", async () => {
    const error = new AmphisError("PEER_REJECTED", "Cannot trust peer: wrong name", {
      address: "tls://somewhere:1",
      reason: "wrong name",
    });
    const { link } = linked(() => Promise.reject(error));
    expect(await link.closed).toEqual({ kind: "failed", error });
    await expect(link.send(frame(1))).rejects.toBe(error);
  });

  it.each(["connecting", "up", "waiting"])("by close while it is %s", async (kind) => {
    const server = await serve(echo);
    let stall = kind === "connecting";
    const { link, clock, states } = linked((signal) => {
      if (kind === "waiting") return Promise.reject(new Error("no"));
      if (!stall) return server.connect(signal);
      stall = false;
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    });
    await until(() => link.state.kind === kind);
    const reasons = await Promise.all([link.close(), link.close(), link.drain()]);
    expect(reasons).toEqual([{ kind: "local" }, { kind: "local" }, { kind: "local" }]);
    expect(await link.closed).toEqual({ kind: "local" });
    expect(states.at(-1)).toBe("closed local");
    expect(clock.pending).toBe(0);
    await expect(link.send(frame(1))).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    await until(() => server.connections.size === 0);
  });

  it("with the error that close was given", async () => {
    const server = await serve(echo);
    const { link } = linked((signal) => server.connect(signal));
    const connection = await link.whenUp();
    const error = new AmphisError("CONNECTION_CLOSED", "Cannot go on: bored", {
      address: "",
      reason: "bored",
    });
    expect(await link.close(error)).toEqual({ kind: "failed", error });
    expect(await connection.closed).toEqual({ kind: "failed", error });
  });

  it("with a connection closed that came in spite of it", async () => {
    const server = await serve(echo);
    let arrive: () => void = () => undefined;
    let asked = false;
    let late: Connection | undefined;
    const { link } = linked(async () => {
      asked = true;
      await new Promise<void>((resolve) => {
        arrive = resolve;
      });
      late = await server.connect(new AbortController().signal);
      return late;
    });
    await until(() => asked);
    const closing = link.close();
    arrive();
    await closing;
    expect(late?.state.kind).toBe("closed");
    await until(() => server.accepted === 1 && server.connections.size === 0);
  });

  it("by draining: what was accepted and what is queued arrives first", async () => {
    const { got, accept } = collector();
    const server = await serve(accept);
    const { link, states } = linked((signal) => server.connect(signal), { whileDown: "queue" });
    const sends = [1, 2, 3].map((callId) => link.send(frame(callId)));
    const draining = link.drain();
    await expect(link.send(frame(4))).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    await Promise.all(sends);
    expect(await draining).toEqual({ kind: "local" });
    await until(() => server.connections.size === 0);
    expect(got).toEqual([1, 2, 3]);
    expect(states).toEqual(["up", "draining", "closed local"]);
  });

  it("by draining at once when nothing waits and there is no connection", async () => {
    const { link, clock } = linked(() => Promise.reject(new Error("no")));
    await until(() => link.state.kind === "waiting");
    expect(await link.drain()).toEqual({ kind: "local" });
    expect(clock.pending).toBe(0);
  });
});
