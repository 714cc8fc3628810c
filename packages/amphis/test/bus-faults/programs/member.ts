import { type Bus, openBus, type RequestHandler, type Subscription } from "amphis/bus";

import type { Behaviour, Command, Replies, Reply } from "../command.ts";
import type { Delivery, Publication } from "../history.ts";
import { usage } from "../usage.ts";

/*
 * A process with a bus, driven by its parent: hub or member, publisher, subscriber, caller and endpoint, as it is told.
 */

const BEHAVIOURS: Readonly<Record<Behaviour, RequestHandler>> = {
  echo: (payload) => payload,
  hang: async () => new Promise(() => undefined),
  bytes: (payload) => new Uint8Array(Number(payload)),
  async *count() {
    for (let n = 0; ; n += 1) yield n;
  },
  collect: async (_, { input }) => {
    let items = 0;
    for await (const _ of input) {
      items += 1;
      if (items === 3) say("collecting");
    }
    return items;
  },
};

let bus: Bus | undefined;
let number = 0;
let publishing = new AbortController();
let stopped: Promise<void> | undefined;
let whenOpen: (() => void)[] = [];
const subscriptions: Subscription[] = [];
const published: Publication[] = [];
const delivered: Delivery[] = [];
const tallies = new Map<string, number>();
const calls: Promise<string>[] = [];

function say(said: string): void {
  process.send?.({ said });
}

function theBus(): Bus {
  if (bus === undefined) throw new Error("Cannot act: there is no bus yet");
  return bus;
}

async function publish(topics: readonly string[], phase: string): Promise<boolean> {
  const topic = topics[number % topics.length] ?? "";
  const event = { sender: theBus().name, topic, number, phase };
  const payload = { number, phase, even: number % 2 === 0 };
  number += 1;
  try {
    await theBus().publish(topic, payload);
    published.push({ ...event, accepted: true });
    return true;
  } catch {
    published.push({ ...event, accepted: false });
    return false;
  }
}

/** Lets everything else have its turn now and then. */
async function breathe(): Promise<void> {
  if (number % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
}

async function publishMany(
  topics: readonly string[],
  phase: string,
  count: number,
): Promise<Replies["publish"]> {
  const from = number;
  let accepted = 0;
  for (let i = 0; i < count; i += 1) {
    if (await publish(topics, phase)) accepted += 1;
    await breathe();
  }
  return { from, accepted };
}

async function publishOn(
  topics: readonly string[],
  phase: string,
  { signal }: AbortController,
): Promise<void> {
  while (!signal.aborted) {
    await publish(topics, phase);
    // At a pace at which a second of it can be looked through.
    await new Promise((resolve) => setTimeout(resolve, number % 8 === 0 ? 1 : 0));
  }
}

async function subscribe({
  pattern,
  options,
  record,
}: Extract<Command, { act: "subscribe" }>): Promise<void> {
  const subscription = await theBus().subscribe(
    pattern,
    (payload, { source, target }) => {
      const { number, phase } = payload as { number: number; phase: string };
      tallies.set(phase, (tallies.get(phase) ?? 0) + 1);
      if (record === undefined) return;
      delivered.push({ subscriber: record, sender: source, topic: target, number });
    },
    options,
  );
  subscriptions.push(subscription);
}

async function churn(pattern: string): Promise<void> {
  for (;;) {
    const subscription = await theBus().subscribe(pattern, () => undefined);
    await subscription.close();
    say("churning");
  }
}

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "answered";
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}

async function outcomes(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.all(calls.splice(0))) {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

async function read(target: string): Promise<void> {
  let items = 0;
  for await (const _ of theBus().stream(target, null, { credit: 4 })) {
    items += 1;
    if (items === 3) say("reading");
  }
}

function write(target: string): void {
  const endless = BEHAVIOURS.count(null, undefined as never) as AsyncIterable<number>;
  calls.push(outcomeOf(theBus().request(target, null, { input: endless, timeoutMs: Infinity })));
}

async function open({ options }: Extract<Command, { act: "open" }>): Promise<void> {
  bus = await openBus({
    ...options,
    onState: ({ kind }) => {
      say(kind);
      if (kind !== "open") return;
      for (const resolve of whenOpen) resolve();
      whenOpen = [];
    },
  });
}

async function act(command: Command): Promise<unknown> {
  switch (command.act) {
    case "open":
      return open(command);
    case "register":
      await theBus().register(command.name, BEHAVIOURS[command.does], command.options);
      return undefined;
    case "subscribe":
      return subscribe(command);
    case "churn":
      churn(command.pattern).catch(() => undefined);
      return undefined;
    case "publish":
      return publishMany(command.topics, command.phase, command.count);
    case "publish-on":
      publishing = new AbortController();
      stopped = publishOn(command.topics, command.phase, publishing);
      return undefined;
    case "publish-stop":
      publishing.abort();
      return stopped;
    case "published":
      return published;
    case "delivered":
      return delivered;
    case "tally":
      return tallies.get(command.phase) ?? 0;
    case "call":
      for (let i = 0; i < command.count; i += 1) {
        const { target, payload = 0, timeoutMs = 30_000 } = command;
        calls.push(outcomeOf(theBus().request(target, payload, { timeoutMs })));
      }
      return undefined;
    case "outcomes":
      return outcomes();
    case "read":
      calls.push(outcomeOf(read(command.target)));
      return undefined;
    case "write":
      write(command.target);
      return undefined;
    case "freeze":
      process.kill(process.pid, "SIGSTOP");
      return undefined;
    case "usage":
      return usage(bus?.stats);
    case "health":
      return theBus().health();
    case "state":
      return theBus().state.kind;
    case "await-open":
      if (theBus().state.kind === "open") return undefined;
      return new Promise<void>((resolve) => {
        whenOpen.push(resolve);
      });
    case "drain":
      return bus?.drain();
    case "close":
      return bus?.close();
  }
}

async function answer(id: number, command: Command): Promise<Reply> {
  try {
    return { id, value: await act(command) };
  } catch (error) {
    const { code = "ERROR", message } = error as { code?: string; message: string };
    return { id, error: { code, message } };
  }
}

process.on("message", ({ id, command }: { id: number; command: Command }) => {
  void answer(id, command).then((reply) => process.send?.(reply));
});
// A parent that is gone has no more use for this process.
process.on("disconnect", () => process.exit());
