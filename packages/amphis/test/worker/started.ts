import { fileURLToPath } from "node:url";

import { AmphisError } from "@amphis/protocol";
import { afterAll, beforeAll, onTestFinished } from "vitest";

import { SharedMemory, type SharedMemoryOptions } from "../../src/memory/index.ts";
import { Conversation, type ConversationInit } from "../../src/worker/conversation/conversation.ts";
import {
  type LaunchedWorker,
  openLauncher,
  type Unanswered,
  type Work,
  type WorkerSpec,
} from "../../src/worker/index.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

export type Options = Partial<WorkerSpec> & Partial<Omit<ConversationInit, "connection">>;

/** A worker and the conversation with it; both end with the test. */
export interface Started {
  readonly conversation: Conversation;
  readonly worker: LaunchedWorker;
  readonly memory: SharedMemory | undefined;
  /** Calls a function of `work.py`, or of any module that is named. */
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
  /** Does some work. */
  run(work: Partial<Work>): Promise<unknown>;
  /** Waits until the connection has closed, and ends the conversation. */
  ended(): Promise<readonly Unanswered[]>;
}

export const OVER = new AmphisError("CONNECTION_CLOSED", "Cannot go on: the test is over", {
  address: "",
  reason: "the test is over",
});

/** Work that calls a function of `work.py`, or of any module that is named. */
export function callOf(name: string, args: readonly unknown[] = []): Work {
  return { kind: "call", name, function: name.includes(":") ? name : `work:${name}`, args };
}

/** The answer to some work. */
export function answerOf(conversation: Conversation, work: Work): Promise<unknown> {
  return new Promise((resolve, reject) => {
    conversation.start(work, { resolve, reject });
  });
}

/** A worker that all tests of a file share. */
export function sharedWorker(options: Options = {}): () => Started {
  const ends: (() => unknown)[] = [];
  let started: Started | undefined;
  beforeAll(async () => {
    started = await startWorker(options, (end) => ends.push(end));
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  return () => {
    if (started === undefined) throw new Error("Cannot give worker: it has not started");
    return started;
  };
}

/** @param onEnd takes what ends the worker; by default it ends with the test */
export async function startWorker(
  options: Options = {},
  onEnd: (end: () => unknown) => void = atEndOfTest,
): Promise<Started> {
  const memory = "memory" in options ? await options.memory : await openMemory();
  const launcher = await openLauncher({
    python: process.env["AMPHIS_PYTHON"] ?? "python3",
    profile: "process",
    path: [FOLDER],
    ...(memory === undefined ? {} : { memory }),
    ...options,
  });
  onEnd(async () => {
    await launcher[Symbol.asyncDispose]();
    memory?.close();
  });
  const worker = await launcher.launch();
  worker.stdout.resume();
  const { connection, control } = worker;
  const conversation = new Conversation({
    worker: 1,
    pool: "test",
    ...options,
    connection,
    control,
  });
  onEnd(() => void conversation.end(OVER));
  await conversation.ready;
  return {
    conversation,
    worker,
    memory,
    call: (name, ...args) => answerOf(conversation, callOf(name, args)),
    run: (work) => answerOf(conversation, { ...callOf("echo"), ...work }),
    ended: async () => {
      await connection.closed;
      return conversation.end(OVER);
    },
  };
}

function atEndOfTest(end: () => unknown): void {
  onTestFinished(async () => {
    await end();
  });
}

/** Shared memory where the native core is, until the test is over. */
export async function memoryOf(options: SharedMemoryOptions): Promise<SharedMemory | undefined> {
  const memory = await openMemory(options);
  atEndOfTest(() => memory?.close());
  return memory;
}

async function openMemory(options?: SharedMemoryOptions): Promise<SharedMemory | undefined> {
  try {
    return await SharedMemory.open(options);
  } catch {
    return undefined;
  }
}
