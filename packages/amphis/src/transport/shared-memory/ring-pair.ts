import type { NativeCore, Region, RingConsumer, RingProducer } from "@amphis/native";

import { ringLayout } from "./opening.ts";

/** Which ring is written and which is read, and whose doorbells they ring. */
interface Place {
  readonly writes: number;
  readonly reads: number;
  readonly ringBytes: number;
  readonly doorbell: number;
  readonly peerDoorbell: number;
}

/** Two rings in one region, one to write and one to read, with the doorbells of both sides. */
export class RingPair implements Disposable {
  readonly region: Region;
  readonly outgoing: RingProducer;
  readonly incoming: RingConsumer;
  /** Descriptor that the peer writes to wake this side. */
  readonly doorbell: number;
  readonly peerDoorbell: number;
  readonly #core: NativeCore;
  #isClosed = false;

  private constructor(core: NativeCore, region: Region, place: Place) {
    const { writes, reads, ringBytes: byteLength, doorbell, peerDoorbell } = place;
    this.#core = core;
    this.region = region;
    this.doorbell = doorbell;
    this.peerDoorbell = peerDoorbell;
    this.outgoing = region.produce({ offset: writes, byteLength, doorbell: peerDoorbell });
    this.incoming = region.consume({ offset: reads, byteLength, doorbell: peerDoorbell });
  }

  /** New rings, as the host makes them. @param capacity bytes of records in each */
  static lay(core: NativeCore, capacity: number): RingPair {
    const { hostToGuest, guestToHost, ringBytes, regionBytes } = ringLayout(capacity);
    const region = core.createRegion(regionBytes);
    const doorbells: number[] = [];
    try {
      region.createRing(hostToGuest, capacity);
      region.createRing(guestToHost, capacity);
      const doorbell = core.createDoorbell();
      doorbells.push(doorbell);
      const peerDoorbell = core.createDoorbell();
      doorbells.push(peerDoorbell);
      const place = { writes: hostToGuest, reads: guestToHost, ringBytes, doorbell, peerDoorbell };
      return new RingPair(core, region, place);
    } catch (error) {
      region.close();
      for (const doorbell of doorbells) core.closeDescriptor(doorbell);
      throw error;
    }
  }

  /**
   * The rings that a host has laid, from the guest's side.
   *
   * @param descriptors region, the host's doorbell, the guest's doorbell; they are the pair's, or closed
   * @throws {AmphisError} MEMORY_REFUSED when touching it could end this process, RING_CORRUPT when there are none
   */
  static adopt(
    core: NativeCore,
    { capacity, regionBytes }: { readonly capacity: number; readonly regionBytes: number },
    [memory, peerDoorbell, doorbell]: readonly [number, number, number],
  ): RingPair {
    const { hostToGuest, guestToHost, ringBytes } = ringLayout(capacity);
    let region: Region | undefined;
    try {
      region = core.adoptRegion(memory, regionBytes);
      const place = { writes: guestToHost, reads: hostToGuest, ringBytes, doorbell, peerDoorbell };
      return new RingPair(core, region, place);
    } catch (error) {
      if (region === undefined) core.closeDescriptor(memory);
      else region.close();
      core.closeDescriptor(peerDoorbell);
      core.closeDescriptor(doorbell);
      throw error;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.outgoing.close();
    this.incoming.close();
    this.region.close();
    this.#core.closeDescriptor(this.doorbell);
    this.#core.closeDescriptor(this.peerDoorbell);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
