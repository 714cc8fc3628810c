import { AmphisError, isAmphisError } from "@amphis/protocol";

import {
  type Conversation,
  type FailedModule,
  type Launcher,
  loadConversation,
  type LogEntry,
  type ProcessExit,
} from "../worker/index.ts";
import { announceLog } from "./announce.ts";
import { doChore } from "./chores.ts";
import { fatalSignal } from "./last-words.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { tellLines } from "./raw-output.ts";
import type { PoolSettings } from "./settings.ts";
import { exitOf, firstSign } from "./worker-end.ts";

/**
 * Starts the process of a worker and waits until it is ready.
 *
 * On failure nothing of it is left but what `worker.launched` names, which is being killed.
 *
 * @throws {AmphisError} WORKER_START_FAILED with the tail of its standard error; PYTHON_IMPORT_FAILED when a module could not be loaded
 */
export async function startWorker(
  worker: PoolWorker,
  launcher: Launcher,
  settings: PoolSettings,
  signal: AbortSignal,
): Promise<void> {
  const late = new AbortController();
  const cancel = settings.clock.after(settings.startTimeoutMs, () => late.abort(), "foreground");
  const stop = AbortSignal.any([late.signal, signal]);
  try {
    // Loaded while the process starts.
    const loading = loadConversation();
    worker.launched = await launcher.launch(stop);
    worker.conversation = converse(await loading, worker, settings);
    worker.info = await untilReady(worker, settings, stop);
    const [failed] = worker.info.failed;
    if (failed !== undefined) throw loadFailed(settings, failed);
    await begin(worker, settings, stop);
  } catch (error) {
    worker.launched?.kill();
    if (signal.aborted) throw signal.reason;
    throw startError(worker, settings, late.signal.aborted, error);
  } finally {
    cancel();
  }
}

function converse(
  Conversing: typeof Conversation,
  worker: PoolWorker,
  settings: PoolSettings,
): Conversation {
  const { launched } = worker;
  if (launched === undefined) throw new TypeError("Cannot converse: nothing was launched");
  const { placement, typed, wrap, unwrap, name } = settings;
  const log = (entry: LogEntry): void => {
    settings.onLog?.(entry, worker.number);
    announceLog(worker, name, entry);
  };
  tellLines(launched.stdout, "stdout", log);
  tellLines(launched.stderr, "stderr", log);
  return new Conversing({
    connection: launched.connection,
    control: launched.control,
    placement,
    typed,
    worker: worker.number,
    pool: name,
    wrap: (remote) => {
      worker.objects.add(remote);
      return wrap === undefined ? remote : wrap(remote);
    },
    unwrap,
    onLog: log,
    onEvent: (event) => {
      if (event.event === "operation") {
        if (!worker.operations.tell(event)) worker.conversation?.quiet();
        return;
      }
      if (event.event === "denied") {
        worker.denials.tell(event);
        return;
      }
      const signal = fatalSignal(event);
      if (signal !== undefined) worker.tellDying(signal);
    },
  });
}

async function untilReady(
  { launched, conversation }: PoolWorker,
  settings: PoolSettings,
  stop: AbortSignal,
): Promise<NonNullable<PoolWorker["info"]>> {
  if (launched === undefined || conversation === undefined) {
    throw new TypeError("Cannot wait for worker: it was not launched");
  }
  const { ready } = conversation;
  const listening = new AbortController();
  const stopped = new Promise<undefined>((resolve) => {
    stop.addEventListener("abort", () => resolve(undefined), { signal: listening.signal });
  });
  try {
    const info = await Promise.race([ready, firstSign(launched), stopped]);
    if (info !== undefined) return info;
  } catch (error) {
    // How it ended says more than that it did.
    if (!isAmphisError(error, "CONNECTION_CLOSED")) throw error;
  } finally {
    listening.abort();
  }
  if (stop.aborted) throw stop.reason;
  throw new Error(describe(await exitOf(launched, settings)));
}

/** What is done before anything else. */
async function begin(
  { launched, conversation }: PoolWorker,
  { chores: { begin: works = [] } }: PoolSettings,
  stop: AbortSignal,
): Promise<void> {
  if (works.length === 0 || launched === undefined || conversation === undefined) return;
  const ended = firstSign(launched).then(() => Promise.reject(new Error("it ended before")));
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener("abort", () => reject(stop.reason as Error), { once: true });
  });
  stopped.catch(() => "told by whoever stops it");
  ended.catch(() => "told where it is waited for");
  for (const work of works) await Promise.race([doChore(conversation, work), ended, stopped]);
}

function describe(exit: ProcessExit | undefined): string {
  if (exit?.signal !== undefined) return `it died of ${exit.signal}`;
  return exit?.exitCode === undefined
    ? "it ended in an unknown way"
    : `it ended with exit code ${exit.exitCode}`;
}

/** What says itself why no worker can be started. */
const TELLING: ReadonlySet<string> = new Set([
  "WORKER_START_FAILED",
  "PYTHON_NOT_FOUND",
  "MEMORY_REFUSED",
  "PYTHON_IMPORT_FAILED",
  "ISOLATION_UNSUPPORTED",
]);

/** A worker without a module that every worker is to have is of no use. */
function loadFailed(
  { name }: PoolSettings,
  { module, failure }: FailedModule,
): AmphisError<"PYTHON_IMPORT_FAILED"> {
  const given = failure.context as Partial<AmphisError<"PYTHON_IMPORT_FAILED">["context"]>;
  const { type = "", text = "", install = "" } = given;
  const advice = install === "" ? "" : `; install it with: ${install}`;
  const message = `Cannot start worker of pool ${name}: module ${module} could not be loaded: ${type}: ${text}${advice}`;
  const context = {
    module: "",
    notes: [],
    traceback: [],
    missing: module,
    suggestions: [],
    ...given,
    type,
    text,
    install,
  };
  return new AmphisError("PYTHON_IMPORT_FAILED", message, context, { cause: failure });
}

/** What Python raises in chores of a start, and a policy forbids there, is so again with the next worker. */
function isTelling({ code, category }: AmphisError): boolean {
  return TELLING.has(code) || category === "python" || category === "security";
}

function startError(
  worker: PoolWorker,
  { name, startTimeoutMs }: PoolSettings,
  isLate: boolean,
  error: unknown,
): unknown {
  if (!isLate && isAmphisError(error) && isTelling(error)) return error;
  const said = error instanceof Error ? error.message : String(error);
  const reason = isLate ? `it was not ready within ${startTimeoutMs} ms` : said;
  return new AmphisError(
    "WORKER_START_FAILED",
    `Cannot start worker of pool ${name}: ${reason}`,
    { pool: name, reason, stderr: worker.launched?.stderrTail ?? "" },
    { cause: error },
  );
}
