import type { LaunchedWorker } from "../worker/index.ts";
import type { Clock } from "./clock.ts";
import { stacksIn } from "./fatal-stack.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { within } from "./within.ts";

/** Python answers within that, unless C code holds the interpreter. */
const ANSWER_MS = 25;
/** What a signal makes a process write has come by then. */
const WRITTEN_MS = 100;
/** Its end is not marked; it is written in one go. */
const QUIET_MS = 5;

/** What all threads of a worker do right now; empty where it cannot tell. Never rejects, and takes 125 ms at most. */
export async function stacksOf(worker: PoolWorker, clock: Clock): Promise<string> {
  const asked = worker.conversation?.stacks().catch(() => undefined);
  const answer = asked === undefined ? undefined : await within(clock, ANSWER_MS, asked);
  return answer ?? forcedStacks(worker, clock);
}

/** The same of a worker that does not answer: a signal makes it write to its standard error, whoever holds the interpreter. */
export function forcedStacks({ launched, info }: PoolWorker, clock: Clock): Promise<string> {
  const signal = info?.stacksSignal;
  if (launched === undefined || signal === undefined) return Promise.resolve("");
  return written(launched, signal, clock);
}

function written(launched: LaunchedWorker, signal: number, clock: Clock): Promise<string> {
  const { stderr } = launched;
  if (stderr.readableEnded || stderr.destroyed) return Promise.resolve("");
  const decoder = new TextDecoder();
  let text = "";
  return new Promise((resolve) => {
    const stop = (): void => {
      stderr.off("data", hear);
      stderr.off("end", stop);
      stderr.off("close", stop);
      cancelAll();
      cancelQuiet();
      resolve(stacksIn(text));
    };
    const cancelAll = clock.after(WRITTEN_MS, stop, "foreground");
    let cancelQuiet = (): void => undefined;
    const hear = (chunk: Uint8Array): void => {
      text += decoder.decode(chunk, { stream: true });
      cancelQuiet();
      cancelQuiet = clock.after(QUIET_MS, stop, "foreground");
    };
    stderr.on("data", hear);
    // The process may end meanwhile.
    stderr.once("end", stop);
    stderr.once("close", stop);
    launched.kill(signal);
  });
}
