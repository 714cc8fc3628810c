import { describe, expect, it } from "vitest";

import { BODY, pooled, roundTrip, serve } from "../../../test/pooled.ts";
import { until } from "../../../test/wait.ts";

describe("lease", () => {
  it("is closed for its holder once it is released, and open for the next", async () => {
    const pool = pooled(await serve());
    const first = await pool.acquire();
    const { connection } = first;
    await Promise.all([first.release(), first.release(), first[Symbol.asyncDispose]()]);
    await using second = await pool.acquire();
    expect(pool.metrics).toMatchObject({ open: 1, lent: 1, idle: 0 });
    expect(await connection.closed).toEqual({ kind: "local" });
    expect(connection.state.kind).toBe("closed");
    await expect(connection.send({ kind: "message", body: BODY })).rejects.toMatchObject({
      code: "CONNECTION_CLOSED",
    });
    await connection.close();
    expect(second.connection.state.kind).toBe("open");
    expect(await roundTrip(second.connection, 5)).toBe(5);
  });

  it("tells its holder why the connection ended", async () => {
    const server = await serve();
    const pool = pooled(server);
    await using lease = await pool.acquire();
    await until(() => server.connections.size === 1);
    for (const connection of server.connections) void connection.drain();
    expect(await lease.connection.closed).toEqual({ kind: "peer" });
  });

  it("leaves the frames to the receiver that connect has set", async () => {
    const server = await serve();
    const got: number[] = [];
    let arrived: () => void = () => undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const pool = pooled(async (signal) => {
      const connection = await server.connect(signal);
      connection.receive((frame) => {
        got.push(frame.callId);
        arrived();
      });
      return connection;
    });
    await using lease = await pool.acquire();
    expect(() => lease.connection.receive(() => undefined)).toThrow(TypeError);
    await lease.connection.send({ kind: "message", body: BODY, callId: 4 });
    await arrival;
    expect(got).toEqual([4]);
  });
});
