import { describe, expect, it } from "vitest";

import { FakeClock } from "../../../test/fake-clock.ts";
import { echo } from "../../../test/loopback.ts";
import { linked } from "../../../test/linked.ts";
import { serve } from "../../../test/pooled.ts";
import { until } from "../../../test/wait.ts";
import { type Link, reconnecting } from "../reconnect.ts";

describe("observer", () => {
  it("may close the link from any state", async () => {
    const server = await serve(echo);
    for (const kind of ["up", "waiting", "connecting", "draining"]) {
      let attempts = 0;
      const clock = new FakeClock();
      const link: Link = reconnecting(
        (signal) => {
          attempts += 1;
          if (attempts === 1 && kind !== "draining") return Promise.reject(new Error("no"));
          return server.connect(signal);
        },
        {
          clock,
          onState: (state) => {
            if (state.kind === kind) void link.close();
          },
        },
      );
      if (kind === "draining") void link.whenUp().then(() => link.drain());
      while (link.state.kind !== "closed") {
        clock.turn(10_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await link.closed).toEqual({ kind: "local" });
      expect(clock.pending).toBe(0);
    }
    await until(() => server.connections.size === 0);
  });

  it("that throws is reported as an uncaught exception, and the link goes on", async () => {
    const server = await serve(echo);
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    try {
      const uncaught = new Promise((resolve) => {
        process.once("uncaughtException", resolve);
      });
      const error = new Error("flaw in the observer");
      const { link } = linked((signal) => server.connect(signal), {
        onState: (state) => {
          if (state.kind === "up") throw error;
        },
      });
      await link.whenUp();
      expect(await uncaught).toBe(error);
      expect(link.state.kind).toBe("up");
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });
});
