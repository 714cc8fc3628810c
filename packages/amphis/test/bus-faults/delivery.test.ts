import { afterEach, expect, it } from "vitest";

import { Child } from "./child.ts";
import {
  check,
  type Delivery,
  type Publication,
  type Subscriber,
  type Verdict,
} from "./history.ts";
import { usePrograms } from "./programs.ts";
import { clear, folder } from "./stage.ts";

const programs = usePrograms("member");

afterEach(clear);

const TOPICS = ["prices.eu.gold", "prices.us.gold", "prices.eu.silver", "news"];
const RECONNECT = { backoff: { initialMs: 1, maxMs: 20 } };

type Wants = Subscriber["wants"];
const PRICES: Wants = ({ topic }) => topic.startsWith("prices.");

/** Who listens, in which process: plain, sharing with others, and filtered. */
const SUBSCRIBERS = [
  { name: "all", process: 0, pattern: "#", wants: () => true },
  {
    name: "gold",
    process: 1,
    pattern: "prices.*.gold",
    wants: ({ topic }) => topic.endsWith("gold"),
  },
  {
    name: "even",
    process: 2,
    pattern: "prices.#",
    options: { filter: { "payload.even": true } },
    wants: (event) => PRICES(event) && event.number % 2 === 0,
  },
  ...[0, 1, 2].map((process) => ({
    name: `shared ${process}`,
    process,
    pattern: "prices.#",
    group: "shared",
    options: { group: "shared" },
    wants: PRICES,
  })),
  ...[0, 1].map((process) => ({
    name: `half ${process}`,
    process,
    pattern: "#",
    group: "half",
    options: { group: "half", filter: { "payload.even": false } },
    wants: ({ number }: { readonly number: number }) => number % 2 === 1,
  })),
] satisfies readonly (Subscriber & Record<string, unknown>)[];

interface Stage {
  readonly address: string;
  readonly publishers: readonly Child[];
  readonly subscribers: readonly Child[];
}

async function startHub(address: string): Promise<Child> {
  const hub = Child.fork(programs.member);
  await hub.ask({ act: "open", options: { listen: address, name: "hub" } });
  return hub;
}

async function startMember(address: string, name: string): Promise<Child> {
  const member = Child.fork(programs.member);
  await member.ask({ act: "open", options: { join: address, name, reconnect: RECONNECT } });
  return member;
}

async function startAll(address: string): Promise<Stage> {
  const start = async (name: string): Promise<Child> => startMember(address, name);
  const subscribers = await Promise.all(["s0", "s1", "s2"].map(start));
  const publishers = await Promise.all(["p0", "p1", "p2"].map(start));
  for (const { name, process, pattern, options } of SUBSCRIBERS.map(whole)) {
    await subscribers[process]?.ask({ act: "subscribe", pattern, options, record: name });
  }
  return { address, publishers, subscribers };
}

function whole(subscriber: (typeof SUBSCRIBERS)[number]): {
  readonly name: string;
  readonly process: number;
  readonly pattern: string;
  readonly options: object;
} {
  const { name, process, pattern } = subscriber;
  return { name, process, pattern, options: "options" in subscriber ? subscriber.options : {} };
}

async function collect(stage: Stage): Promise<Verdict> {
  const publications = await Promise.all(
    stage.publishers.map(async (each) => each.ask({ act: "published" })),
  );
  const deliveries = await Promise.all(
    stage.subscribers.map(async (each) => each.ask({ act: "delivered" })),
  );
  return check({
    publications: publications.flat() as Publication[],
    deliveries: deliveries.flat() as Delivery[],
    subscribers: SUBSCRIBERS,
  });
}

/** Publishes while nothing goes wrong, and waits until as much was delivered as has to be. */
async function calm(stage: Stage, count: number): Promise<void> {
  const before = await tally(stage);
  const sent = await Promise.all(
    stage.publishers.map(async (each) =>
      each.ask({ act: "publish", topics: TOPICS, count, phase: "calm" }),
    ),
  );
  let due = 0;
  for (const { from, accepted } of sent) {
    expect(accepted).toBe(count);
    for (let number = from; number < from + count; number += 1) due += audiencesOf(number);
  }
  await expect.poll(async () => tally(stage)).toBe(before + due);
}

/** How many want the event of this number: those that share count as one. */
function audiencesOf(number: number): number {
  const event = { sender: "", topic: TOPICS[number % TOPICS.length] ?? "", number };
  const wanting = SUBSCRIBERS.filter(({ wants }) => (wants as Wants)(event));
  return new Set(wanting.map((each) => ("group" in each ? each.group : each.name))).size;
}

async function tally({ subscribers }: Stage, phase = "calm"): Promise<number> {
  const counts = await Promise.all(
    subscribers.map(async (each) => each.ask({ act: "tally", phase })),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function whilePublishing(
  stage: Stage,
  phase: string,
  fault: () => Promise<void>,
): Promise<void> {
  const { publishers, subscribers } = stage;
  await Promise.all(
    publishers.map(async (each) => each.ask({ act: "publish-on", topics: TOPICS, phase })),
  );
  await expect.poll(async () => tally(stage, phase)).toBeGreaterThan(500);
  await fault();
  await Promise.all(
    [...publishers, ...subscribers].map(async (each) => each.ask({ act: "await-open" })),
  );
  const before = await tally(stage, phase);
  await expect.poll(async () => tally(stage, phase)).toBeGreaterThan(before + 500);
  await Promise.all(publishers.map(async (each) => each.ask({ act: "publish-stop" })));
}

it("everything that was accepted is delivered as promised when all drain, the publishers first", async () => {
  const address = `unix:${folder()}/hub.sock`;
  const hub = await startHub(address);
  const stage = await startAll(address);
  await Promise.all(
    stage.publishers.map(async (each) => {
      await each.ask({ act: "publish", topics: TOPICS, count: 5_000, phase: "calm" });
      await each.ask({ act: "drain" });
    }),
  );
  await hub.ask({ act: "drain" });
  await Promise.all(stage.subscribers.map(async (each) => each.ask({ act: "drain" })));
  const { problems, missing, delivered } = await collect(stage);
  expect(problems.slice(0, 10)).toEqual([]);
  expect(missing).toBe(0);
  // 3 publishers, 5,000 each: 4 audiences of topics with their shares.
  expect(delivered).toBe(3 * 5_000 * (1 + 0.5 + 0.5 + 0.75 + 0.5));
});

it("only messages around a loss are missing, and all else is as promised, when the hub is drained and killed", async () => {
  const address = `unix:${folder()}/hub.sock`;
  let hub = await startHub(address);
  const stage = await startAll(address);
  const faults: Readonly<Record<string, () => Promise<void>>> = {
    drain: async () => {
      await hub.ask({ act: "drain" });
      await hub.kill();
    },
    kill: async () => hub.kill(),
  };
  for (const [round, fault] of ["drain", "kill", "drain", "kill"].entries()) {
    await calm(stage, 1_000);
    await whilePublishing(stage, `${fault} ${round}`, async () => {
      await faults[fault]?.();
      hub = await startHub(address);
    });
  }
  await calm(stage, 1_000);
  const { problems, missing, delivered, accepted, refused } = await collect(stage);
  console.log(
    `3 publishers, 8 subscriptions, hub drained twice and killed twice: ${accepted} events accepted, ${refused} refused, ${delivered} deliveries, ${missing} missing around the losses, ${problems.length} problems`,
  );
  expect(problems.slice(0, 10)).toEqual([]);
  expect(delivered).toBeGreaterThan(5 * 3 * 1_000 * 3);
});
