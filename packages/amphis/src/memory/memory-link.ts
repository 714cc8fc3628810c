import {
  AmphisError,
  decodeMemory,
  decodeReference,
  encodeMemory,
  encodeReference,
  type FrameAttachment,
  isAmphisError,
  type MemoryBody,
  type Reference,
} from "@amphis/protocol";

import type { Arena } from "./arena.ts";
import { type DeviceFigures, DeviceShares } from "./device-shares.ts";
import type { Lease } from "./lease.ts";
import { FrameRoom, type SpilledFrames } from "./spilled-frames.ts";
import {
  type ReferenceEvent,
  type ReferenceFigures,
  referenceKey,
  References,
  type SignOptions,
} from "./reference.ts";
import type { ReferencePolicy } from "./reference-policy.ts";

/** This process, in references. */
const HOST = 0;

/** A region as a guest is told of it. */
export interface AnnouncedRegion {
  readonly id: number;
  readonly bytes: number;
  readonly descriptor: number;
}

/** How a link reaches its guest. */
export interface MemoryWire {
  /** Sends the body of a `memory` frame behind what was sent before. @throws when the guest asks and does not read */
  send(body: Uint8Array): void;
  /** As `send`, of what the guest did not ask for: waits while it does not read, and never throws. */
  tell(body: Uint8Array): Promise<void>;
  /** Tells of a region, before anything that was not sent yet. @throws when the guest cannot be told */
  announce(region: AnnouncedRegion): void;
  /** Tells that a region is gone. */
  retire(id: number): void;
}

export interface MemoryLinkInit {
  readonly holder: number;
  readonly arena: Arena;
  readonly waitMs: number;
  readonly policy: ReferencePolicy | undefined;
  readonly regionOf: (id: number) => AnnouncedRegion | undefined;
  readonly onRefused: (event: ReferenceEvent) => void;
  readonly onClosed: () => void;
}

export interface MemoryLinkFigures {
  readonly holder: number;
  /** What the guest has shares in. */
  readonly shares: number;
  /** Memory that the guest asked for and got. */
  readonly lent: number;
  readonly refused: number;
  /** Shares that a guest let go and did not have. */
  readonly unknownReleases: number;
  /** Large frames that went through this memory. */
  readonly frames: SpilledFrames;
  readonly devices: DeviceFigures;
  readonly references: ReferenceFigures;
}

/** A reference that is about to be sent. */
export interface LentReference {
  /** For an attachment of kind `reference`. */
  readonly data: Uint8Array;
  /** Takes the guest's share back, for a reference that was not sent after all. */
  takeBack(): void;
}

/** A frame that lies in shared memory. */
export interface SpilledFrame {
  /** Of the `memory` frame that goes in its place. */
  readonly body: Uint8Array;
  /** Takes the memory back, for a frame that was not sent after all. */
  takeBack(): void;
}

/** Memory that a guest has named. */
export interface AcceptedReference {
  /** This process's own share; release it when the memory is not needed any more. */
  readonly lease: Lease;
  /** Where in the lease the named bytes begin. */
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly reference: Reference;
}

/**
 * The memory between this process and one guest: what it has shares in, and the references both exchange (spec/channel.md).
 *
 * All bookkeeping is here; the guest can only ask. When the connection ends, all shares of the guest end.
 */
export class MemoryLink {
  readonly holder: number;
  /** Of this connection alone. */
  readonly key: Uint8Array = referenceKey();
  readonly references: References;
  /** Tensors that stay on a device of the guest, and those of others that it was sent. */
  readonly devices: DeviceShares;
  readonly #init: MemoryLinkInit;
  readonly #announced = new Set<number>();
  readonly #shares = new Map<number, Lease[]>();
  readonly #arrived = new WeakMap<Uint8Array, AcceptedReference | Error>();
  readonly #frames = new FrameRoom();
  #wire: MemoryWire | undefined;
  #shareCount = 0;
  #lent = 0;
  #refused = 0;
  #unknownReleases = 0;
  #isClosed = false;
  /** A guest that is gone waits for nothing, and keeps nobody else waiting. */
  readonly #ending = new AbortController();

  constructor(init: MemoryLinkInit) {
    this.holder = init.holder;
    this.#init = init;
    this.devices = new DeviceShares(async (ids) => {
      await this.#wire?.tell(encodeMemory({ kind: "device-release", ids }));
    });
    this.references = new References({
      key: this.key,
      // A guest names what it has a share in, and nothing else.
      memory: {
        published: (generation) =>
          this.#shares.has(generation) ? init.arena.published(generation) : undefined,
      },
      policy: init.policy,
      onRefused: init.onRefused,
    });
  }

  /** Joins it with the connection, before any frame. */
  attach(wire: MemoryWire): void {
    this.#wire = wire;
  }

  /** Memory that the guest can be given references to. @throws {AmphisError} MEMORY_EXHAUSTED, MEMORY_QUOTA_EXCEEDED, ARENA_CLOSED */
  allocate(bytes: number): Lease {
    return this.#init.arena.allocate(bytes);
  }

  /** Whether a lease is of this memory. */
  owns(lease: Lease): boolean {
    return lease.isOf(this.#init.arena);
  }

  /**
   * Names memory for the guest, who gets a share in it.
   *
   * @throws {AmphisError} LEASE_RELEASED; REFERENCE_HOLDER and REFERENCE_OUT_OF_BOUNDS when the policy or the lease do not allow it;
   * CONNECTION_CLOSED; or what the region cannot be announced with
   */
  lend(lease: Lease, options: Omit<SignOptions, "holder"> = {}): LentReference {
    const reference = this.references.sign(lease, { ...options, holder: this.holder });
    this.#announce(lease.arena);
    const share = this.#share(lease.retain(this.holder));
    return {
      data: encodeReference(reference),
      takeBack: () => void this.#release(share.generation),
    };
  }

  /**
   * Puts a large frame into memory for the guest, who has it from there.
   *
   * @param parts the frame, so many bytes in all
   * @returns the body of the `memory` frame to send in its place; undefined where it is to be sent as it is: there is no memory, the
   * guest has not taken what it got before, or the policy is against it
   */
  spill(parts: readonly Uint8Array[], byteLength: number): SpilledFrame | undefined {
    if (this.#isClosed || !this.#frames.hasRoom(byteLength)) return undefined;
    try {
      using lease = this.allocate(byteLength);
      copyInto(lease, parts);
      const { data, takeBack } = this.lend(lease, { byteLength, isOfFrame: true });
      this.#frames.sent(lease.generation, byteLength);
      return { body: encodeMemory({ kind: "frame", reference: data }), takeBack };
    } catch {
      // Whatever it was: the ring takes the frame.
      this.#frames.failed();
      return undefined;
    }
  }

  /**
   * Takes a share in what a frame names, before anything that the guest says afterwards: it may let its own share go at once, and whoever
   * gets the frame may be late. A share that nobody accepts goes back when the frame is collected.
   */
  arrived(attachments: readonly FrameAttachment[]): void {
    for (const { kind, data } of attachments) {
      if (kind !== "reference") continue;
      try {
        this.#arrived.set(data, this.#accept(data));
      } catch (error) {
        this.#arrived.set(data, error as Error);
      }
    }
  }

  /**
   * Takes a share in memory that the guest names.
   *
   * @param data of an attachment that has arrived
   * @throws {AmphisError} a code of `ReferenceRefusal`; BODY_INVALID, and what a codec throws for bytes that are no reference
   */
  accept(data: Uint8Array): AcceptedReference {
    const arrived = this.#arrived.get(data) ?? this.#accept(data);
    this.#arrived.delete(data);
    if (arrived instanceof Error) throw arrived;
    return arrived;
  }

  #accept(data: Uint8Array): AcceptedReference {
    const reference = decodeReference(data);
    this.references.verify(reference, HOST);
    const { generation, offset, byteLength } = reference;
    const [share] = this.#shares.get(generation) as [Lease];
    // Whoever gets a value of a guest may not know that there is a lease in it.
    const lease = share.retain(HOST, true);
    return { lease, byteOffset: offset - lease.offset, byteLength, reference };
  }

  /**
   * Takes the body of a `memory` frame.
   *
   * @param maxFrameBytes longest frame that may lie in memory
   * @returns the bytes of a frame to be read in its place, which are a copy; the share of the guest went with it
   * @throws {AmphisError} BODY_INVALID for what no guest says, FRAME_TOO_LARGE, or a code of `ReferenceRefusal`; it ends the connection
   */
  receive(bytes: Uint8Array, maxFrameBytes: number): Uint8Array | undefined {
    const body = decodeMemory(bytes);
    if (this.#isClosed) return undefined;
    if (body.kind === "want") this.#wanted(body.id, body.bytes);
    else if (body.kind === "release") for (const each of body.generations) this.#releaseAsked(each);
    else if (body.kind === "device-release") this.devices.released(body.ids);
    else if (body.kind === "frame") return this.#takeFrame(body.reference, maxFrameBytes);
    else {
      const expected = '"want", "release", "device-release" or "frame"';
      const context = { body: "memory", path: "$[0]", expected };
      throw new AmphisError(
        "BODY_INVALID",
        `Cannot take ${body.kind}: only a host says so`,
        context,
      );
    }
    return undefined;
  }

  /** The region is gone. */
  retire(id: number): void {
    if (this.#announced.delete(id)) this.#wire?.retire(id);
  }

  figures(): MemoryLinkFigures {
    return {
      holder: this.holder,
      shares: this.#shareCount,
      lent: this.#lent,
      refused: this.#refused,
      unknownReleases: this.#unknownReleases,
      frames: this.#frames.figures(),
      devices: this.devices.figures(),
      references: this.references.figures(),
    };
  }

  /** Ends all shares of the guest. Works once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#ending.abort();
    this.#shares.clear();
    this.#shareCount = 0;
    this.#init.arena.releaseAll(this.holder);
    this.devices.close();
    this.#init.onClosed();
  }

  /** The guest may write to its memory until the last moment, so that what is judged is a copy. */
  #takeFrame(data: Uint8Array, limit: number): Uint8Array {
    const { lease, byteOffset, byteLength } = this.#accept(data);
    try {
      if (byteLength > limit) {
        const message = `Cannot receive frame: ${byteLength} bytes are more than the limit of ${limit}`;
        throw new AmphisError("FRAME_TOO_LARGE", message, { limit, actual: byteLength });
      }
      const frame = Uint8Array.from(lease.window(byteOffset, byteLength));
      this.#frames.received();
      return frame;
    } finally {
      this.#release(lease.generation);
      lease.release();
    }
  }

  /** At once where there is memory: a caller that blocks this thread hears of no promise. */
  #wanted(id: number, bytes: number): void {
    const { arena, waitMs } = this.#init;
    const { holder } = this;
    try {
      this.#grant(id, arena.allocate(bytes, { holder }));
    } catch (error) {
      const isFull = isAmphisError(error, "MEMORY_EXHAUSTED");
      if (!isFull || waitMs === 0) return this.#refuse(id, error);
      const deadline = performance.now() + waitMs;
      const { signal } = this.#ending;
      void arena.allocateWhenFree(bytes, { holder, deadline, signal }).then(
        (lease) => this.#grant(id, lease),
        (refusal: unknown) => this.#refuse(id, refusal),
      );
    }
    return undefined;
  }

  #grant(id: number, lease: Lease): void {
    if (this.#isClosed) return lease.release();
    try {
      this.#announce(lease.arena);
    } catch (error) {
      lease.release();
      return this.#refuse(id, error);
    }
    lease.publish();
    this.#share(lease);
    this.#lent += 1;
    const { arena, generation, offset, byteLength } = lease;
    return this.#say({ kind: "lent", id, arena, generation, offset, bytes: byteLength });
  }

  #refuse(id: number, thrown: unknown): void {
    if (this.#isClosed) return;
    this.#refused += 1;
    const error = isAmphisError(thrown) ? thrown : unusable(thrown);
    this.#say({ kind: "refused", id, error });
  }

  #say(body: MemoryBody): void {
    this.#wire?.send(encodeMemory(body));
  }

  #announce(id: number): void {
    if (this.#announced.has(id)) return;
    const region = this.#init.regionOf(id);
    if (region === undefined || this.#wire === undefined || this.#isClosed) {
      const reason = "the memory is not shared with it";
      throw new AmphisError("MEMORY_REFUSED", `Cannot lend to guest ${this.holder}: ${reason}`, {
        reason,
      });
    }
    this.#wire.announce(region);
    this.#announced.add(id);
  }

  #share(lease: Lease): Lease {
    const others = this.#shares.get(lease.generation);
    if (others === undefined) this.#shares.set(lease.generation, [lease]);
    else others.push(lease);
    this.#shareCount += 1;
    return lease;
  }

  #releaseAsked(generation: number): void {
    if (!this.#release(generation)) this.#unknownReleases += 1;
  }

  #release(generation: number): boolean {
    const shares = this.#shares.get(generation);
    const share = shares?.pop();
    if (share === undefined) return false;
    if (shares?.length === 0) this.#shares.delete(generation);
    this.#shareCount -= 1;
    this.#frames.released(generation);
    share.release();
    return true;
  }
}

function copyInto(lease: Lease, parts: readonly Uint8Array[]): void {
  let at = 0;
  for (const part of parts) {
    lease.write(part, at);
    at += part.length;
  }
}

/** What a guest is told of a wish that is none, such as more bytes than there are numbers for. */
function unusable(thrown: unknown): AmphisError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new AmphisError("MEMORY_REFUSED", `Cannot lend: ${reason}`, { reason });
}
