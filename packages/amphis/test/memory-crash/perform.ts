import { isAmphisError } from "@amphis/protocol";

import type { Lease, SharedMemory } from "../../src/memory/index.ts";
import { filled, write } from "./pattern.ts";
import type { Act, Script, Step } from "./script.ts";
import type { Answer, Session } from "./session.ts";
import { leaseOf, type Stage } from "./stage.ts";

/** One guest of a stage, and what it keeps. */
export interface Player {
  readonly stage: Stage;
  readonly session: Session;
  /** Called when an operation has begun, and not ended. */
  readonly begun: () => void;
}

interface Part extends Player {
  readonly step: Step;
  readonly operation: number;
  /** Operations whose memory the guest keeps. */
  readonly kept: number[];
}

/** Does all of a script, as many operations at a time as it says. What a guest loses is noted by its session. */
export async function perform(player: Player, script: Script): Promise<void> {
  const kept: number[] = [];
  const steps = script.steps.values();
  let streaming = Promise.resolve();
  const lane = async (): Promise<void> => {
    for (const step of steps) {
      if (!player.session.isOpen) return;
      const done = isStream(step)
        ? // A guest of one thread opens a stream when it comes to its call, and has missed what came before.
          streaming.then(() => attempt(player, step, kept))
        : attempt(player, step, kept);
      if (isStream(step)) streaming = done;
      await done;
    }
  };
  await Promise.all(Array.from({ length: script.lanes }, lane));
}

function isStream({ act }: Step): boolean {
  return act === "pull" || act === "push";
}

async function attempt(player: Player, step: Step, kept: number[]): Promise<void> {
  const { stage, session } = player;
  const operation = stage.operation(step.length);
  try {
    await ACTS[step.act]({ ...player, step, operation, kept });
  } catch (error) {
    const isRefused = isAmphisError(error) && NO_MEMORY.has(error.code);
    if (isRefused || (isAmphisError(error) && !session.isOpen)) return;
    stage.problems.push(`${step.act} failed: ${String(error)}`);
  }
}

/** What a host may hear that asks for memory. */
const NO_MEMORY: ReadonlySet<string> = new Set(["MEMORY_EXHAUSTED", "MEMORY_QUOTA_EXCEEDED"]);

const ACTS: Readonly<Record<Act, (part: Part) => Promise<void>>> = {
  "in-place": inPlace,
  copied: (part) => check(part, "shared"),
  inline: (part) => check(part, "inline"),
  large: (part) => check(part, "inline"),
  spill,
  mirror,
  keep,
  recheck: async (part) => void (await call(part, "recheck")),
  drop: async (part) => void (await call(part, "drop", part.kept.pop() ?? 0)),
  make: (part) => taken(part, "make"),
  view: (part) => taken(part, "make", part.step.extra, part.step.extra >> 1),
  copy: (part) => taken(part, "copy"),
  hold,
  return: sendBack,
  pull,
  push,
  pump,
  starve,
};

async function call({ session, begun }: Part, name: string, ...args: number[]): Promise<Answer> {
  const { answer } = session.call(name, args);
  begun();
  return answer;
}

async function taken(part: Part, name: string, ...args: number[]): Promise<void> {
  const { stage, step, operation } = part;
  stage.take(await call(part, name, operation, step.length, ...args), operation, step);
}

async function check(part: Part, path: "shared" | "inline"): Promise<void> {
  const { session, step, operation, begun } = part;
  const { length } = step;
  const { answer } = session.call("check", [operation, length], filled(operation, length), path);
  begun();
  await answer;
}

async function spill({ stage, session, step, operation, begun }: Part): Promise<void> {
  const other = stage.operation(step.length);
  const args = [operation, other];
  const { answer } = session.call("turn", args, filled(operation, step.length), "inline");
  begun();
  stage.verify((await answer) as Uint8Array, other, step.length);
}

async function inPlace({ stage, session, step, operation, begun }: Part): Promise<void> {
  using lease = stage.memory.arena.allocate(step.length);
  write(lease.bytes, operation);
  const { answer } = session.call("check", [operation, step.length], lease);
  begun();
  await answer;
}

async function mirror({ stage, session, step, operation, begun }: Part): Promise<void> {
  using lease = stage.memory.arena.allocate(step.length);
  write(lease.bytes, operation);
  const other = stage.operation(step.length);
  const { answer } = session.call("mirror", [operation, other], lease);
  begun();
  await answer;
  stage.verify(lease.bytes, other, step.length);
}

async function keep({ stage, session, step, operation, kept, begun }: Part): Promise<void> {
  const lease = stage.memory.arena.allocate(step.length);
  write(lease.bytes, operation);
  const { answer } = session.call("keep", [operation, step.length], lease);
  // The share of the guest is all that holds it.
  lease.release();
  begun();
  await answer;
  kept.push(operation);
}

async function hold(part: Part): Promise<void> {
  await call(part, "hold", part.operation, part.step.length);
  part.kept.push(part.operation);
}

async function sendBack({ stage, session, step, begun }: Part): Promise<void> {
  const found = stage.anyKept(step.extra);
  if (found === undefined) return;
  const { bytes } = found.memory;
  const args = [found.operation, bytes.length];
  const { answer } = session.call("check", args, leaseOf(found.memory) ?? bytes);
  begun();
  await answer;
}

async function pull({ stage, session, step, begun }: Part): Promise<void> {
  const { length, extra: count } = step;
  const operations = Array.from({ length: count }, () => stage.operation(length));
  const { writer, reader, answer } = session.stream("pull", [operations[0] ?? 0, length], 3);
  begun();
  for (const operation of operations) await writer.write(filled(operation, length));
  await writer.end();
  const came = await answer;
  if (came !== count) stage.problems.push(`${String(came)} of ${count} chunks came`);
  reader.cancel();
}

async function push({ stage, session, step, begun }: Part): Promise<void> {
  const { length, extra: count } = step;
  const operations = Array.from({ length: count }, () => stage.operation(length));
  const args = [operations[0] ?? 0, length, count];
  const { reader, answer } = session.stream("push", args, 3);
  begun();
  let came = 0;
  for await (const chunk of reader) {
    stage.take(chunk, operations[came] ?? -1, { ...step, then: "forget" });
    came += 1;
  }
  await answer;
  if (came !== count) stage.problems.push(`${came} of ${count} chunks came`);
}

/** Nothing else of this process runs meanwhile, so what others wait for may not come in it. */
async function pump({ stage, session, step, operation, begun }: Part): Promise<void> {
  const { connection } = session;
  const made = session.call("make", [operation, step.length]);
  begun();
  for (let round = 0; round < 3 && made.outcome === undefined; round += 1) {
    if (connection.state.kind !== "open") break;
    connection.pump?.(20);
  }
  stage.take(await made.answer, operation, step);
}

async function starve({ stage, session, step, operation, begun }: Part): Promise<void> {
  const { arena } = stage.memory;
  const held = takeAll(stage.memory);
  const made = session.call("make", [operation, step.length]);
  try {
    while (arena.stats().waiting === 0 && made.outcome === undefined && session.isOpen) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    begun();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    for (const lease of held) lease.release();
  }
  stage.take(await made.answer, operation, step);
}

/** Takes nearly all that an arena has, so that others wait. */
export function takeAll({ arena }: SharedMemory): Lease[] {
  const held: Lease[] = [];
  for (let bytes = 1_048_576; bytes >= 65_536;) {
    try {
      held.push(arena.allocate(bytes));
    } catch (error) {
      if (!isAmphisError(error, "MEMORY_EXHAUSTED")) throw error;
      bytes /= 2;
    }
  }
  return held;
}
