import { type FrameInit, HEADER_BYTES, isAmphisError } from "@amphis/protocol";

import type { Connection } from "../transport/index.ts";
import { PriorityQueue } from "./priority-queue.ts";

/** A frame that waits. */
export interface WaitingFrame {
  /** It was sent, has expired, or was taken back. */
  readonly isOver: boolean;
}

/** What becomes of a frame that has to wait. */
export interface WaitOptions {
  /** It is not sent after that, on the monotonic clock. */
  readonly deadline?: number | undefined;
  /** Its body as it should be by then, when it has a deadline. */
  readonly delayed?: ((now: number) => Uint8Array) | undefined;
  /** Hears that it no longer waits, and why. */
  readonly left?: ((why: "sent" | "expired" | "revoked") => void) | undefined;
}

interface Entry extends WaitingFrame {
  frame: FrameInit;
  readonly bytes: number;
  readonly options: WaitOptions;
  isOver: boolean;
}

const NO_OPTIONS: WaitOptions = {};

/**
 * Frames on their way to one connection. While the connection takes them they go straight through; when it is full they wait here, and
 * the higher priority goes first.
 */
export class Outbox {
  readonly #connection: Connection;
  readonly #queueBytes: number;
  readonly #queue = new PriorityQueue<Entry>(({ isOver }) => isOver);
  #bytes = 0;
  /** When something last left the queue, or began to wait in an empty one. */
  #movedAt = 0;
  #pumping = false;
  #closed = false;
  #onRoom: (() => void)[] = [];
  #onEmpty: (() => void)[] = [];

  constructor(connection: Connection, queueBytes: number) {
    this.#connection = connection;
    this.#queueBytes = queueBytes;
  }

  /** Frames that wait. */
  get messages(): number {
    return this.#queue.length;
  }

  /** Whether so much waits that nothing should be added that can be refused. */
  get isOver(): boolean {
    return this.#bytes > this.#queueBytes;
  }

  /** For how long too much has waited and none of it went; 0 while not too much waits. */
  get stuckMs(): number {
    return this.isOver ? performance.now() - this.#movedAt : 0;
  }

  /** Whether a frame given now would wait. */
  get waits(): boolean {
    return this.#queue.length > 0 || this.#connection.isFull;
  }

  /** Sends at once what would not wait. */
  send(frame: FrameInit): void {
    if (this.waits) this.wait(frame, NO_OPTIONS);
    else if (this.#connection.state.kind === "open") void this.#connection.send(frame);
  }

  /** Puts a frame into the queue. */
  wait(frame: FrameInit, options: WaitOptions): WaitingFrame {
    const bytes = HEADER_BYTES + frame.body.length;
    const entry: Entry = { frame, bytes, options, isOver: this.#closed };
    if (this.#closed) {
      options.left?.("revoked");
      return entry;
    }
    if (this.#queue.length === 0) this.#movedAt = performance.now();
    this.#queue.add(entry, frame.priority ?? "normal");
    this.#bytes += bytes;
    if (!this.#pumping) void this.#pump();
    return entry;
  }

  /** Takes a frame back, if it still waits. */
  revoke(waiting: WaitingFrame): void {
    const entry = waiting as Entry;
    if (entry.isOver) return;
    entry.isOver = true;
    this.#queue.gaveUp();
    this.#left(entry, "revoked");
  }

  /** Resolves when no more waits than may; undefined when that is so. */
  room(): Promise<void> | undefined {
    if (!this.isOver || this.#closed) return undefined;
    return new Promise((resolve) => {
      this.#onRoom.push(resolve);
    });
  }

  /** Resolves when nothing waits. */
  async flush(): Promise<void> {
    if (this.#queue.length === 0 || this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty.push(resolve);
    });
  }

  /** Drops everything. */
  close(): void {
    this.#closed = true;
    for (let next = this.#queue.take(); next !== undefined; next = this.#queue.take()) {
      next.isOver = true;
      this.#left(next, "revoked");
    }
    this.#onRoom = resolveAll(this.#onRoom);
    this.#onEmpty = resolveAll(this.#onEmpty);
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      for (let next = this.#take(); next !== undefined; next = this.#take()) {
        const sent = this.#connection.send(next.frame);
        // Only a full connection is waited for: each turn of waiting lets others in between.
        if (this.#connection.isFull) await sent;
        else void sent;
        this.#left(next, "sent");
      }
    } catch (error) {
      // The connection is gone, and whoever owns it hears so.
      if (!isAmphisError(error, "CONNECTION_CLOSED")) throw error;
      this.close();
    } finally {
      this.#pumping = false;
    }
  }

  #take(): Entry | undefined {
    // A connection that ends in good order still sends what it has accepted, and takes nothing more.
    if (this.#connection.state.kind !== "open") {
      this.close();
      return undefined;
    }
    const now = performance.now();
    this.#movedAt = now;
    for (let next = this.#queue.take(); next !== undefined; next = this.#queue.take()) {
      next.isOver = true;
      const { deadline, delayed } = next.options;
      if (deadline === undefined) return next;
      if (deadline - now >= 1) {
        if (delayed !== undefined) next.frame = { ...next.frame, body: delayed(now) };
        return next;
      }
      this.#left(next, "expired");
    }
    return undefined;
  }

  #left(entry: Entry, why: "sent" | "expired" | "revoked"): void {
    this.#bytes -= entry.bytes;
    entry.options.left?.(why);
    if (this.#onRoom.length > 0 && !this.isOver) this.#onRoom = resolveAll(this.#onRoom);
    if (this.#onEmpty.length > 0 && this.#queue.length === 0) {
      this.#onEmpty = resolveAll(this.#onEmpty);
    }
  }
}

function resolveAll(waiting: readonly (() => void)[]): [] {
  for (const resolve of waiting) resolve();
  return [];
}
