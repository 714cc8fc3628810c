import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { platform } from "node:process";

import type { NativeCore } from "@amphis/native";
import { AmphisError } from "@amphis/protocol";

import { invalid } from "./opening.ts";

/** The end of a pipe that a doorbell is: the one that is read, or the one that is written. */
export type DoorbellEnd = "hears" | "rings";

const ACCESS = { hears: constants.O_RDONLY, rings: constants.O_WRONLY } as const;
const ACCESS_BITS = 0b11;
const BOTH = constants.O_RDWR | constants.O_NONBLOCK;

/**
 * A doorbell that the peer has sent, under a descriptor whose flags the peer has no hand on. The one that came stays the caller's.
 *
 * Both ends are open in it, so that it neither blocks nor ends, whatever the peer does to its own. Where the system opens no pipe anew, it is
 * one more descriptor of what came, which is as good unless the peer means harm.
 *
 * @param place of the descriptor among those that came
 * @throws {AmphisError} FRAME_INVALID when it is not this end of a pipe, NATIVE_CALL_FAILED when this process may not open it
 */
export function adoptDoorbell(
  core: NativeCore,
  descriptor: number,
  end: DoorbellEnd,
  place: number,
): number {
  if (!asked(() => isEnd(descriptor, end))) throw invalid("doorbell", place);
  if (platform !== "linux") return core.duplicate(descriptor);
  const opened = asked(() => openSync(`/proc/self/fd/${descriptor}`, BOTH));
  try {
    // Node closes what it has opened when a worker thread ends, under whatever name the number has by then.
    return core.duplicate(opened);
  } finally {
    closeSync(opened);
  }
}

/** What the system answers; it may not let this process look into its own descriptors. */
function asked<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    const { code: errno = "unknown", syscall: call = "open" } = cause as NodeJS.ErrnoException;
    const message = `Cannot open doorbell: ${call} failed with ${errno}`;
    throw new AmphisError("NATIVE_CALL_FAILED", message, { call, errno }, { cause });
  }
}

function isEnd(descriptor: number, end: DoorbellEnd): boolean {
  if (!fstatSync(descriptor).isFIFO()) return false;
  if (platform !== "linux") return true;
  const known = readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1");
  const [, flags = ""] = /^flags:\s*([0-7]+)$/mu.exec(known) ?? [];
  return (Number.parseInt(flags, 8) & ACCESS_BITS) === ACCESS[end];
}
