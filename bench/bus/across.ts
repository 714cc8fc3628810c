import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Order, Report } from "./peer-server.ts";
import { type SystemName, systems } from "./system/index.ts";

/** What one system reaches, as medians over the rounds. */
export interface Across {
  /** One request at a time, in microseconds, with the two processes on two CPUs; each message wakes the other one up. */
  readonly p50: number;
  readonly p99: number;
  /** The same with both on one CPU: no waking up, the work itself. */
  readonly p50OneCpu: number;
  readonly requestsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly deliveriesPerSecond: number;
}

const ROUNDS = 5;
const REQUESTS = 4_000;
const PIPELINED = 40_000;
const IN_FLIGHT = 64;
const EVENTS = 200_000;
const FAN_OUT = 100;
const FANNED = 3_000;
const ALL_CPUS = `0-${availableParallelism() - 1}`;
const CHILD = fileURLToPath(new URL("peer-server.js", import.meta.url));

/** The processes of one system. */
class Cast {
  readonly name: SystemName;
  readonly #children: ChildProcess[] = [];
  #sender: ChildProcess | undefined;
  #receiver: ChildProcess | undefined;

  constructor(name: SystemName) {
    this.name = name;
  }

  async start(address: string, connections: number): Promise<void> {
    if (systems[this.name].listener === "broker") await this.#fork("broker", address, 1);
    const isSenderFirst = systems[this.name].listener === "sender";
    if (isSenderFirst) this.#sender = await this.#fork("sender", address, 1);
    this.#receiver = await this.#fork("receiver", address, connections);
    this.#sender ??= await this.#fork("sender", address, 1);
  }

  async requests(count: number, inFlight: number): Promise<Extract<Report, { kind: "requested" }>> {
    return this.#order(this.#sender, { kind: "request", count, inFlight }, "requested");
  }

  /** @returns messages that came in a second */
  async deliveries(count: number, receivers: number): Promise<number> {
    const expected = count * receivers;
    const received = next(this.#receiver as ChildProcess, "received");
    this.#receiver?.send({ kind: "expect", count: expected } satisfies Order);
    const start = performance.timeOrigin + performance.now();
    await this.#order(this.#sender, { kind: "publish", count }, "published");
    const { at } = await received;
    return (1_000 * expected) / (at - start);
  }

  /** Puts the two processes where figures can be compared: left alone, they land now on one CPU and now on two. */
  pin(sender: string, receiver: string): void {
    for (const [child, cpus] of [
      [this.#sender, sender],
      [this.#receiver, receiver],
    ] as const) {
      spawnSync("taskset", ["-a", "-c", "-p", cpus, String(child?.pid)]);
    }
  }

  async stop(): Promise<void> {
    for (const child of this.#children.reverse()) {
      child.disconnect();
      await once(child, "exit");
    }
  }

  async #order<K extends Report["kind"]>(
    child: ChildProcess | undefined,
    order: Order,
    answer: K,
  ): Promise<Extract<Report, { kind: K }>> {
    const report = next(child as ChildProcess, answer);
    child?.send(order);
    return report;
  }

  async #fork(role: string, address: string, connections: number): Promise<ChildProcess> {
    const child = fork(CHILD, [this.name, role, address, String(connections)], {
      stdio: "inherit",
    });
    this.#children.push(child);
    await next(child, "ready");
    return child;
  }
}

/** Every system at every work, in turn, round after round. */
export async function measureAcross(): Promise<Partial<Record<SystemName, Across>>> {
  const hasNats = spawnSync("nats-server", ["--version"]).status === 0;
  if (!hasNats) process.stdout.write("nats-server is not installed: NATS is not measured\n\n");
  const names: SystemName[] = ["bare", "amphis", "amphis, hub apart", "zeromq"];
  if (hasNats) names.push("nats");
  const folder = await mkdtemp(join(tmpdir(), "amphis-bench-"));
  const measured: Partial<Record<SystemName, Across[]>> = {};
  try {
    const ones = await castsOf(names, folder, "one", 1);
    const fans = await castsOf(
      names.filter((name) => name !== "bare"),
      folder,
      "fan",
      FAN_OUT,
    );
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const cast of ones) {
        const fan = fans.find(({ name }) => name === cast.name);
        const result = await measureRound(cast, fan);
        // The first round warms up.
        if (round > 0) (measured[cast.name] ??= []).push(result);
      }
    }
    for (const cast of [...ones, ...fans]) await cast.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return Object.fromEntries(
    Object.entries(measured).map(([name, rounds]) => [name, medians(rounds)]),
  );
}

async function measureRound(cast: Cast, fan: Cast | undefined): Promise<Across> {
  cast.pin("0", "1");
  const { p50, p99 } = await cast.requests(REQUESTS, 1);
  cast.pin("0", "0");
  const { p50: p50OneCpu } = await cast.requests(REQUESTS, 1);
  cast.pin(ALL_CPUS, ALL_CPUS);
  const { perSecond: requestsPerSecond } = await cast.requests(PIPELINED, IN_FLIGHT);
  return {
    p50,
    p99,
    p50OneCpu,
    requestsPerSecond,
    eventsPerSecond: fan === undefined ? Number.NaN : await cast.deliveries(EVENTS, 1),
    deliveriesPerSecond: (await fan?.deliveries(FANNED, FAN_OUT)) ?? Number.NaN,
  };
}

async function castsOf(
  names: readonly SystemName[],
  folder: string,
  kind: string,
  connections: number,
): Promise<Cast[]> {
  const casts: Cast[] = [];
  for (const [index, name] of names.entries()) {
    const cast = new Cast(name);
    const path = join(folder, `${kind}-${index}`);
    const address =
      name === "nats"
        ? `nats://127.0.0.1:${await freePort()}`
        : name === "zeromq"
          ? `ipc://${path}`
          : `unix:${path}`;
    await cast.start(address, connections);
    casts.push(cast);
  }
  return casts;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  server.close();
  await once(server, "close");
  return typeof bound === "object" && bound !== null ? bound.port : 0;
}

function medians(rounds: readonly Across[]): Across {
  const middle = (key: keyof Across): number => {
    const sorted = rounds.map((round) => round[key]).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? Number.NaN;
  };
  return {
    p50: middle("p50"),
    p99: middle("p99"),
    p50OneCpu: middle("p50OneCpu"),
    requestsPerSecond: middle("requestsPerSecond"),
    eventsPerSecond: middle("eventsPerSecond"),
    deliveriesPerSecond: middle("deliveriesPerSecond"),
  };
}

async function next<K extends Report["kind"]>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<Report, { kind: K }>> {
  const ended = new AbortController();
  const { signal } = ended;
  try {
    for (;;) {
      const [report] = (await Promise.race([
        once(child, "message", { signal }),
        once(child, "exit", { signal }).then(([code]) => {
          throw new Error(`Cannot go on: a process of the bench ended with exit code ${code}`);
        }),
      ])) as [Report];
      if (report.kind === kind) return report as Extract<Report, { kind: K }>;
    }
  } finally {
    ended.abort();
  }
}
