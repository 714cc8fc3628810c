import { isAmphisError } from "@amphis/protocol";
import { describe, expect, it } from "vitest";

import { FakeClock } from "../../../test/fake-clock.ts";
import { BODY, pooled, roundTrip, serve } from "../../../test/pooled.ts";
import { rejection, until } from "../../../test/wait.ts";

describe("pool ends", () => {
  it("by draining: serves who waits, waits for the leases, and lends no more", async () => {
    const server = await serve();
    const pool = pooled(server, { maxConnections: 1, minConnections: 1 });
    const lease = await pool.acquire();
    const waiting = pool.acquire();
    await until(() => pool.metrics.waiting === 1);
    let drained = false;
    const draining = pool.drain().then(() => {
      drained = true;
    });
    expect(pool.state.kind).toBe("draining");
    await expect(pool.acquire()).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    await lease.release();
    const last = await waiting;
    expect(await roundTrip(last.connection, 3)).toBe(3);
    expect(drained).toBe(false);
    await last.release();
    await Promise.all([draining, pool.drain(), pool.close()]);
    expect(pool.state.kind).toBe("closed");
    expect(pool.metrics).toMatchObject({ open: 0, created: 1, closed: 1 });
    await until(() => server.connections.size === 0);
  });

  it("by closing: rejects who waits and closes what is lent", async () => {
    const clock = new FakeClock();
    const server = await serve();
    const pool = pooled(server, { maxConnections: 1, maxLifetimeMs: 1_000, clock });
    const lease = await pool.acquire();
    const waiting = rejection(pool.acquire());
    await Promise.all([pool.close(), pool.close()]);
    expect(await waiting).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(await lease.connection.closed).toEqual({ kind: "local" });
    expect(pool.metrics).toMatchObject({ open: 0, waiting: 0, lent: 0 });
    expect(clock.pending).toBe(0);
    await lease.release();
    await expect(pool.acquire()).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    await pool.drain();
  });

  it("though a receiver never comes to an end, once its connection has", async () => {
    const pool = pooled(await serve());
    const lease = await pool.acquire();
    const arrived = new Promise<void>((resolve) => {
      lease.connection.receive(() => {
        resolve();
        return new Promise(() => undefined);
      });
    });
    await lease.connection.send({ kind: "message", body: BODY });
    await arrived;
    const { connection } = lease;
    const released = lease.release();
    expect(connection.state.kind).toBe("closed");
    await pool.close();
    await released;
    expect(pool.metrics).toMatchObject({ open: 0, lent: 0, closed: 1 });
  });

  it("by closing while it drains", async () => {
    const pool = pooled(await serve());
    await pool.acquire();
    const draining = pool.drain();
    await pool.close();
    await draining;
    expect(pool.metrics.open).toBe(0);
  });

  it("by aborting the attempts and checks under way", async () => {
    let aborted: unknown;
    const pool = pooled(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            aborted = signal.reason;
            reject(signal.reason as Error);
          });
        }),
    );
    const waiting = rejection(pool.acquire());
    await until(() => pool.metrics.opening === 1);
    await pool.close();
    expect(await waiting).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(isAmphisError(aborted, "CONNECTION_CLOSED")).toBe(true);
    expect(pool.metrics.opening).toBe(0);
  });

  it("in spite of a health check that does not answer", async () => {
    let asked = false;
    const pool = pooled(await serve(), {
      healthCheck: () => {
        asked = true;
        return new Promise(() => undefined);
      },
    });
    await (await pool.acquire()).release();
    const waiting = rejection(pool.acquire());
    await until(() => asked);
    await pool.close();
    expect(await waiting).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(pool.metrics).toMatchObject({ open: 0, closed: 1 });
  });

  it("with a connection closed that came in spite of it", async () => {
    const server = await serve();
    let arrive: () => void = () => undefined;
    const pool = pooled(async () => {
      await new Promise<void>((resolve) => {
        arrive = resolve;
      });
      return server.connect(new AbortController().signal);
    });
    const waiting = rejection(pool.acquire());
    await until(() => pool.metrics.opening === 1);
    const closing = pool.close();
    arrive();
    await closing;
    expect(await waiting).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(pool.metrics).toMatchObject({ open: 0, created: 1, closed: 1 });
  });

  it("and leaves no socket and no timer behind", async () => {
    const clock = new FakeClock();
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
    await until(() => sockets() === 0);
    const pool = pooled(await serve(), { maxConnections: 20, maxLifetimeMs: 60_000, clock });
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        await using lease = await pool.acquire();
        await roundTrip(lease.connection, 1);
      }),
    );
    expect(clock.pending).toBeGreaterThan(0);
    await pool.close();
    expect(clock.pending).toBe(0);
    await until(() => sockets() === 0);
  });
});
