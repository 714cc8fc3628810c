import { expect } from "vitest";

import type { Carried, ChunkWriter, TensorMemory } from "../../src/memory/index.ts";
import { until } from "../wait.ts";
import type { Guest } from "./started.ts";

/** Writes chunks that are full of their number. */
export async function counted(writer: ChunkWriter, chunks: number, bytes: number): Promise<void> {
  for (let at = 0; at < chunks; at += 1) await writer.write(new Uint8Array(bytes).fill(at));
}

export function firstByte(chunk: Carried): number {
  return (chunk as TensorMemory).bytes[0] as number;
}

/** Waits until nothing is lent any more, here and in Python; a leak runs into the watchdog of the test. */
export async function allReleased(guest: Guest): Promise<void> {
  const { memory } = guest;
  await until(() => memory.arena.stats().leases === 0);
  expect(await guest.call("status")).toMatchObject({ spans: 0, bytes: 0 });
  const { arena, guests } = memory.figures();
  expect(arena).toMatchObject({ leases: 0, usedBytes: 0, lostLeases: 0 });
  expect(guests).toMatchObject([{ shares: 0, unknownReleases: 0 }]);
}
