import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Usage } from "./command.ts";
import { usePrograms } from "./programs.ts";
import type { Measured } from "./programs/cycles.ts";
import { clear, folder } from "./stage.ts";

const LONG = process.env["AMPHIS_LONG"] === "1";
const TIMEOUTS = LONG ? 1_000_000 : 100_000;
if (!LONG) console.log("skipped: 900,000 of the million time-outs, set AMPHIS_LONG=1 for them");

const programs = usePrograms("cycles");
let child: ChildProcess | undefined;
let measured: Measured;

beforeAll(
  async () => {
    child = fork(programs.cycles, [`${folder()}/hub.sock`, "300", String(TIMEOUTS)], {
      execArgv: ["--expose-gc"],
    });
    const [message] = (await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => {
        throw new Error("Cannot measure: the program ended before it was done");
      }),
    ])) as [Measured];
    measured = message;
    await once(child, "exit");
  },
  LONG ? 300_000 : 60_000,
);

afterAll(async () => {
  child?.kill("SIGKILL");
  await clear();
});

function first(usages: readonly Usage[]): Usage {
  return usages[0] as Usage;
}

function grown(usages: readonly Usage[], from: number, to: number): number {
  return (usages[to]?.bytes ?? Infinity) - (usages[from]?.bytes ?? 0);
}

describe("300 cycles of everything that a bus can do", () => {
  it("leave as many descriptors, timers and handles as there were", () => {
    for (const { descriptors, resources } of measured.cycles.slice(1)) {
      expect(descriptors).toBe(first(measured.cycles).descriptors);
      expect(resources).toEqual(first(measured.cycles).resources);
    }
  });

  it("leave nothing on the hub", () => {
    for (const { stats } of measured.cycles) {
      expect(stats).toMatchObject({ pendingCalls: 0, endpoints: 3, subscriptions: 0, peers: 0 });
    }
  });

  it("leave no bus, endpoint or subscription behind, but at most those of the last one", () => {
    expect(measured.kept).toBeLessThanOrEqual(5);
  });

  it("leave the heap as it was", () => {
    // What the engine learns of the code grows too, and comes to an end.
    expect(grown(measured.cycles, 0, 3)).toBeLessThan(2_000_000);
    expect(grown(measured.cycles, 2, 3)).toBeLessThan(1_000_000);
  });
});

describe(`${TIMEOUTS} requests that time out`, () => {
  it("all end with REQUEST_TIMEOUT", () => {
    expect(measured.others).toBe(0);
    const [hub, member] = measured.stats;
    expect(hub?.timeouts).toBeGreaterThanOrEqual(TIMEOUTS / 2);
    expect(member?.timeouts).toBeGreaterThanOrEqual(TIMEOUTS / 2);
  });

  it("leave no call on any side", () => {
    for (const stats of measured.stats) expect(stats.pendingCalls).toBe(0);
  });

  it("leave as many descriptors, timers and handles as there were", () => {
    for (const { descriptors, resources } of measured.timeouts.slice(1)) {
      expect(descriptors).toBe(first(measured.timeouts).descriptors);
      expect(resources).toEqual(first(measured.timeouts).resources);
    }
  });

  it("leave the heap as it was", () => {
    // A call that stayed would be hundreds of bytes, and all of them tens of megabytes; what the collector has not got to is less.
    expect(grown(measured.timeouts, 0, 1)).toBeLessThan(8_000_000);
    expect(grown(measured.timeouts, 0, 2)).toBeLessThan(8_000_000);
  });
});
