import type { NativeCore } from "@amphis/native";

import { Arena, MemoryLink } from "../../../src/memory/index.ts";
import { nativeCore } from "../../../src/native-core.ts";

/** How a host ends itself. */
export interface HostHazard {
  /** With this step; 0: never. */
  readonly at: number;
  /** In the middle of so many bytes that it sends beside the rings; 0: never. The opening has 56, each region that is announced 24. */
  readonly cut: number;
}

type Calls = Record<string, (...args: unknown[]) => unknown>;

const OF_CORE = ["createRegion", "createDoorbellPair", "receiveDescriptors", "watchRing", "watch"];
const OF_REGION = ["createRing", "produce", "consume", "view", "detach", "reserve", "punchHole"];
const OF_RINGS = ["push", "arm", "wait", "nextLength", "take", "pop"];
const OF_LINK = ["allocate", "lend", "arrived", "accept", "spill", "receive", "close"];
const OF_ARENA = ["allocate", "retainHold", "releaseHold", "publishHold"];

/** Counts what this process does for its guests, and ends it in the middle. */
export async function layHazard({ at, cut }: HostHazard): Promise<void> {
  let count = 0;
  const step = (): void => {
    count += 1;
    if (count === at) die();
  };
  const native = await nativeCore();
  if (native.kind === "unavailable") throw new Error(native.reason);
  const { core } = native;
  using region = core.createRegion(8_192);
  region.createRing(0, 1_024);
  using producer = region.produce({ offset: 0, byteLength: 8_192 });
  using consumer = region.consume({ offset: 0, byteLength: 8_192 });
  for (const ring of [producer, consumer]) around(prototypeOf(ring), OF_RINGS, step);
  around(prototypeOf(region), OF_REGION, step);
  around(prototypeOf(core), OF_CORE, step);
  around(MemoryLink.prototype as unknown as Calls, OF_LINK, step);
  around(Arena.prototype as unknown as Calls, OF_ARENA, step);
  cutAt(core, cut, step);
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

function prototypeOf(object: object): Calls {
  return Object.getPrototypeOf(object) as Calls;
}

function around(owner: Calls, names: readonly string[], step: () => void): void {
  for (const name of names) {
    const call = owner[name];
    if (call === undefined) continue;
    owner[name] = function stepped(this: unknown, ...args: unknown[]): unknown {
      step();
      const result = call.apply(this, args);
      step();
      return result;
    };
  }
}

function cutAt(core: NativeCore, cut: number, step: () => void): void {
  const send = core.sendDescriptors.bind(core);
  let sent = 0;
  core.sendDescriptors = (socket, bytes, descriptors) => {
    step();
    if (cut > 0 && sent + bytes.length >= cut) {
      send(socket, bytes.subarray(0, cut - sent), descriptors);
      die();
    }
    sent += bytes.length;
    const count = send(socket, bytes, descriptors);
    step();
    return count;
  };
}
