import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Bus, type BusOptions, openBus } from "amphis/bus";

import { until } from "../wait.ts";
import { reap } from "./child.ts";
import { descriptors } from "./usage.ts";

const closing: (() => Promise<unknown>)[] = [];

/** Has this done when the test is over, however it ends; the last first. */
export function atEnd(close: () => Promise<unknown>): void {
  closing.push(close);
}

/** Ends everything that a test has opened. */
export async function clear(): Promise<void> {
  await reap();
  for (const close of closing.splice(0).toReversed()) await close();
}

/** A new folder for sockets, removed at the end of the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "amphis-bus-"));
  atEnd(async () => rm(path, { recursive: true, force: true }));
  return path;
}

/** A bus of this process, closed at the end of the test. */
export async function opened(options: BusOptions): Promise<Bus> {
  const bus = await openBus(options);
  atEnd(async () => bus.close());
  return bus;
}

/** Members that do no harm, and hear at once when harm is done to them. */
export interface Bystanders {
  readonly asked: () => number;
  /** Ends the asking. @returns what went wrong; nothing, when nobody was disturbed */
  stop(): Promise<readonly unknown[]>;
}

/** Two members of a bus, of which one keeps asking the other. */
export async function bystanders(join: string, token?: string): Promise<Bystanders> {
  const asker = await opened({ join, name: "asker", token });
  const answerer = await opened({ join, name: "answerer", token });
  await answerer.register("bystander.echo", (payload) => payload);
  const failures: unknown[] = [];
  const stopped = new AbortController();
  let asked = 0;
  const asking = (async () => {
    for (; !stopped.signal.aborted; asked += 1) {
      try {
        const answer = await asker.request("bystander.echo", asked);
        if (answer !== asked) failures.push(new Error(`${asked} was answered with ${answer}`));
      } catch (error) {
        failures.push(error);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await until(() => asked > 0);
  return {
    asked: () => asked,
    stop: async () => {
      stopped.abort();
      await asking;
      return failures;
    },
  };
}

/** What a bus holds of its members, as far as anyone can tell. */
export async function holdings(bus: Bus): Promise<unknown> {
  const { pendingCalls, endpoints, subscriptions, peers } = bus.stats;
  const found = (await bus.find()).map(({ name, peer }) => `${name} of ${peer}`).toSorted();
  const calls = (await bus.health()).peers.map(({ peer }) => peer).toSorted();
  return { pendingCalls, endpoints, subscriptions, peers, found, calls };
}

/** Waits until no more descriptors are open than that. */
export async function descriptorsFall(to: number): Promise<void> {
  await until(() => descriptors() <= to);
}
