import { AmphisError } from "@amphis/protocol";

import type { Wire } from "./wire.ts";

/** Something to be sent as soon as there is a connection. */
export interface Held {
  readonly bytes: number;
  /** Nobody wants it any more. */
  readonly isOver: boolean;
  send(wire: Wire): void;
  refuse(error: unknown): void;
}

/** What waits for a connection to the hub, in order and bounded. */
export class Backlog {
  readonly #maxBytes: number;
  readonly #address: string;
  #held: Held[] = [];
  #bytes = 0;

  constructor(maxBytes: number, address: string) {
    this.#maxBytes = maxBytes;
    this.#address = address;
  }

  /** @throws {AmphisError} SEND_QUEUE_FULL */
  hold(held: Held): void {
    if (this.#bytes + held.bytes > this.#maxBytes) this.#sweep();
    if (this.#bytes + held.bytes > this.#maxBytes) {
      const address = this.#address;
      const limit = this.#maxBytes;
      const message = `Cannot wait for the hub (${address}): more than ${limit} bytes wait already`;
      throw new AmphisError("SEND_QUEUE_FULL", message, { address, limit });
    }
    this.#held.push(held);
    this.#bytes += held.bytes;
  }

  sendAll(wire: Wire): void {
    for (const held of this.#takeAll()) {
      if (held.isOver) continue;
      try {
        held.send(wire);
      } catch (error) {
        // What the new connection cannot carry concerns nobody else.
        held.refuse(error);
      }
    }
  }

  refuseAll(error: unknown): void {
    for (const held of this.#takeAll()) if (!held.isOver) held.refuse(error);
  }

  #takeAll(): readonly Held[] {
    const held = this.#held;
    this.#held = [];
    this.#bytes = 0;
    return held;
  }

  #sweep(): void {
    this.#held = this.#held.filter(({ isOver }) => !isOver);
    this.#bytes = this.#held.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
