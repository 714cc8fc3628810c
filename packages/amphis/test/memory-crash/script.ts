import { SPILL_BYTES } from "./host.ts";
import { LEAST_BYTES } from "./pattern.ts";
import type { Random } from "./random.ts";

const ACTS = [
  /** The guest checks a pattern: in memory where it lies, copied there, in the frame, in a frame larger than most rings. */
  "in-place",
  "copied",
  "inline",
  "large",
  /** It checks a pattern in a frame that goes through memory, and answers with one. */
  "spill",
  /** It writes another pattern over one. */
  "mirror",
  /** It keeps memory when the host has let go of it, looks at it again, lets go of it. */
  "keep",
  "recheck",
  "drop",
  /** It asks for memory and returns all of it, a part of it, a copy; or keeps it. */
  "make",
  "view",
  "copy",
  "hold",
  /** The host sends back what it got of this guest or another. */
  "return",
  /** Chunks, to the guest and from it. */
  "pull",
  "push",
  /** The host blocks its thread until the answer is there. */
  "pump",
  /** The guest waits for memory while there is none. */
  "starve",
] as const;
export type Act = (typeof ACTS)[number];

/** One operation of a host with a guest. */
export interface Step {
  readonly act: Act;
  readonly length: number;
  /** Bytes around a view, or chunks of a stream. */
  readonly extra: number;
  /** What the host does with memory that it gets. */
  readonly then: "release" | "keep" | "forget";
}

/** All that a host does with one guest. */
export interface Script {
  /** Operations at a time. */
  readonly lanes: number;
  readonly steps: readonly Step[];
}

export function scriptOf(random: Random, ringBytes: number): Script {
  const steps = Array.from({ length: random.between(4, 14) }, () => stepOf(random, ringBytes));
  return { lanes: random.between(1, 3), steps };
}

function stepOf(random: Random, ringBytes: number): Step {
  const act = random.pick(ACTS);
  const isStream = act === "pull" || act === "push";
  return {
    act,
    length: lengthOf(act, random, ringBytes),
    extra: isStream ? random.between(0, 6) : random.scaled(1, 5_000),
    then: random.pick(["release", "release", "keep", "forget"]),
  };
}

function lengthOf(act: Act, random: Random, ringBytes: number): number {
  if (act === "large") return random.scaled(ringBytes, ringBytes + 50_000);
  if (act === "spill") return random.scaled(SPILL_BYTES, 4 * SPILL_BYTES);
  if (act === "starve") return random.scaled(200_000, 600_000);
  return random.scaled(LEAST_BYTES, 150_000);
}
