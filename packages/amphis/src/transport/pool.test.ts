import { getEventListeners } from "node:events";

import { describe, expect, it, onTestFinished } from "vitest";

import { FakeClock } from "../../test/fake-clock.ts";
import { echo } from "../../test/loopback.ts";
import { BODY, pooled, roundTrip, serve } from "../../test/pooled.ts";
import { rejection, until } from "../../test/wait.ts";
import { inProcess } from "./in-process.ts";
import { openPool } from "./pool.ts";

describe("pool lends", () => {
  it("one connection to one holder after the other", async () => {
    const server = await serve();
    const pool = pooled(server);
    for (const callId of [1, 2, 3]) {
      await using lease = await pool.acquire();
      expect(await roundTrip(lease.connection, callId)).toBe(callId);
    }
    expect(server.accepted).toBe(1);
    expect(pool.metrics).toEqual({
      open: 1,
      idle: 1,
      lent: 0,
      opening: 0,
      waiting: 0,
      acquired: 3,
      timeouts: 0,
      created: 1,
      closed: 0,
      failed: 0,
      unhealthy: 0,
    });
  });

  it("never more than the most, and serves those who wait in the order in which they came", async () => {
    const server = await serve();
    const pool = pooled(server, { maxConnections: 2 });
    const served: number[] = [];
    let held = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        await using lease = await pool.acquire();
        served.push(index);
        held += 1;
        most = Math.max(most, held, pool.metrics.open);
        await roundTrip(lease.connection, index + 1);
        held -= 1;
      }),
    );
    expect(served).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(most).toBe(2);
    expect(server.accepted).toBe(2);
  });

  it("a caller that comes later waits behind those who wait", async () => {
    const pool = pooled(await serve(), { maxConnections: 1 });
    const first = await pool.acquire();
    const served: string[] = [];
    const second = pool.acquire().then((lease) => {
      served.push("second");
      return lease.release();
    });
    await first.release();
    await (await pool.acquire()).release();
    served.push("third");
    await second;
    expect(served).toEqual(["second", "third"]);
  });

  it("the idle connection that was used last", async () => {
    const pool = pooled(await serve());
    const [first, second] = await Promise.all([pool.acquire(), pool.acquire()]);
    second.connection.agree({ maxFrameBytes: 1_000 });
    await first.release();
    await second.release();
    await using last = await pool.acquire();
    expect(last.connection.limits.maxFrameBytes).toBe(1_000);
  });

  it("no connection that ended while it was idle", async () => {
    const server = await serve();
    const pool = pooled(server);
    await (await pool.acquire()).release();
    for (const connection of server.connections) void connection.close();
    await until(() => pool.metrics.closed === 1);
    await using lease = await pool.acquire();
    expect(await roundTrip(lease.connection, 7)).toBe(7);
    expect(server.accepted).toBe(2);
  });

  it("a new connection to who waits when the lent one breaks", async () => {
    const server = await serve();
    const pool = pooled(server, { maxConnections: 1 });
    const lease = await pool.acquire();
    const next = pool.acquire();
    await lease.connection.close();
    await using replaced = await next;
    expect(await roundTrip(replaced.connection, 8)).toBe(8);
    await lease.release();
    expect(pool.metrics).toMatchObject({ open: 1, lent: 1, created: 2, closed: 1 });
  });

  it("nothing again that was discarded", async () => {
    const server = await serve();
    const pool = pooled(server);
    const lease = await pool.acquire();
    await lease.discard();
    await lease.release();
    expect(lease.connection.state.kind).toBe("closed");
    expect(pool.metrics).toMatchObject({ open: 0, idle: 0, closed: 1 });
  });

  it("nothing again that gets a late frame for its last holder", async () => {
    const server = await serve((connection) => {
      void connection.send({ kind: "message", body: BODY, callId: 99 });
      echo(connection);
    });
    const pool = pooled(server, { maxConnections: 1 });
    const lease = await pool.acquire();
    const seen = await roundTrip(lease.connection, 1);
    expect(seen).toBe(99);
    await lease.release();
    await until(() => pool.metrics.closed === 1);
    expect(pool.metrics.idle).toBe(0);
  });

  it("nothing again that has a frame left that its last holder did not take", async () => {
    const transport = inProcess();
    const listener = await transport.listen("inproc:pool", (connection) => {
      void connection.send({ kind: "message", body: BODY, callId: 99 });
    });
    onTestFinished(() => listener.close());
    const pool = pooled((signal) => transport.connect("inproc:pool", { signal }));
    const lease = await pool.acquire();
    let rounds = 0;
    await until(() => (rounds += 1) > 10);
    await lease.release();
    await until(() => pool.metrics.closed === 1);
    expect(pool.metrics).toMatchObject({ open: 0, idle: 0 });
  });

  it("nothing again that got a frame while it was idle", async () => {
    const server = await serve();
    const pool = pooled(server, { maxConnections: 1 });
    await (await pool.acquire()).release();
    await until(() => server.connections.size === 1);
    for (const connection of server.connections) {
      connection.send({ kind: "message", body: BODY, callId: 99 }).catch(() => undefined);
    }
    await until(() => pool.metrics.closed === 1);
    await using lease = await pool.acquire();
    expect(await roundTrip(lease.connection, 6)).toBe(6);
  });

  it("nothing again whose peer has ended, but sends what its holder sent", async () => {
    const got: number[] = [];
    const server = await serve((connection) => {
      connection.receive((frame) => void got.push(frame.callId));
    });
    const pool = pooled(server);
    const lease = await pool.acquire();
    await until(() => server.connections.size === 1);
    await lease.connection.send({ kind: "message", body: BODY, callId: 1 });
    for (const connection of server.connections) void connection.drain();
    await until(() => lease.connection.state.kind !== "open");
    await lease.release();
    await until(() => pool.metrics.closed === 1 && server.connections.size === 0);
    expect(got).toEqual([1]);
    expect(pool.metrics).toMatchObject({ open: 0, idle: 0 });
  });

  it("frames that came before the receiver was set, in order", async () => {
    const server = await serve((connection) => {
      for (const callId of [1, 2, 3]) void connection.send({ kind: "message", body: BODY, callId });
    });
    const pool = pooled(server);
    const lease = await pool.acquire();
    const got: number[] = [];
    await new Promise<void>((resolve) => {
      lease.connection.receive((frame) => {
        got.push(frame.callId);
        if (got.length === 3) resolve();
      });
    });
    expect(got).toEqual([1, 2, 3]);
    expect(() => lease.connection.receive(() => undefined)).toThrow(TypeError);
  });

  it("a connection only once its last holder's receiver is done", async () => {
    const pool = pooled(await serve(), { maxConnections: 1 });
    const lease = await pool.acquire();
    let finish: () => void = () => undefined;
    const handling = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      lease.connection.receive(() => {
        resolve();
        return handling;
      });
    });
    await lease.connection.send({ kind: "message", body: BODY });
    await arrived;
    const released = lease.release();
    expect(pool.metrics).toMatchObject({ lent: 1, idle: 0 });
    finish();
    await released;
    expect(pool.metrics).toMatchObject({ lent: 0, idle: 1 });
  });
});

describe("acquire", () => {
  it("fails with POOL_TIMEOUT when its time is up, and leaves the queue", async () => {
    const clock = new FakeClock();
    const pool = pooled(await serve(), { maxConnections: 1, acquireTimeoutMs: 500, clock });
    const lease = await pool.acquire();
    const waiting = pool.acquire();
    const failed = rejection(waiting);
    await until(() => pool.metrics.waiting === 1);
    clock.turn(499);
    expect(pool.metrics.waiting).toBe(1);
    clock.turn(1);
    expect(await failed).toMatchObject({
      code: "POOL_TIMEOUT",
      waitedMs: 500,
      maxConnections: 1,
      retryable: true,
    });
    expect(pool.metrics).toMatchObject({ waiting: 0, timeouts: 1 });
    await lease.release();
    expect(pool.metrics.idle).toBe(1);
  });

  it("gives up at its deadline when that comes first", async () => {
    const clock = new FakeClock();
    const pool = pooled(await serve(), { maxConnections: 1, clock });
    await pool.acquire();
    clock.turn(1_000);
    const failed = rejection(pool.acquire({ deadline: 1_200 }));
    await until(() => pool.metrics.waiting === 1);
    clock.turn(200);
    expect(await failed).toMatchObject({
      code: "POOL_TIMEOUT",
      waitedMs: 200,
    });
    await expect(pool.acquire({ deadline: 1_200 })).rejects.toMatchObject({ code: "POOL_TIMEOUT" });
    await expect(pool.acquire({ deadline: Number.NaN })).rejects.toBeInstanceOf(RangeError);
  });

  it("waits without limit when there is none", async () => {
    const clock = new FakeClock();
    const pool = pooled(await serve(), {
      maxConnections: 1,
      acquireTimeoutMs: 0,
      idleTimeoutMs: 0,
      clock,
    });
    await using lease = await pool.acquire();
    const next = pool.acquire();
    await until(() => pool.metrics.waiting === 1);
    expect(clock.pending).toBe(0);
    clock.turn(1e9);
    await lease.release();
    await (await next).release();
  });

  it("fails with the reason of its signal, before and while it waits", async () => {
    const pool = pooled(await serve(), { maxConnections: 1 });
    const reason = new Error("not needed any more");
    await expect(pool.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await using lease = await pool.acquire();
    const controller = new AbortController();
    const waiting = pool.acquire({ signal: controller.signal });
    const behind = pool.acquire();
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await lease.release();
    await (await behind).release();
    expect(pool.metrics).toMatchObject({ waiting: 0, idle: 1 });
  });

  it("leaves no listener on its signal", async () => {
    const pool = pooled(await serve(), { maxConnections: 1 });
    const { signal } = new AbortController();
    const lease = await pool.acquire({ signal });
    const next = pool.acquire({ signal });
    await lease.release();
    await (await next).release();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("keeps the connection that came after its caller had gone", async () => {
    const pool = pooled(await serve());
    const controller = new AbortController();
    const waiting = pool.acquire({ signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toThrow("aborted");
    await until(() => pool.metrics.idle === 1);
    expect(pool.metrics).toMatchObject({ open: 1, created: 1, lent: 0 });
  });

  it("tells each failed attempt to the one who has waited longest", async () => {
    const server = await serve();
    let attempts = 0;
    const pool = pooled(
      (signal) => {
        attempts += 1;
        return attempts <= 2 ? Promise.reject(new Error(`no ${attempts}`)) : server.connect(signal);
      },
      { maxConnections: 1 },
    );
    const outcomes = await Promise.allSettled([pool.acquire(), pool.acquire(), pool.acquire()]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect(outcomes[0]).toMatchObject({ reason: { message: "no 1" } });
    expect(pool.metrics).toMatchObject({ failed: 2, created: 1 });
  });

  it("survives a connect that throws at once", async () => {
    const pool = pooled(
      () => {
        throw new Error("no way");
      },
      { minConnections: 2, clock: new FakeClock() },
    );
    await expect(pool.acquire()).rejects.toThrow("no way");
  });
});

it.each([
  { maxConnections: 0 },
  { minConnections: 3, maxConnections: 2 },
  { minConnections: 0.5 },
  { idleTimeoutMs: -1 },
  { acquireTimeoutMs: Number.NaN },
  { healthCheckTimeoutMs: 0 },
])("pool refuses %o", (options) => {
  expect(() => openPool(() => Promise.reject(new Error("never")), options)).toThrow(RangeError);
});
