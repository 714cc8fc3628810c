import { afterAll, expect, test } from "vitest";

import type { NativeCore, Region, RingProducer } from "../src/index.ts";
import { Child, programPath, Programs } from "./child.ts";
import { describeNative, describePython, keeper } from "./core.ts";

const BYTES = 640 + 65_536;
const ECHO_BYTES = 4096;

function openRing(core: NativeCore): Region {
  const region = core.createRegion(BYTES);
  region.createRing(0, 65_536);
  return region;
}

/** Numbered records of 5 to 104 bytes, whose last byte tells their length; then an empty one. */
function produce(region: Region, count: number, spinMs: number): void {
  const ring = region.produce({ offset: 0, byteLength: BYTES });
  const records = Array.from({ length: 100 }, (_, index) => new Uint8Array(index + 5));
  const views = records.map((record) => new DataView(record.buffer));
  for (let index = 0; index < count; index++) {
    const which = (index * 7) % 100;
    const record = records[which] ?? new Uint8Array();
    views[which]?.setUint32(0, index, true);
    record[record.length - 1] = record.length % 256;
    while (!ring.push(record)) awaitRoom(ring, record.length, spinMs);
  }
  const end = new Uint8Array();
  while (!ring.push(end)) awaitRoom(ring, 0, spinMs);
}

/** A blocked thread is beyond the watchdog of the test runner, so it has its own. */
function awaitRoom(ring: RingProducer, byteLength: number, spinMs: number): void {
  if (ring.wait(byteLength, { spinMs, timeoutMs: 20_000 }) !== "ready") {
    throw new Error("The consumer takes nothing any more, or nobody woke this side");
  }
}

describeNative("ring between processes", (core) => {
  const keep = keeper();
  const programs = new Programs();
  afterAll(() => programs[Symbol.asyncDispose]());

  test.each([
    ["that sleep", 0],
    ["that spin first", 0.02],
  ])("1,000,000 records go from Node to Node in order through sides %s", async (_, spinMs) => {
    const region = keep(openRing(core));
    const command = [...(await programs.node("consume")), String(BYTES), String(spinMs)];
    const child = keep(new Child(command, [region.descriptor]));
    produce(region, 1_000_000, spinMs);
    expect(await child.output()).toBe("1000000");
  });
});

describePython("ring between Node and Python", (core, python) => {
  const keep = keeper();

  test.each([
    ["the extension", "core", 1_000_000],
    ["Python alone", "plain", 50_000],
  ])("records go to %s in order", async (_, kind, count) => {
    const region = keep(openRing(core));
    const command = [python, programPath("consume.py"), String(BYTES), kind];
    const child = keep(new Child(command, [region.descriptor]));
    produce(region, count, 0);
    expect(await child.output()).toBe(String(count));
  });

  test("answers of Python wake the event loop of a consumer that sleeps there", async () => {
    const region = keep(core.createRegion(2 * ECHO_BYTES));
    region.createRing(0, 1024);
    region.createRing(ECHO_BYTES, 1024);
    const producer = keep(region.produce({ offset: 0, byteLength: ECHO_BYTES }));
    const consumer = keep(region.consume({ offset: ECHO_BYTES, byteLength: ECHO_BYTES }));
    const target = new Uint8Array(64);
    const heard: number[] = [];
    let next: () => void = () => undefined;
    const bell = keep(core.openDoorbell(() => next()));
    const descriptors = [region.descriptor, bell.descriptor];
    const command = [python, programPath("echo.py"), String(ECHO_BYTES), "0"];
    const child = keep(new Child(command, descriptors));
    for (let index = 0; index < 2_000; index++) {
      producer.push(Uint8Array.of(index % 256));
      while (consumer.pop(target) === undefined) {
        const rung = new Promise<void>((resolve) => {
          next = resolve;
        });
        if (!consumer.arm()) await rung;
      }
      heard.push(target[0] ?? -1);
    }
    producer.push(new Uint8Array());
    await child.output();
    expect(heard).toEqual(Array.from({ length: 2_000 }, (_, index) => index % 256));
  });
});
