import fc from "fast-check";
import { expect, test } from "vitest";

import type { NativeCore, RingConsumer, RingProducer } from "../src/index.ts";
import { describeNative, keeper } from "./core.ts";

const PLACE = { offset: 0, byteLength: 640 + 128 };

describeNative("take", (core) => {
  const keep = keeper();

  test("any records come out as one stream of bytes, whatever the target's size", () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 40, max: 90 }), (lengths, room) => {
        const { producer, consumer, close } = open(core);
        const sent: number[] = [];
        const got: number[] = [];
        const target = new Uint8Array(room);
        for (const length of lengths) {
          const record = Uint8Array.from({ length }, (_, index) => (sent.length + index) % 251);
          while (!producer.push(record)) got.push(...taken(consumer, target));
          sent.push(...record);
        }
        for (let bytes = taken(consumer, target); bytes.length > 0;) {
          got.push(...bytes);
          bytes = taken(consumer, target);
        }
        expect(got).toEqual(sent);
        close();
      }),
    );
  });

  test("it stops before a record that does not fit and leaves it whole", () => {
    const { producer, consumer } = open(core, keep);
    for (const length of [5, 6, 7]) producer.push(new Uint8Array(length).fill(length));
    const target = new Uint8Array(17);
    expect(consumer.take(target)).toBe(11);
    expect([...target]).toEqual([5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 0, 0, 0, 0, 0, 0]);
    expect(consumer.nextLength()).toBe(7);
    expect(consumer.take(target)).toBe(7);
  });

  test("it begins where it is told to, and keeps what lies before", () => {
    const { producer, consumer } = open(core, keep);
    for (const length of [2, 3]) producer.push(new Uint8Array(length).fill(length));
    const target = new Uint8Array(6).fill(9);
    expect(consumer.take(target, 3)).toBe(2);
    expect([...target]).toEqual([9, 9, 9, 2, 2, 9]);
    expect(() => consumer.take(target, 4)).toThrow(
      expect.objectContaining({ context: { actual: 3, limit: 2 } }),
    );
    expect(() => consumer.take(target, 7)).toThrow(RangeError);
    expect(consumer.take(target, 0)).toBe(3);
  });

  test("a receive waits, and then takes all that is there", () => {
    const { producer, consumer } = open(core, keep);
    const target = new Uint8Array(8);
    expect(consumer.receive(target, 0, { timeoutMs: 1 })).toBe("timeout");
    for (const length of [2, 3]) producer.push(new Uint8Array(length).fill(length));
    expect(consumer.receive(target, 1)).toBe(5);
    expect([...target]).toEqual([0, 2, 2, 3, 3, 3, 0, 0]);
  });

  test("a receive leaves an empty record, and one that does not fit, to whoever asks for it", () => {
    const { producer, consumer } = open(core, keep);
    producer.push(new Uint8Array());
    producer.push(new Uint8Array(9));
    const target = new Uint8Array(8);
    expect([consumer.receive(target, 0), consumer.nextLength()]).toEqual([0, 0]);
    consumer.pop(target);
    expect([consumer.receive(target, 0), consumer.nextLength()]).toEqual([0, 9]);
  });

  test("an empty record stops it, shows as the next length, and is taken by pop", () => {
    const { producer, consumer } = open(core, keep);
    producer.push(Uint8Array.of(1, 2));
    producer.push(new Uint8Array());
    producer.push(Uint8Array.of(3));
    const target = new Uint8Array(16);
    expect(consumer.take(target)).toBe(2);
    expect([consumer.take(target), consumer.nextLength()]).toEqual([0, 0]);
    expect(consumer.pop(target)).toBe(0);
    expect(consumer.take(target)).toBe(1);
    expect([consumer.take(target), consumer.nextLength()]).toEqual([0, undefined]);
  });

  test("a first record longer than the target is refused and stays", () => {
    const { producer, consumer } = open(core, keep);
    producer.push(new Uint8Array(9).fill(4));
    expect(() => consumer.take(new Uint8Array(8))).toThrow(
      expect.objectContaining({ code: "RING_RECORD_TOO_LARGE", actual: 9, limit: 8 }),
    );
    expect(consumer.take(new Uint8Array(9))).toBe(9);
  });

  test("records before a corrupt one are still given, and the next call says what is wrong", () => {
    const { producer, consumer, words } = open(core, keep);
    producer.push(Uint8Array.of(8, 8, 8, 8));
    producer.push(Uint8Array.of(9));
    words[162] = 0xffff;
    expect(consumer.take(new Uint8Array(16))).toBe(4);
    expect(() => consumer.take(new Uint8Array(16))).toThrow(
      expect.objectContaining({ code: "RING_CORRUPT" }),
    );
  });

  test("a producer that waits for room is woken once for all that was taken", async () => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    let heard = 0;
    let ring: () => void = () => undefined;
    const rung = new Promise<void>((resolve) => {
      ring = resolve;
    });
    const bell = keep(
      core.openDoorbell(() => {
        heard += 1;
        ring();
      }),
    );
    const producer = keep(region.produce(PLACE));
    const consumer = keep(region.consume({ ...PLACE, doorbell: bell.descriptor }));
    while (producer.push(Uint8Array.of(7, 7)));
    expect(producer.arm(60)).toBe(false);
    expect(consumer.take(new Uint8Array(64))).toBe(16);
    await rung;
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toBe(1);
    expect(producer.push(new Uint8Array(60))).toBe(true);
  });
});

interface Opened {
  readonly producer: RingProducer;
  readonly consumer: RingConsumer;
  readonly words: Uint32Array;
  readonly close: () => void;
}

function open(core: NativeCore, keep?: <T extends Disposable>(thing: T) => T): Opened {
  const region = core.createRegion(4096);
  region.createRing(0, 128);
  const [producer, consumer] = [region.produce(PLACE), region.consume(PLACE)];
  const words = new Uint32Array(region.view(0, 4096));
  for (const thing of [region, producer, consumer]) keep?.(thing);
  return {
    producer,
    consumer,
    words,
    close: () => {
      for (const thing of [producer, consumer, region]) thing.close();
    },
  };
}

function taken(consumer: RingConsumer, target: Uint8Array): number[] {
  return [...target.subarray(0, consumer.take(target))];
}
