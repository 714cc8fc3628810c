/*
 * The bytes that open a channel (spec/channel.md). Both sides are processes of one machine, little-endian as all that the native core runs on.
 */

import { AmphisError } from "@amphis/protocol";

export const OFFER_BYTES = 8;
export const ANSWER_BYTES = 56;
const KEY_BYTES = 32;

const MAGIC = 0x4853_4d41;
const VERSION = 1;
/** What stands before the records of a ring (spec/ring.md). */
const RING_HEADER_BYTES = 640;
const MIN_CAPACITY = 128;
const MAX_CAPACITY = 2 ** 30;

/** How frames travel from here on. */
export type Answer =
  | { readonly mode: "socket" }
  | {
      readonly mode: "rings";
      /** Bytes of records in each of the two rings. */
      readonly capacity: number;
      /** Names the guest in references; 0: no memory is lent. */
      readonly holder: number;
      readonly regionBytes: number;
      readonly key: Uint8Array;
    };

/** Where the two rings lie, and all that a region must have. */
export interface RingLayout {
  readonly hostToGuest: number;
  readonly guestToHost: number;
  /** Bytes of one ring with its header. */
  readonly ringBytes: number;
  readonly regionBytes: number;
}

export function ringLayout(capacity: number): RingLayout {
  const ringBytes = RING_HEADER_BYTES + capacity;
  return { hostToGuest: 0, guestToHost: ringBytes, ringBytes, regionBytes: 2 * ringBytes };
}

/** Whether two rings can have so many bytes each. */
export function isCapacity(capacity: number): boolean {
  return (
    Number.isInteger(Math.log2(capacity)) && capacity >= MIN_CAPACITY && capacity <= MAX_CAPACITY
  );
}

/** What a guest can use: rings alone, or rings and references to memory of its host. */
export type Takes = "nothing" | "rings" | "references";

const TAKES: readonly Takes[] = ["nothing", "rings", "references"];

export function encodeOffer(takes: Takes): Uint8Array {
  const bytes = new Uint8Array(OFFER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, VERSION);
  view.setUint8(5, TAKES.indexOf(takes));
  return bytes;
}

/** @throws {AmphisError} FRAME_INVALID */
export function decodeOffer(bytes: Uint8Array): Takes {
  const view = open(bytes, OFFER_BYTES);
  const takes = TAKES[view.getUint8(5)];
  if (takes === undefined) throw invalid("takes", view.getUint8(5));
  checkZero(view, 6);
  return takes;
}

export function encodeAnswer(answer: Answer): Uint8Array {
  const bytes = new Uint8Array(ANSWER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, VERSION);
  if (answer.mode === "socket") return bytes;
  view.setUint8(5, 1);
  view.setUint32(8, answer.capacity, true);
  view.setUint32(12, answer.holder, true);
  view.setBigUint64(16, BigInt(answer.regionBytes), true);
  bytes.set(answer.key, ANSWER_BYTES - KEY_BYTES);
  return bytes;
}

/** @throws {AmphisError} FRAME_INVALID */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const view = open(bytes, ANSWER_BYTES);
  const mode = view.getUint8(5);
  checkZero(view, 6);
  if (mode === 0) {
    const used = bytes.subarray(8).find((byte) => byte !== 0);
    if (used !== undefined) throw invalid("mode", mode);
    return { mode: "socket" };
  }
  if (mode !== 1) throw invalid("mode", mode);
  const capacity = view.getUint32(8, true);
  const regionBytes = Number(view.getBigUint64(16, true));
  if (!isCapacity(capacity)) throw invalid("capacity", capacity);
  if (regionBytes < ringLayout(capacity).regionBytes || !Number.isSafeInteger(regionBytes)) {
    throw invalid("regionBytes", regionBytes);
  }
  const holder = view.getUint32(12, true);
  const key = bytes.slice(ANSWER_BYTES - KEY_BYTES);
  // Without memory there is neither.
  if ((holder === 0) !== key.every((byte) => byte === 0)) throw invalid("holder", holder);
  return { mode: "rings", capacity, holder, regionBytes, key };
}

export function invalid(field: string, received: number): AmphisError<"FRAME_INVALID"> {
  return new AmphisError(
    "FRAME_INVALID",
    `Cannot open channel: ${field} of the peer is ${received}`,
    { field, received },
  );
}

function open(bytes: Uint8Array, length: number): DataView {
  if (bytes.length !== length) throw invalid("length", bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC) throw invalid("magic", magic);
  const version = view.getUint8(4);
  if (version !== VERSION) throw invalid("version", version);
  return view;
}

function checkZero(view: DataView, at: number): void {
  const value = view.getUint16(at, true);
  if (value !== 0) throw invalid("reserved", value);
}

/** What a host says on the socket while rings are open. */
export interface Announcement {
  readonly kind: "region" | "gone";
  readonly id: number;
  readonly bytes: number;
}

export const ANNOUNCEMENT_BYTES = 24;

export function encodeAnnouncement({ kind, id, bytes }: Announcement): Uint8Array {
  const encoded = new Uint8Array(ANNOUNCEMENT_BYTES);
  const view = new DataView(encoded.buffer);
  view.setUint8(0, kind === "region" ? 1 : 2);
  view.setBigUint64(8, BigInt(id), true);
  view.setBigUint64(16, BigInt(bytes), true);
  return encoded;
}
