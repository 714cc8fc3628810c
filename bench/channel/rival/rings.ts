import type { ChildProcess } from "node:child_process";

import {
  loadNative,
  type NativeCore,
  type RingConsumer,
  type RingProducer,
  type RingWatch,
} from "@amphis/native";
import { Packr } from "msgpackr";

import { startPython, stopPython } from "./python.ts";
import { MESSAGE_BYTES, pipelined, type Rival, timed } from "./rival.ts";

const CAPACITY = 0x1_0000;
const RING_BYTES = CAPACITY + 640;
const FOREVER_MS = 10_000;

const native = loadNative();
if (native.kind === "unavailable") throw new Error(`Cannot measure rings: ${native.reason}`);
const { core }: { core: NativeCore } = native;

export interface RingOptions {
  /** Looks at the ring for so long before it sleeps. */
  readonly spinUs: number;
  /** The same for the Python side. @default spinUs */
  readonly peerSpinUs?: number;
  readonly codec?: "bytes" | "msgpack";
}

interface Rings {
  readonly producer: RingProducer;
  readonly consumer: RingConsumer;
  readonly doorbell: number;
  readonly liveness: number;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

function open({ spinUs, peerSpinUs = spinUs, codec = "bytes" }: RingOptions): Rings {
  const region = core.createRegion(2 * RING_BYTES);
  region.createRing(0, CAPACITY);
  region.createRing(RING_BYTES, CAPACITY);
  const { hears: doorbell, rings: theirs } = core.createDoorbellPair();
  const [near, far] = core.socketPair();
  const args = ["ring", RING_BYTES, peerSpinUs, codec];
  const descriptors = [region.descriptor, theirs, far];
  const child = startPython(args, ["ignore", "inherit", "inherit", ...descriptors]);
  for (const sent of [theirs, far]) core.closeDescriptor(sent);
  const producer = region.produce({ offset: 0, byteLength: RING_BYTES });
  const consumer = region.consume({ offset: RING_BYTES, byteLength: RING_BYTES });
  return {
    producer,
    consumer,
    doorbell,
    liveness: near,
    child,
    stop: async () => {
      producer.push(new Uint8Array(0));
      await stopPython(child);
      producer.close();
      consumer.close();
      region.close();
      core.closeDescriptor(doorbell);
      core.closeDescriptor(near);
    },
  };
}

/** Blocks for each answer. @param thinkUs this side works so long before each request, so that the other has gone to sleep */
export async function synchronous(options: RingOptions, thinkUs = 0): Promise<Rival> {
  const { producer, consumer, liveness, child, stop } = open(options);
  const message = new Uint8Array(MESSAGE_BYTES).fill(7);
  const target = new Uint8Array(MESSAGE_BYTES);
  const wait = { spinMs: options.spinUs / 1_000, timeoutMs: FOREVER_MS, liveness };
  const request = (): void => {
    const length = core.exchange(producer, consumer, message, target, wait);
    if (length !== MESSAGE_BYTES) throw new Error(`Cannot go on: ${String(length)}`);
  };
  request();
  return {
    pid: child.pid ?? 0,
    stop,
    roundTrips: async (count) => {
      const samples = new Float64Array(count);
      for (let at = 0; at < count; at += 1) {
        const ready = performance.now() + thinkUs / 1_000;
        while (performance.now() < ready);
        const start = process.hrtime.bigint();
        request();
        samples[at] = Number(process.hrtime.bigint() - start);
      }
      return samples;
    },
  };
}

/** Hears answers on the event loop. */
export async function asynchronous(options: RingOptions): Promise<Rival> {
  const { producer, consumer, doorbell, child, stop } = open(options);
  const message = new Uint8Array(MESSAGE_BYTES).fill(7);
  const target = new Uint8Array(CAPACITY);
  const waiting: (() => void)[] = [];
  const answer = takerOf(options, consumer, target, waiting);
  const spinMs = options.spinUs / 1_000;
  const watch: RingWatch = core.watchRing({ consumer, doorbell, spinMs }, answer);
  const packr = new Packr({ useRecords: false });
  let last = 0;
  const encode = (): Uint8Array => {
    if (options.codec !== "msgpack") return message;
    last += 1;
    return packr.pack([last, { name: "norm", values: [3, 4.5], ord: 2 }]);
  };
  const send = (answered: () => void): void => {
    waiting.push(answered);
    if (!producer.push(encode())) throw new Error("Cannot go on: the ring is full");
    watch.expecting = true;
  };
  return {
    pid: child.pid ?? 0,
    roundTrips: (count) => timed(count, () => new Promise(send)),
    perSecond: (count, inFlight) => pipelined(count, inFlight, send),
    stop: async () => {
      watch.close();
      await stop();
    },
  };
}

/** Answers come in order, so that each belongs to the oldest request. */
function takerOf(
  { codec }: RingOptions,
  consumer: RingConsumer,
  target: Uint8Array,
  waiting: (() => void)[],
): () => void {
  const packr = new Packr({ useRecords: false });
  let oldest = 0;
  const settle = (): void => {
    const answered = waiting[oldest];
    oldest += 1;
    if (oldest === waiting.length || oldest === 1_024) {
      waiting.splice(0, oldest);
      oldest = 0;
    }
    answered?.();
  };
  if (codec === "msgpack") {
    return () => {
      for (let length = consumer.pop(target); length !== undefined; length = consumer.pop(target)) {
        packr.unpack(target.subarray(0, length));
        settle();
      }
    };
  }
  return () => {
    for (let bytes = consumer.take(target); bytes > 0; bytes = consumer.take(target)) {
      for (let at = 0; at < bytes; at += MESSAGE_BYTES) settle();
    }
  };
}
