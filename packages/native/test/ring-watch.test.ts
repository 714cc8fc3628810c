import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { afterAll, expect, test } from "vitest";

import type { NativeCore, RingConsumer, RingProducer } from "../src/index.ts";
import { buildFolder } from "../src/place.ts";
import { Answering, RING_BYTES } from "./answering.ts";
import { Child, programPath, Programs } from "./child.ts";
import { describeNative, describePython, keeper } from "./core.ts";

const PLACE = { offset: 0, byteLength: 4096 };

/** Both sides of a ring in this process; the producer rings the doorbell. */
interface Ring {
  readonly producer: RingProducer;
  readonly consumer: RingConsumer;
  /** Hears what `rings` rings. */
  readonly doorbell: number;
  readonly rings: number;
  readonly words: Uint32Array;
}

function open(core: NativeCore, keep: <T extends Disposable>(thing: T) => T): Ring {
  const region = keep(core.createRegion(4096));
  region.createRing(0, 1024);
  const { hears, rings } = core.createDoorbellPair();
  for (const end of [hears, rings]) keep({ [Symbol.dispose]: () => core.closeDescriptor(end) });
  return {
    producer: keep(region.produce({ ...PLACE, doorbell: rings })),
    consumer: keep(region.consume(PLACE)),
    doorbell: hears,
    rings,
    words: new Uint32Array(region.view(0, 640)),
  };
}

/** Until the event loop has been around twice, with whatever was due. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
}

describeNative("ring watch", (core) => {
  const keep = keeper();
  const programs = new Programs();
  afterAll(() => programs[Symbol.asyncDispose]());
  const target = new Uint8Array(1024);

  test("a record that is there already is told, and one that comes to a sleeping loop too", async () => {
    const { producer, consumer, doorbell } = open(core, keep);
    producer.push(Uint8Array.of(1));
    const heard: number[] = [];
    let next: () => void = () => undefined;
    keep(
      core.watchRing({ consumer, doorbell }, () => {
        heard.push(consumer.take(target));
        next();
      }),
    );
    await new Promise<void>((resolve) => (next = resolve));
    await turns();
    producer.push(Uint8Array.of(1, 2));
    await new Promise<void>((resolve) => (next = resolve));
    expect(heard).toEqual([1, 2]);
  });

  test("what the listener leaves is told again", async () => {
    const { producer, consumer, doorbell } = open(core, keep);
    for (let index = 0; index < 20; index++) producer.push(Uint8Array.of(index));
    const heard: number[] = [];
    await new Promise<void>((resolve) => {
      keep(
        core.watchRing({ consumer, doorbell }, () => {
          consumer.pop(target);
          heard.push(target[0] ?? -1);
          if (heard.length === 20) resolve();
        }),
      );
    });
    expect(heard).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test("other events have their turn while the ring is never empty", async () => {
    const { producer, consumer, doorbell } = open(core, keep);
    producer.push(Uint8Array.of(1));
    const calls: number[] = [];
    const watch = keep(
      core.watchRing({ consumer, doorbell, spinMs: 0.05 }, () => {
        calls.push(consumer.nextLength() ?? 0);
        producer.push(Uint8Array.of(1));
        consumer.pop(target);
      }),
    );
    watch.expecting = true;
    const between: number[] = [];
    while (calls.length < 100) {
      const before = calls.length;
      await new Promise((resolve) => setImmediate(resolve));
      between.push(calls.length - before);
    }
    watch.close();
    expect(Math.max(...between)).toBe(8);
  });

  test("paused, it leaves records alone and does not ask to be rung; resumed, it tells them", async () => {
    const { producer, consumer, doorbell, words } = open(core, keep);
    let calls = 0;
    let called: () => void = () => undefined;
    const watch = keep(
      core.watchRing({ consumer, doorbell }, () => {
        calls += 1;
        consumer.take(target);
        called();
      }),
    );
    await turns();
    watch.pause();
    producer.push(Uint8Array.of(1));
    await turns();
    expect([calls, words[96]]).toEqual([0, 0]);
    const told = new Promise<void>((resolve) => (called = resolve));
    watch.resume();
    await told;
    expect(calls).toBe(1);
  });

  test.each([
    ["reading", false],
    ["paused", true],
  ])("room that was asked for is told while %s", async (_, paused) => {
    const { consumer, doorbell, rings } = open(core, keep);
    const { consumer: other, doorbell: near } = open(core, keep);
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    const producer = keep(region.produce(PLACE));
    const peer = keep(region.consume({ ...PLACE, doorbell: rings }));
    let room: () => void = () => undefined;
    const watch = keep(core.watchRing({ consumer, producer, doorbell }, () => room()));
    expect(watch.armRoom(60)).toBe(true);
    producer.push(new Uint8Array(60));
    expect(watch.armRoom(60)).toBe(false);
    if (paused) watch.pause();
    await turns();
    const told = new Promise<void>((resolve) => (room = resolve));
    peer.pop(target);
    await told;
    expect(watch.armRoom(60)).toBe(true);
    expect(() => watch.armRoom(61)).toThrow(
      expect.objectContaining({ code: "RING_RECORD_TOO_LARGE" }),
    );
    const alone = keep(core.watchRing({ consumer: other, doorbell: near }, () => undefined));
    expect(() => alone.armRoom(1)).toThrow(TypeError);
  });

  test("it may be closed in its listener, and calls nobody afterwards", async () => {
    const { producer, consumer, doorbell, rings } = open(core, keep);
    let calls = 0;
    producer.push(Uint8Array.of(1));
    await new Promise<void>((resolve) => {
      const watch = core.watchRing({ consumer, doorbell, spinMs: 0.05 }, () => {
        calls += 1;
        watch.close();
        watch.close();
        watch.expecting = true;
        resolve();
      });
    });
    core.ringDoorbell(rings);
    await turns();
    expect(calls).toBe(1);
  });

  test("a consumer that is closed while it is watched does no harm", async () => {
    const { producer, consumer, doorbell } = open(core, keep);
    let told: () => void = () => undefined;
    const watch = core.watchRing({ consumer, doorbell }, () => {
      watch.close();
      told();
    });
    consumer.close();
    const called = new Promise<void>((resolve) => (told = resolve));
    producer.push(Uint8Array.of(1));
    await called;
    expect(() => core.watchRing({ consumer, doorbell }, () => undefined)).toThrow(
      expect.objectContaining({ code: "NATIVE_CLOSED" }),
    );
  });

  test("a blocking wait for the same ring does not make the watch deaf", async () => {
    const { producer, consumer, doorbell } = open(core, keep);
    let told: () => void = () => undefined;
    keep(
      core.watchRing({ consumer, doorbell }, () => {
        consumer.take(target);
        told();
      }),
    );
    await turns();
    expect(consumer.wait({ timeoutMs: 1 })).toBe("timeout");
    await turns();
    const called = new Promise<void>((resolve) => (told = resolve));
    producer.push(Uint8Array.of(1));
    await called;
    expect(() => core.watchRing({ consumer, doorbell }, () => undefined)).toThrow(
      expect.objectContaining({ code: "NATIVE_CALL_FAILED", errno: "EBUSY" }),
    );
  });

  test("a broken ring is one call, whose read throws", async () => {
    const { consumer, doorbell, words } = open(core, keep);
    const thrown: unknown[] = [];
    words[32] = 4;
    await new Promise<void>((resolve) => {
      keep(
        core.watchRing({ consumer, doorbell }, () => {
          try {
            consumer.take(target);
          } catch (error) {
            thrown.push(error);
          }
          resolve();
        }),
      );
    });
    await turns();
    expect(thrown).toEqual([expect.objectContaining({ code: "RING_CORRUPT" })]);
  });

  test.each(["unref", "gone"])("%s, it does not keep its process alive", async (how) => {
    expect(await keep(new Child([...(await programs.node("watch")), how], [])).output()).toBe(
      "end",
    );
  });

  test("an error of the listener ends the process as any uncaught one", async () => {
    const addon = JSON.stringify(`${buildFolder()}amphis.node`);
    const program = `
      const core = require(${addon});
      process.on("uncaughtException", (error) => { console.log(error.message); process.exit(0); });
      const region = core.regionCreate(4096);
      core.ringCreate(region, 0, 4096, 1024);
      core.ringPush(core.ringAttach(region, 0, 4096, true, -1), new Uint8Array(1));
      const ring = core.ringAttach(region, 0, 4096, false, -1);
      const pair = new Int32Array(2);
      core.doorbellCreate(pair);
      core.ringWatchOpen(ring, pair[0], 0, new Int32Array(new ArrayBuffer(16)), () => {
        throw new Error("from the listener");
      });`;
    const child = keep(new Child([process.execPath, "-e", program], []));
    expect((await child.output()).trim()).toBe("from the listener");
  });

  test.each([
    ["open", ""],
    ["just closed", "core.ringWatchClose(watch);"],
  ])("a thread may end with a watch that is %s", async (_, last) => {
    const program = `
      const core = require(${JSON.stringify(`${buildFolder()}amphis.node`)});
      const region = core.regionCreate(4096);
      core.ringCreate(region, 0, 4096, 1024);
      const ring = core.ringAttach(region, 0, 4096, false, -1);
      const words = new Int32Array(new ArrayBuffer(16));
      const pair = new Int32Array(2);
      core.doorbellCreate(pair);
      const watch = core.ringWatchOpen(ring, pair[0], 0, words, () => undefined);
      require("worker_threads").parentPort.postMessage("open");
      setTimeout(() => { ${last} process.exit(7); }, 5);`;
    const worker = new Worker(program, { eval: true });
    await once(worker, "message");
    const [code] = (await once(worker, "exit")) as [number];
    expect(code).toBe(7);
  });
});

describePython("ring watch with Python", (core, python) => {
  const keep = keeper();
  const rounds = process.env["AMPHIS_LONG"] === "1" ? 2_000_000 : 5_000;

  test.each([
    ["both sides sleep", 0, 0, "never"],
    ["the loop looks first", 0.05, 0, "always"],
    ["both look first", 0.05, 0.05, "always"],
    ["answers are expected now and then, between timers and immediates", 0.05, 0.05, "sometimes"],
  ] as const)("every answer is told when %s", { timeout: 600_000 }, async (...row) => {
    const [, spinMs, peerSpinMs, expects] = row;
    const command = [python, programPath("answer.py"), String(RING_BYTES)];
    const peer = keep(new Answering(core, [...command, String(peerSpinMs * 1e6)]));
    const { producer, consumer, doorbell } = peer;
    const target = new Uint8Array(1024);
    let answered: () => void = () => undefined;
    const watch = keep(
      core.watchRing({ consumer, doorbell, spinMs }, () => {
        if (consumer.take(target) > 0) answered();
      }),
    );
    for (let index = 0; index < rounds; index++) {
      const record = Uint8Array.of(index % 256, (index >> 8) % 256);
      const told = new Promise<void>((resolve) => (answered = resolve));
      watch.expecting = expects === "always" || (expects === "sometimes" && index % 3 === 0);
      producer.push(record);
      if (expects === "sometimes") await another(index);
      await told;
      expect([target[0], target[1]]).toEqual([record[0], record[1]]);
    }
    watch.close();
    await peer.end();
  });
});

/** Another turn of the event loop, or none. */
function another(index: number): Promise<unknown> {
  if (index % 7 === 0) return new Promise((resolve) => setImmediate(resolve));
  if (index % 97 === 0) return new Promise((resolve) => setTimeout(resolve, 1));
  return Promise.resolve();
}
