/**
 * What `native/node*.c` exports, word for word. Handles are numbers; times are nanoseconds, and -1 is for ever; bulk
 * goes through arrays that the caller brings. Everything above this file speaks of objects.
 */
export interface Binding {
  readonly interfaceVersion: number;

  regionCreate(bytes: number): number;
  regionAdopt(descriptor: number, bytes: number): number;
  regionDescriptor(region: number): number;
  regionBytes(region: number): number;
  regionClose(region: number): void;
  regionView(region: number, offset: number, bytes: number): ArrayBuffer;
  viewDetach(view: ArrayBuffer): void;
  regionWrite(region: number, offset: number, source: Uint8Array): void;
  regionPunch(region: number, offset: number, bytes: number): void;
  regionReserve(region: number, offset: number, bytes: number): void;
  regionAdviseHuge(region: number): number;
  futexWait(region: number, offset: number, expected: number, timeoutNs: number): number;
  futexWake(region: number, offset: number, count: number): number;

  socketPair(pair: Int32Array): void;
  descriptorSend(socket: number, bytes: Uint8Array, descriptors: Int32Array): number;
  descriptorReceive(socket: number, target: Uint8Array, descriptors: Int32Array): number;
  descriptorDuplicate(descriptor: number): number;
  descriptorClose(descriptor: number): void;
  /** What hears goes into the first place, what rings into the second. */
  doorbellCreate(pair: Int32Array): void;
  doorbellRing(descriptor: number): void;
  watchOpen(descriptor: number, silences: boolean, listener: () => void): number;
  watchKeepAlive(watch: number, keeps: boolean): void;
  watchClose(watch: number): void;
  /** pid, uid and gid go into the three places. */
  peerOf(socket: number, peer: Int32Array): void;

  ringCreate(region: number, offset: number, bytes: number, capacity: number): number;
  ringAttach(
    ...place: readonly [
      region: number,
      offset: number,
      bytes: number,
      produces: boolean,
      doorbell: number,
    ]
  ): number;
  ringLongest(ring: number): number;
  ringPush(ring: number, record: Uint8Array): number;
  ringNext(ring: number): number;
  ringPop(ring: number, target: Uint8Array): number;
  ringTake(ring: number, target: Uint8Array, start: number): number;
  ringWait(
    ...wait: readonly [
      ring: number,
      length: number,
      spinNs: number,
      timeoutNs: number,
      liveness: number,
      interrupt: Int32Array | null,
    ]
  ): number;
  ringReceive(
    ...receive: readonly [
      ring: number,
      target: Uint8Array,
      start: number,
      spinNs: number,
      timeoutNs: number,
      liveness: number,
      interrupt: Int32Array | null,
    ]
  ): number;
  ringExchange(
    ...exchange: readonly [
      producer: number,
      consumer: number,
      record: Uint8Array,
      target: Uint8Array,
      spinNs: number,
      timeoutNs: number,
      liveness: number,
      interrupt: Int32Array | null,
    ]
  ): number;
  ringArm(ring: number, length: number): number;
  ringClose(ring: number): void;
  ringWatchOpen(
    ring: number,
    doorbell: number,
    spinNs: number,
    words: Int32Array,
    listener: () => void,
  ): number;
  ringWatchLook(watch: number): void;
  ringWatchKeepAlive(watch: number, keeps: boolean): void;
  ringWatchClose(watch: number): void;
}

/** Places of `enum ring_watch_word` in the array that a watch shares with native code. */
export const WATCH_LOOKING = 0;
export const WATCH_EXPECTING = 1;
export const WATCH_PAUSED = 2;
export const WATCH_WANTS_ROOM = 3;
export const WATCH_WORDS = 4;

/** Changes with every change of a signature above and of `INTERFACE_VERSION` in `native/node.c`. */
export const INTERFACE_VERSION = 4;

/** Answers of ring functions below zero: `-1 - status` of `native/ring.h`. */
export const RING_PENDING = -2;
export const RING_TOO_LARGE = -3;
export const RING_CORRUPT = -4;
export const RING_TIMED_OUT = -5;
export const RING_INTERRUPTED = -7;
export const RING_PEER_GONE = -8;
