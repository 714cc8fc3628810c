import { AmphisError } from "@amphis/protocol";

import { endedEarly } from "./ask-hub.ts";
import type { Registration } from "./bus.ts";
import { type CallEnd, CallPart } from "./call-part.ts";
import type { Control } from "./controls.ts";
import type { Wire } from "./wire.ts";

const TRAVEL = { priority: "normal", codec: "msgpack" } as const;

interface Settle {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What a lasting call tells whoever made it. */
export interface LastingEvents {
  /** It is set up on this connection, under this id, from now on. */
  started?(wire: Wire, id: number): void;
  /** It is over for good: by an error of the hub, or because this side closed it. */
  over(error: unknown): void;
}

/** Something that holds on the hub until it is taken back: set up again on each new connection. */
export class LastingCall implements CallEnd, Registration {
  readonly #control: Control;
  readonly #events: LastingEvents;
  #wire: Wire | undefined;
  #id = 0;
  #starting: Settle | undefined;
  #closing: Promise<void> | undefined;
  #onEnd: (() => void) | undefined;

  constructor(control: Control, events: LastingEvents) {
    this.#control = control;
    this.#events = events;
  }

  /** Sets it up. @throws {AmphisError} what the hub refuses it with, or CONNECTION_CLOSED */
  start(wire: Wire): Promise<void> {
    const body = wire.controlBody(this.#control);
    this.#wire = wire;
    this.#id = wire.open(this, true);
    this.#events.started?.(wire, this.#id);
    return new Promise((resolve, reject) => {
      this.#starting = { resolve, reject };
      wire.callControl(this.#id, body);
    });
  }

  take(part: CallPart): void {
    const starting = this.#starting;
    if (part.kind !== "result" && part.kind !== "error" && part.kind !== "end") return;
    this.#starting = undefined;
    if (part.kind === "result") starting?.resolve();
    else if (part.is("error")) this.#failed(errorOf(part), starting);
    else {
      starting?.reject(endedEarly());
      this.#ended(undefined);
    }
  }

  /** Takes it back. Resolves when the hub has done so, and nothing more comes for it. */
  close(): Promise<void> {
    this.#closing ??= this.#cancel();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #cancel(): Promise<void> {
    const wire = this.#wire;
    if (wire === undefined || wire.lost !== undefined) {
      this.#ended(undefined);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#onEnd = resolve;
      wire.say(this.#id, CallPart.of("cancel", "no longer wanted"), TRAVEL);
    });
  }

  #failed(error: unknown, starting: Settle | undefined): void {
    if (this.#closing !== undefined) {
      starting?.resolve();
      this.#ended(undefined);
    } else if (starting !== undefined) starting.reject(error);
    // A lost connection ends nothing: it is set up again on the next.
    else if (this.#wire?.lost === undefined) this.#ended(error);
  }

  #ended(error: unknown): void {
    this.#wire = undefined;
    this.#onEnd?.();
    this.#onEnd = undefined;
    this.#events.over(error);
  }
}

function errorOf(part: CallPart<"error">): unknown {
  try {
    return part.content();
  } catch (error) {
    return error instanceof AmphisError ? error : new Error(String(error));
  }
}
