import { type Bus, openBus, type StreamOptions } from "amphis/bus";

import type { Usage } from "../command.ts";
import { usage } from "../usage.ts";

/*
 * Does with a bus what can be done with one, again and again, and tells what the process held before, between and after: `cycles.mjs path
 * cycles timeouts`. Hub and members are in this process, with a socket between them, so that all sides are measured.
 */

export interface Measured {
  /** Before the first cycle, which is done once before it is counted, and after each third of them. */
  readonly cycles: readonly Usage[];
  /** The same for requests that time out: in process, then over a socket. */
  readonly timeouts: readonly Usage[];
  /** How many requests ended with another code than REQUEST_TIMEOUT. */
  readonly others: number;
  readonly stats: readonly Bus["stats"][];
  /** Buses, endpoints and subscriptions of the cycles that could not be collected at the end. */
  readonly kept: number;
}

const [, , path = "", cycles = "0", timeouts = "0"] = process.argv;
const AT_ONCE = 5_000;
const WARM_UP = 200;
const made: WeakRef<object>[] = [];

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function measure(bus: Bus): Promise<Usage> {
  await settle();
  return usage(bus.stats);
}

async function failing(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

async function* numbers(count: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n += 1) yield n;
}

/** Reads some items, and leaves. */
async function readSome(bus: Bus, target: string, options: StreamOptions = {}): Promise<void> {
  let items = 0;
  for await (const _ of bus.stream(target, 100, options)) if ((items += 1) === 10) break;
}

async function cycle(hub: Bus, n: number): Promise<void> {
  const bus = await openBus({ join: `unix:${path}`, name: `member${n}` });
  const name = `own.${n}`;
  const endpoint = await bus.register(name, (payload) => payload, { capabilities: [`can${n}`] });
  const streaming = await bus.register(`${name}.stream`, (count) => numbers(Number(count)));
  const heard: unknown[] = [];
  const subscription = await bus.subscribe(`news.${n}.#`, (payload) => void heard.push(payload), {
    filter: { payload: { gte: 0 } },
  });
  const grouped = await bus.subscribe("news.#", () => undefined, { group: `g${n}` });
  const watch = await bus.watch(() => undefined);
  made.push(...[bus, endpoint, streaming, subscription, grouped].map((each) => new WeakRef(each)));
  const route = await bus.route({ pattern: `to.${n}.*`, to: name });
  await endpoint.report("degraded", "a test");
  await bus.find({ name: "own.*" });
  await hub.request(`@can${n}`, n);
  await hub.request(`to.${n}.x`, n);
  await bus.request("hub.echo", n, { input: numbers(20) });
  await readSome(hub, `${name}.stream`);
  await readSome(bus, "hub.stream", { input: numbers(100) });
  await bus.publish(`news.${n}.x`, n);
  await hub.publish(`news.${n}.x`, n, { ttlMs: 10_000 });
  await failing(bus.request("hub.hang", n, { timeoutMs: 1 }));
  await failing(hub.request("nobody"));
  const controller = new AbortController();
  const cancelled = failing(bus.request("hub.hang", n, { signal: controller.signal }));
  controller.abort();
  await cancelled;
  await failing(openBus({ join: `unix:${path}`, name: "a*b" }));
  await failing(bus.register("hub.echo", () => null));
  await failing(bus.subscribe("$private.#", () => undefined));
  if (n % 3 === 0) {
    await route.close();
    await watch.close();
    await grouped.drain();
    await subscription.close();
    await streaming.drain();
  }
  const pending = failing(bus.request("hub.hang", n));
  if (n % 2 === 0) await bus.close();
  else {
    void bus.drain();
    await bus.close();
  }
  await pending;
}

async function timeOut(bus: Bus, target: string, count: number): Promise<number> {
  let others = 0;
  for (let done = 0; done < count; done += AT_ONCE) {
    const calls = Array.from({ length: Math.min(AT_ONCE, count - done) }, async () =>
      failing(bus.request(target, null, { timeoutMs: 1 })),
    );
    for (const code of await Promise.all(calls)) if (code !== "REQUEST_TIMEOUT") others += 1;
  }
  return others;
}

async function run(): Promise<Measured> {
  const hub = await openBus({ listen: `unix:${path}`, name: "hub" });
  await hub.register("hub.echo", (payload) => payload);
  await hub.register("hub.stream", (count) => numbers(Number(count)));
  // Holds on to nothing once nobody waits any more.
  const hang = async (_: unknown, { signal }: { readonly signal: AbortSignal }): Promise<null> =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(null));
    });
  await hub.register("hub.hang", hang);
  for (let n = 0; n < WARM_UP; n += 1) await cycle(hub, n);
  const measured = [await measure(hub)];
  for (let third = 1; third <= 3; third += 1) {
    for (let n = 0; n < Number(cycles) / 3; n += 1) await cycle(hub, n);
    measured.push(await measure(hub));
  }
  const kept = made.filter((each) => each.deref() !== undefined).length;
  const member = await openBus({ join: `unix:${path}`, name: "member" });
  const far = await openBus({ join: `unix:${path}`, name: "far" });
  await far.register("far.hang", hang);
  await timeOut(hub, "hub.hang", 2 * AT_ONCE);
  await timeOut(member, "far.hang", 2 * AT_ONCE);
  const timed = [await measure(hub)];
  let others = await timeOut(hub, "hub.hang", Number(timeouts) / 2);
  timed.push(await measure(hub));
  others += await timeOut(member, "far.hang", Number(timeouts) / 2);
  // Behind everything that the time-outs left under way.
  await member.request("hub.echo");
  await far.request("hub.echo");
  timed.push(await measure(hub));
  const stats = [hub.stats, member.stats, far.stats];
  await member.close();
  await far.close();
  await hub.close();
  return { cycles: measured, timeouts: timed, others, stats, kept };
}

process.send?.(await run());
process.disconnect();
