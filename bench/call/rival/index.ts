import { amphis } from "./amphis.ts";
import { baseline, fastapi, jsonOverStdio } from "./by-hand.ts";
import { nodeCallsPython, pythonia, pythonShell } from "./peers.ts";
import type { StartRival } from "./rival.ts";

/** By the name in the table. */
export const RIVALS = {
  amphis: { start: amphis },
  "MessagePack by hand": { start: baseline },
  "JSON over stdio": { start: jsonOverStdio },
  "FastAPI, Unix socket": { start: fastapi, peer: "fastapi" },
  pythonia: { start: pythonia, peer: "pythonia" },
  "python-shell": { start: pythonShell, peer: "python-shell" },
  "node-calls-python": { start: nodeCallsPython, peer: "node-calls-python" },
} as const satisfies Record<string, RivalEntry>;
export type RivalName = keyof typeof RIVALS;

interface RivalEntry {
  readonly start: StartRival;
  /** What has to be installed for it. */
  readonly peer?: string;
}

export function peerOf(name: RivalName): string | undefined {
  const entry: RivalEntry = RIVALS[name];
  return entry.peer;
}
