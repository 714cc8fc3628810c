import type { NativeCore, Region, RingConsumer, RingProducer } from "@amphis/native";

import { adoptDoorbell } from "./doorbell.ts";
import { ringLayout } from "./opening.ts";

/** Which ring is written and which is read, and the doorbells of both sides. */
interface Place {
  readonly writes: number;
  readonly reads: number;
  readonly ringBytes: number;
  readonly doorbell: number;
  readonly peerDoorbell: number;
}

/** What a host has laid. */
export interface LaidRings {
  readonly rings: RingPair;
  /** For the guest: the region, which is the pair's, then what it rings and what it hears, which are the caller's to close. */
  readonly descriptors: readonly [region: number, rings: number, hears: number];
}

/** Two rings in one region, one to write and one to read, with the doorbells of both sides. */
export class RingPair implements Disposable {
  readonly region: Region;
  readonly outgoing: RingProducer;
  readonly incoming: RingConsumer;
  /** Hears when the peer rings. */
  readonly doorbell: number;
  /** Rings for the peer. */
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

  /** New rings, as the host makes them, and what the guest is to get. @param capacity bytes of records in each */
  static lay(core: NativeCore, capacity: number): LaidRings {
    const { hostToGuest, guestToHost, ringBytes, regionBytes } = ringLayout(capacity);
    const region = core.createRegion(regionBytes);
    const opened: number[] = [];
    try {
      region.createRing(hostToGuest, capacity);
      region.createRing(guestToHost, capacity);
      const own = core.createDoorbellPair();
      opened.push(own.hears, own.rings);
      const theirs = core.createDoorbellPair();
      opened.push(theirs.hears, theirs.rings);
      const ends = { doorbell: own.hears, peerDoorbell: theirs.rings };
      const place = { writes: hostToGuest, reads: guestToHost, ringBytes, ...ends };
      const rings = new RingPair(core, region, place);
      return { rings, descriptors: [region.descriptor, own.rings, theirs.hears] };
    } catch (error) {
      region.close();
      for (const descriptor of opened) core.closeDescriptor(descriptor);
      throw error;
    }
  }

  /**
   * The rings that a host has laid, from the guest's side.
   *
   * @param descriptors region, what the guest rings, what the guest hears; they are the pair's, or closed
   * @throws {AmphisError} MEMORY_REFUSED when touching it could end this process, RING_CORRUPT when there are none, FRAME_INVALID for what is
   * no doorbell, NATIVE_CALL_FAILED when the system refuses
   */
  static adopt(
    core: NativeCore,
    { capacity, regionBytes }: { readonly capacity: number; readonly regionBytes: number },
    [memory, rings, hears]: readonly [number, number, number],
  ): RingPair {
    const { hostToGuest, guestToHost, ringBytes } = ringLayout(capacity);
    let region: Region | undefined;
    const opened: number[] = [];
    try {
      const peerDoorbell = adoptDoorbell(core, rings, "rings", 0);
      opened.push(peerDoorbell);
      const doorbell = adoptDoorbell(core, hears, "hears", 1);
      opened.push(doorbell);
      region = core.adoptRegion(memory, regionBytes);
      const place = { writes: guestToHost, reads: hostToGuest, ringBytes, doorbell, peerDoorbell };
      return new RingPair(core, region, place);
    } catch (error) {
      if (region === undefined) core.closeDescriptor(memory);
      else region.close();
      for (const descriptor of opened) core.closeDescriptor(descriptor);
      throw error;
    } finally {
      for (const descriptor of [rings, hears]) core.closeDescriptor(descriptor);
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
