import type { CallEnd, CallPart } from "./call-part.ts";
import type { Held } from "./backlog.ts";
import type { Wire } from "./wire.ts";

/** A request that waits for a connection, and its handling side as the caller sees it. */
export class HeldCall implements Held, CallEnd {
  readonly bytes: number;
  readonly #send: (wire: Wire) => CallEnd;
  readonly #refuse: (error: unknown) => void;
  #callee: CallEnd | undefined;
  #isOver = false;
  /** What the caller said meanwhile: credit, mostly. */
  #said: CallPart[] = [];

  constructor(bytes: number, send: (wire: Wire) => CallEnd, refuse: (error: unknown) => void) {
    this.bytes = bytes;
    this.#send = send;
    this.#refuse = refuse;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  send(wire: Wire): void {
    this.#callee = this.#send(wire);
    for (const part of this.#said) this.#callee.take(part);
    this.#said = [];
  }

  refuse(error: unknown): void {
    this.#isOver = true;
    this.#refuse(error);
  }

  take(part: CallPart): void {
    if (this.#callee !== undefined) this.#callee.take(part);
    else if (part.kind === "cancel") this.#isOver = true;
    else this.#said.push(part);
  }
}
