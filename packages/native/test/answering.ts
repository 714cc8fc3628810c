import type { NativeCore, Region, RingConsumer, RingProducer } from "../src/index.ts";
import { Child } from "./child.ts";

const CAPACITY = 4096;
/** Bytes of each of the two rings. */
export const RING_BYTES = 640 + CAPACITY;

/** Two rings to a child process that answers, and what notices its end. */
export class Answering implements Disposable {
  readonly region: Region;
  readonly producer: RingProducer;
  readonly consumer: RingConsumer;
  /** Hears when the child rings. */
  readonly doorbell: number;
  /** A socket whose other end only the child has. */
  readonly liveness: number;
  readonly child: Child;
  readonly #close: () => void;

  /** @param command gets the memory at 3, the doorbell at 4 and its end of the socket at 5 */
  constructor(core: NativeCore, command: readonly string[]) {
    this.region = core.createRegion(2 * RING_BYTES);
    this.region.createRing(0, CAPACITY);
    this.region.createRing(RING_BYTES, CAPACITY);
    this.producer = this.region.produce({ offset: 0, byteLength: RING_BYTES });
    this.consumer = this.region.consume({ offset: RING_BYTES, byteLength: RING_BYTES });
    const { hears, rings } = core.createDoorbellPair();
    this.doorbell = hears;
    const [near, far] = core.socketPair();
    this.liveness = near;
    this.child = new Child(command, [this.region.descriptor, rings, far]);
    for (const given of [rings, far]) core.closeDescriptor(given);
    this.#close = () => {
      for (const descriptor of [near, this.doorbell]) core.closeDescriptor(descriptor);
    };
  }

  /** Ends the child by an empty record. */
  async end(): Promise<void> {
    this.producer.push(new Uint8Array());
    await this.child.output();
  }

  [Symbol.dispose](): void {
    this.child[Symbol.dispose]();
    for (const thing of [this.producer, this.consumer, this.region]) thing.close();
    this.#close();
  }
}
