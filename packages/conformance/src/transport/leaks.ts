import { readdirSync } from "node:fs";

import { expect, test } from "vitest";

import { Bench } from "./bench.ts";
import { Inbox, numbered, upTo } from "./frames.ts";
import type { TransportPair } from "./pair.ts";
import { until, within } from "./within.ts";

/** When everything is closed, nothing is left. */
export function describeLeaks(open: () => Promise<TransportPair>): void {
  test.each(["close", "drain"] as const)("after %s no resource is left", async (act) => {
    await roundTrips(open, act);
    const before = resources();
    await roundTrips(open, act);
    await until("the end of every resource", () => excess(before, resources()).length === 0);
    expect(excess(before, resources())).toEqual([]);
  });
}

async function roundTrips(
  open: () => Promise<TransportPair>,
  act: "close" | "drain",
): Promise<void> {
  await using bench = new Bench(await open());
  const { listener, next } = await bench.listen({ heartbeatMs: 10_000 });
  const ends = upTo(20).map(async (number) => {
    const near = await bench.pair.client.connect(listener.address, { heartbeatMs: 10_000 });
    const far = await next();
    const inbox = new Inbox(far);
    const controller = new AbortController();
    await near.send(numbered(number), { signal: controller.signal });
    await inbox.until(1);
    await near[act]();
    await within("the end of the other side", far.closed);
  });
  await within("every round trip", Promise.all(ends));
  await listener[act]();
}

/** Handles and descriptors, by kind. */
function resources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  if (process.platform === "linux") {
    counts.set("descriptors", readdirSync("/proc/self/fd").length);
  }
  return counts;
}

function excess(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return Array.from(after).flatMap(([kind, count]) => {
    const had = before.get(kind) ?? 0;
    return count > had ? [`${kind}: ${count} instead of ${had}`] : [];
  });
}
