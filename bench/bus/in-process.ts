import { EventEmitter } from "node:events";

import { openBus } from "amphis/bus";

export interface InProcess {
  readonly name: string;
  readonly perSecond: number;
}

const ROUNDS = 9;
const BATCH = 1_000;
const ROUND_MS = 60;
const READING = { id: 17, name: "sensor-17", value: 20.5, ok: true };

interface Case {
  readonly name: string;
  /** Does so many, and resolves when all have arrived. */
  run(count: number): Promise<void>;
}

/** Every case in turn, round after round; medians. */
export async function measureInProcess(): Promise<InProcess[]> {
  const cases = [
    emitterCase(),
    await publishCase("publish, 1 subscription", 1, 1),
    await publishCase("publish to 10 topics, 10 subscriptions", 10, 10),
    await publishCase("publish to 10 topics, 1,000 subscriptions", 1_000, 10),
    await publishCase("publish to 10 topics, 100,000 subscriptions", 100_000, 10),
    await publishCase("publish to 100,000 topics in turn, 100,000 subscriptions", 100_000, 100_000),
    await requestCase("request, 1 endpoint", 1),
    await requestCase("request, 100 endpoints", 100),
  ];
  const samples = cases.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, each] of cases.entries()) {
      const perSecond = await rate(each);
      if (round > 0) samples[index]?.push(perSecond);
    }
  }
  return cases.map(({ name }, index) => {
    const sorted = (samples[index] ?? []).sort((a, b) => a - b);
    return { name, perSecond: sorted[sorted.length >> 1] ?? Number.NaN };
  });
}

async function rate(each: Case): Promise<number> {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < ROUND_MS) {
    await each.run(BATCH);
    done += BATCH;
  }
  return (1_000 * done) / (performance.now() - start);
}

function emitterCase(): Case {
  const emitter = new EventEmitter();
  let received = 0;
  emitter.on("readings.one", () => {
    received += 1;
  });
  return {
    name: "EventEmitter.emit",
    async run(count) {
      for (let i = 0; i < count; i += 1) emitter.emit("readings.one", READING);
    },
  };
}

/** So many subscriptions of which each message reaches one: each has a topic of its own, and a third of them a wildcard. */
async function publishCase(name: string, subscriptions: number, topics: number): Promise<Case> {
  const bus = await openBus();
  let received = 0;
  let expected = Infinity;
  let arrived: () => void = () => undefined;
  const handler = (): void => {
    received += 1;
    if (received === expected) arrived();
  };
  for (let i = 0; i < subscriptions; i += 1) {
    const pattern = i % 3 === 1 ? `plant.${i}.*` : `plant.${i}.reading`;
    await bus.subscribe(pattern, handler);
  }
  let turn = 0;
  return {
    name,
    async run(count) {
      const all = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      expected = received + count;
      for (let i = 0; i < count; i += 1) {
        // Jumps about, as topics of a running program do.
        turn = (turn + 7_919) % topics;
        void bus.publish(`plant.${turn}.reading`, READING);
      }
      await all;
    },
  };
}

async function requestCase(name: string, endpoints: number): Promise<Case> {
  const bus = await openBus();
  for (let i = 0; i < endpoints; i += 1) await bus.register(`plant.${i}`, (reading) => reading);
  let turn = 0;
  return {
    name,
    async run(count) {
      const answers: Promise<unknown>[] = [];
      for (let i = 0; i < count; i += 1) {
        turn = (turn + 7_919) % endpoints;
        answers.push(bus.request(`plant.${turn}`, READING));
      }
      await Promise.all(answers);
    },
  };
}
