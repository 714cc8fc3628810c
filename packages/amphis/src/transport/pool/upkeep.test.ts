import { describe, expect, it } from "vitest";

import { FakeClock } from "../../../test/fake-clock.ts";
import { pooled, roundTrip, serve } from "../../../test/pooled.ts";
import { until } from "../../../test/wait.ts";

describe("pool keeps", () => {
  it("the minimum, from the start and when one is lost", async () => {
    const server = await serve();
    const pool = pooled(server, { minConnections: 3 });
    await until(() => pool.metrics.idle === 3);
    const [victim] = server.connections;
    void victim?.close();
    await until(() => pool.metrics.created === 4 && pool.metrics.idle === 3);
    expect(pool.metrics).toMatchObject({ open: 3, closed: 1 });
  });

  it("trying for the minimum, with back-off", async () => {
    const clock = new FakeClock();
    const server = await serve();
    let attempts = 0;
    const pool = pooled(
      (signal) => {
        attempts += 1;
        return attempts <= 2 ? Promise.reject(new Error("not yet")) : server.connect(signal);
      },
      { minConnections: 1, clock, random: () => 0.5, backoff: { initialMs: 100 } },
    );
    await until(() => pool.metrics.failed === 1);
    clock.turn(49);
    expect(attempts).toBe(1);
    clock.turn(1);
    await until(() => pool.metrics.failed === 2);
    clock.turn(99);
    expect(attempts).toBe(2);
    clock.turn(1);
    await until(() => pool.metrics.idle === 1);
  });

  it("an idle connection for its idle time, and the minimum for longer", async () => {
    const clock = new FakeClock();
    const pool = pooled(await serve(), { minConnections: 1, idleTimeoutMs: 1_000, clock });
    const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    for (const lease of leases) await lease.release();
    clock.turn(999);
    expect(pool.metrics).toMatchObject({ open: 3, idle: 3 });
    clock.turn(1);
    await until(() => pool.metrics.open === 1);
    clock.turn(1e6);
    expect(pool.metrics).toMatchObject({ open: 1, idle: 1, closed: 2 });
  });

  it("no connection beyond its lifetime, idle or lent", async () => {
    const clock = new FakeClock();
    const pool = pooled(await serve(), { maxLifetimeMs: 1_000, idleTimeoutMs: 0, clock });
    const [idle, lent] = await Promise.all([pool.acquire(), pool.acquire()]);
    await idle.release();
    clock.turn(1_000);
    await until(() => pool.metrics.closed === 1);
    expect(lent.connection.state.kind).toBe("open");
    await lent.release();
    await until(() => pool.metrics.closed === 2);
    expect(pool.metrics.open).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe("health check", () => {
  it("is asked before an idle connection is lent, and may use it", async () => {
    const clock = new FakeClock();
    const pool = pooled(await serve(), {
      clock,
      healthCheck: async (connection) => {
        expect(await roundTrip(connection, 1)).toBe(1);
      },
    });
    await (await pool.acquire()).release();
    await using lease = await pool.acquire();
    expect(await roundTrip(lease.connection, 2)).toBe(2);
    expect(pool.metrics).toMatchObject({ created: 1, unhealthy: 0 });
    expect(clock.pending).toBe(0);
  });

  it("has the connection replaced that it refuses", async () => {
    const server = await serve();
    const pool = pooled(server, { healthCheck: () => Promise.reject(new Error("sick")) });
    await (await pool.acquire()).release();
    await using lease = await pool.acquire();
    expect(await roundTrip(lease.connection, 2)).toBe(2);
    await until(() => pool.metrics.closed === 1);
    expect(pool.metrics).toMatchObject({ created: 2, unhealthy: 1, open: 1 });
  });

  it("that does not answer ends at its time limit", async () => {
    const clock = new FakeClock();
    let asked: AbortSignal | undefined;
    const pool = pooled(await serve(), {
      clock,
      healthCheckTimeoutMs: 200,
      healthCheck: (_connection, signal) => {
        asked = signal;
        return new Promise(() => undefined);
      },
    });
    await (await pool.acquire()).release();
    const next = pool.acquire();
    await until(() => asked !== undefined);
    clock.turn(200);
    await (await next).release();
    expect(asked?.aborted).toBe(true);
    expect(pool.metrics).toMatchObject({ created: 2, unhealthy: 1 });
  });
});
