import fc from "fast-check";
import { expect, test } from "vitest";

import { describeNative, keeper } from "./core.ts";

const HEADER = 640;

type Act =
  | { readonly kind: "push"; readonly length: number; readonly fill: number }
  | { readonly kind: "pop" }
  | { readonly kind: "reopen" };

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("push" as const),
        length: fc.nat(80),
        fill: fc.nat(255),
      }),
    },
    { weight: 5, arbitrary: fc.constant({ kind: "pop" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
  ),
  { maxLength: 200 },
);

const room = (length: number): number => Math.ceil((4 + length) / 8) * 8;

describeNative("ring", (core) => {
  const keep = keeper();

  test("any pushes and pops give what a queue of that many bytes gives", () => {
    const region = keep(core.createRegion(4096));
    const place = { offset: 0, byteLength: HEADER + 128 };
    fc.assert(
      fc.property(acts, (acts) => {
        region.createRing(0, 128);
        let producer = region.produce(place);
        let consumer = region.consume(place);
        const queue: Uint8Array[] = [];
        const target = new Uint8Array(80);
        for (const act of acts) {
          if (act.kind === "push") {
            const record = new Uint8Array(act.length).fill(act.fill);
            const used = queue.reduce((sum, { length }) => sum + room(length), 0);
            const fits = used + room(record.length) <= 128;
            expect(producer.push(record)).toBe(fits);
            if (fits) queue.push(record);
          } else if (act.kind === "pop") {
            const length = consumer.pop(target);
            expect(length === undefined ? undefined : target.slice(0, length)).toEqual(
              queue.shift(),
            );
          } else {
            producer.close();
            consumer.close();
            producer = region.produce(place);
            consumer = region.consume(place);
          }
        }
        producer.close();
        consumer.close();
      }),
    );
  });

  test("positions run over 2^32 unharmed", () => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    const words = new Uint32Array(region.view(0, HEADER));
    words[32] = 0xffff_fff0;
    words[64] = 0xffff_fff0;
    const place = { offset: 0, byteLength: 4096 };
    const [producer, consumer] = [keep(region.produce(place)), keep(region.consume(place))];
    const target = new Uint8Array(16);
    for (let index = 0; index < 8; index++) {
      expect(producer.push(Uint8Array.of(index, 1, 2, 3, 4))).toBe(true);
      expect([consumer.pop(target), target[0]]).toEqual([5, index]);
    }
    expect(words[32]).toBe(0x70);
  });

  test("a record that fills the ring goes through, and a longer one is refused", () => {
    const region = keep(core.createRegion(4096));
    region.createRing(128, 64);
    const place = { offset: 128, byteLength: HEADER + 64 };
    const [producer, consumer] = [keep(region.produce(place)), keep(region.consume(place))];
    expect(producer.longestRecord).toBe(60);
    expect(producer.push(new Uint8Array(60).fill(3))).toBe(true);
    expect(producer.push(new Uint8Array(0))).toBe(false);
    expect(consumer.nextLength()).toBe(60);
    expect(() => consumer.pop(new Uint8Array(59))).toThrow(
      expect.objectContaining({ code: "RING_RECORD_TOO_LARGE", actual: 60, limit: 59 }),
    );
    const target = new Uint8Array(60);
    expect(consumer.pop(target)).toBe(60);
    expect(target).toEqual(new Uint8Array(60).fill(3));
    expect(() => producer.push(new Uint8Array(61))).toThrow(
      expect.objectContaining({ code: "RING_RECORD_TOO_LARGE", actual: 61, limit: 60 }),
    );
  });

  test("a wait ends without a record after its timeout, and at once with one", () => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    const place = { offset: 0, byteLength: 4096 };
    const [producer, consumer] = [keep(region.produce(place)), keep(region.consume(place))];
    expect(consumer.wait({ timeoutMs: 2, spinMs: 1 })).toBe("timeout");
    expect(producer.wait(60, { timeoutMs: 0 })).toBe("ready");
    producer.push(new Uint8Array(30));
    expect(consumer.wait()).toBe("ready");
    expect(producer.wait(60, { timeoutMs: 2 })).toBe("timeout");
    expect(() => producer.wait(61)).toThrow(
      expect.objectContaining({ code: "RING_RECORD_TOO_LARGE" }),
    );
  });

  test("an armed consumer's doorbell rings at the next record, and only once", async () => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 1024);
    let heard = 0;
    const rings: (() => void)[] = [];
    const bell = keep(
      core.openDoorbell(() => {
        heard += 1;
        rings.shift()?.();
      }),
    );
    const producer = keep(
      region.produce({ offset: 0, byteLength: 4096, doorbell: bell.descriptor }),
    );
    const consumer = keep(region.consume({ offset: 0, byteLength: 4096 }));
    producer.push(Uint8Array.of(1));
    expect(consumer.arm()).toBe(true);
    expect(consumer.pop(new Uint8Array(8))).toBe(1);
    expect(consumer.arm()).toBe(false);
    const rung = new Promise<void>((resolve) => rings.push(resolve));
    producer.push(Uint8Array.of(2));
    producer.push(Uint8Array.of(3));
    await rung;
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toBe(1);
  });

  test("an armed producer's doorbell rings when a record was taken", async () => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    let ring: () => void = () => undefined;
    const rung = new Promise<void>((resolve) => {
      ring = resolve;
    });
    const bell = keep(core.openDoorbell(ring));
    const producer = keep(region.produce({ offset: 0, byteLength: 4096 }));
    const consumer = keep(
      region.consume({ offset: 0, byteLength: 4096, doorbell: bell.descriptor }),
    );
    expect(producer.arm(60)).toBe(true);
    producer.push(new Uint8Array(60));
    expect(producer.arm(1)).toBe(false);
    consumer.pop(new Uint8Array(60));
    await rung;
    expect(producer.push(new Uint8Array(1))).toBe(true);
  });

  test.each([
    ["no magic", 0, 0],
    ["another version", 1, 2],
    ["a capacity beyond the memory", 2, 8192],
    ["a capacity that is no power of two", 2, 96],
    ["an own position that is not aligned", 32, 4],
    ["a peer's position further than the ring", 64, 1024],
  ])("memory with %s is no ring", (_, word, value) => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    new Uint32Array(region.view(0, HEADER))[word] = value;
    expect(() => region.produce({ offset: 0, byteLength: 4096 })).toThrow(
      expect.objectContaining({ code: "RING_CORRUPT" }),
    );
  });

  test.each([
    ["position that is not aligned", 32, 12],
    ["position further than the ring", 32, 72],
    ["length beyond what was published", 160, 13],
    ["length of 4 GiB", 160, 0xffff_ffff],
  ])("a %s stops the consumer", (_, word, value) => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    const words = new Uint32Array(region.view(0, 4096));
    const consumer = keep(region.consume({ offset: 0, byteLength: 4096 }));
    words[32] = 16;
    words[word] = value;
    const corrupt = expect.objectContaining({ code: "RING_CORRUPT" });
    expect(() => consumer.pop(new Uint8Array(64))).toThrow(corrupt);
    expect(() => consumer.nextLength()).toThrow(corrupt);
  });

  test("rings outlast the handle of their region and not their own", () => {
    const region = core.createRegion(4096);
    region.createRing(0, 64);
    const producer = region.produce({ offset: 0, byteLength: 4096 });
    region.close();
    expect(producer.push(Uint8Array.of(1))).toBe(true);
    producer.close();
    producer.close();
    expect(() => producer.push(Uint8Array.of(1))).toThrow(
      expect.objectContaining({ code: "NATIVE_CLOSED" }),
    );
  });

  test("a ring is laid only where it fits", () => {
    const region = keep(core.createRegion(4096));
    for (const [offset, capacity] of [
      [0, 4096],
      [64, 64],
      [0, 100],
      [0, 32],
    ] as const) {
      expect(() => region.createRing(offset, capacity)).toThrow(RangeError);
    }
  });
});
