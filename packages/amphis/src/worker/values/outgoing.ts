import {
  AmphisError,
  Attachment,
  encodeWholeFrame,
  type Foreign,
  type FrameAttachment,
  type FrameShape,
  Handle,
  Tuple,
  type Value,
} from "@amphis/protocol";

import {
  type Bulk,
  type Carrier,
  isBulk,
  isLeased,
  type Outgoing,
  tensorOver,
  type TypedArray,
} from "../../memory/index.ts";
import type { RemoteObject } from "../conversation/remote-object.ts";
import { StepRef } from "../conversation/work.ts";
import type { Typed } from "./typed.ts";

/** Bytes of this length and more travel beside the body (spec/worker.md). */
const BULK_BYTES = 0x1_0000;
const MAX_ATTACHMENTS = 0xffff;
/** Of an attachment, before its data (spec/frame.md). */
const ENTRY_BYTES = 8;
/** Of bytes that Python does not copy. */
const SHOWN = { shown: true };

/** What outgoing values need of their conversation. */
export interface OutgoingActs {
  /** The live object that something is, or stands for. */
  remoteOf(thing: object): RemoteObject | undefined;
  /** @throws {AmphisError} HANDLE_ELSEWHERE, HANDLE_GONE */
  checkUse(remote: RemoteObject): void;
  /** Gives the worker a function or an iterable. @returns its number */
  lend(thing: object): number;
  /** For what was not sent after all. */
  takeBack(id: number): void;
}

/** What a frame takes with it. */
export class Luggage {
  readonly #carried: Outgoing[] = [];
  readonly #attachments: FrameAttachment[] = [];
  readonly #lent: number[] = [];
  readonly #acts: OutgoingActs;

  constructor(acts: OutgoingActs) {
    this.#acts = acts;
  }

  /** What travels beside the body. */
  get attachments(): readonly FrameAttachment[] {
    return this.#attachments;
  }

  /** Numbers of the functions and iterables that the worker is given. */
  get lent(): readonly number[] {
    return this.#lent;
  }

  /** What the attachments take in a frame. */
  get byteLength(): number {
    let bytes = 0;
    for (const { data } of this.#attachments) {
      bytes += ENTRY_BYTES + Math.ceil(data.length / 8) * 8;
    }
    return bytes;
  }

  /** @returns its place among the attachments */
  carry(outgoing: Outgoing): number {
    this.#attachments.push(pieceOf(outgoing));
    return this.#carried.push(outgoing) - 1;
  }

  lend(thing: object): number {
    const id = this.#acts.lend(thing);
    this.#lent.push(id);
    return id;
  }

  /** The worker has it. */
  arrived(): void {
    for (const outgoing of this.#carried) outgoing.delivered();
  }

  /** The frame was not sent after all. */
  takeBack(): void {
    for (const outgoing of this.#carried) outgoing.cancel();
    for (const id of this.#lent) this.#acts.takeBack(id);
  }
}

/** Frames that take values to a worker. */
export type ValueFrame = "call" | "program" | "result";

const PLACES: Readonly<Record<ValueFrame, readonly string[]>> = {
  call: ["function", "args", "kwargs", "options"],
  program: ["steps", "options"],
  result: ["result"],
};

/**
 * Values of TypeScript on their way to a worker (spec/worker.md): plain ones are written as they are met; arrays, tables, functions,
 * iterables and live objects become what stands for them. All of a value is taken when it is encoded: what is written to it later
 * does not travel, but for memory that both sides share.
 */
export class OutgoingValues implements Foreign {
  readonly bulkBytes: number = BULK_BYTES;
  readonly #carrier: Carrier;
  readonly #acts: OutgoingActs;
  readonly #shapes: Readonly<Record<ValueFrame, FrameShape>>;
  readonly #typed: Typed | undefined;
  #hasSteps = false;
  /** Of the frame that is being encoded; made when it is needed. */
  #luggage: Luggage | undefined;

  constructor(carrier: Carrier, acts: OutgoingActs, typed?: Typed) {
    this.#carrier = carrier;
    this.#acts = acts;
    this.#typed = typed;
    const shape = (kind: ValueFrame): FrameShape => ({ kind, places: PLACES[kind], foreign: this });
    this.#shapes = { call: shape("call"), program: shape("program"), result: shape("result") };
  }

  /**
   * Encodes a frame; with luggage only the body of it is of use. When that fails, nothing was lent.
   *
   * @throws {AmphisError} VALUE_UNSUPPORTED and VALUE_OUT_OF_RANGE with the path; DEPTH_EXCEEDED; HANDLE_ELSEWHERE; HANDLE_GONE; what a
   * `Carrier` refuses
   * @throws what getters of the values throw
   */
  encode(kind: ValueFrame, callId: number, body: readonly unknown[]): Encoded {
    // A getter may make a call itself.
    const outer = this.#luggage;
    this.#luggage = undefined;
    const hadSteps = this.#hasSteps;
    this.#hasSteps = kind === "program";
    try {
      const frame = encodeWholeFrame(this.#shapes[kind], callId, body);
      return this.#luggage === undefined ? frame : { frame, luggage: this.#luggage };
    } catch (error) {
      (this.#luggage as Luggage | undefined)?.takeBack();
      throw error;
    } finally {
      this.#hasSteps = hadSteps;
      this.#luggage = outer;
    }
  }

  translate(thing: unknown): Value | undefined {
    if (typeof thing === "function") return this.#named(thing) ?? this.#lend(thing, "function");
    if (typeof thing !== "object" || thing === null) return undefined;
    return (
      this.#named(thing) ??
      this.#typed?.encode(thing, (plain) => this.#part(plain)) ??
      this.#object(thing)
    );
  }

  /** What travels for a part of the plain values of a type. */
  #part(plain: unknown): Value {
    if (typeof plain === "function") return this.translate(plain) as Value;
    if (typeof plain !== "object" || plain === null) return plain as Value;
    if (Array.isArray(plain)) {
      const parts = (plain as readonly unknown[]).map((each) => this.#part(each));
      return plain instanceof Tuple ? (Tuple.from(parts) as Value) : parts;
    }
    if (plain instanceof Map) {
      return new Map([...plain].map(([key, each]) => [key, this.#part(each)])) as Value;
    }
    if (plain instanceof Set) return plain as Value;
    const prototype: unknown = Object.getPrototypeOf(plain);
    if (prototype !== Object.prototype && prototype !== null) {
      return this.translate(plain) ?? (plain as Value);
    }
    const entries = Object.entries(plain).map(([name, each]) => [name, this.#part(each)]);
    return Object.fromEntries(entries) as Value;
  }

  #named(thing: object): Handle | undefined {
    const remote = this.#acts.remoteOf(thing);
    if (remote === undefined) return undefined;
    this.#acts.checkUse(remote);
    return new Handle(remote.id, remote.type);
  }

  #object(thing: object): Value | undefined {
    if (thing instanceof StepRef) {
      return this.#hasSteps ? new Handle(thing.index, "amphis.step") : undefined;
    }
    if (thing instanceof DataView) return this.#show(bytesOf(thing));
    if (ArrayBuffer.isView(thing)) {
      return this.#carry(thing instanceof Uint8Array ? thing : tensorOver(thing as TypedArray));
    }
    if (thing instanceof SharedArrayBuffer) return this.#carry(new Uint8Array(thing));
    if (isLeased(thing)) return this.#show(thing);
    if (isBulk(thing)) return this.#carry(thing);
    return isIterable(thing) ? this.#lend(thing, "iterable") : undefined;
  }

  #carry(bulk: Bulk): Attachment {
    const outgoing = this.#carrier.carry(bulk);
    const index = (this.#luggage ??= new Luggage(this.#acts)).carry(outgoing);
    if (index < MAX_ATTACHMENTS) return new Attachment(index, outgoing.format, outgoing.meta);
    const expected = `at most ${MAX_ATTACHMENTS} arrays and tables`;
    throw new AmphisError("VALUE_OUT_OF_RANGE", `Cannot send value: it must hold ${expected}`, {
      path: "value",
      expected,
      received: "more",
    });
  }

  /** Bytes that Python is to see where they are, as a `memoryview`; others are `bytes` there. */
  #show(bytes: Bulk): Attachment {
    const { index, format } = this.#carry(bytes);
    return new Attachment(index, format, SHOWN);
  }

  #lend(thing: object, kind: "function" | "iterable"): Handle {
    const id = (this.#luggage ??= new Luggage(this.#acts)).lend(thing);
    return new Handle(id, `amphis.${kind}`);
  }
}

/** A whole frame, or one that takes something with it. */
export type Encoded = Uint8Array | { readonly frame: Uint8Array; readonly luggage: Luggage };

/** What goes inline without a copy is the caller's, who may write to it before it has left. */
function pieceOf({ attachment, path, isCopied }: Outgoing): FrameAttachment {
  if (path === "shared" || isCopied) return attachment;
  return { kind: attachment.kind, data: Uint8Array.from(attachment.data) };
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Boxed strings can be iterated over too, and are a mistake. */
function isIterable(thing: object): boolean {
  const isMade = Symbol.asyncIterator in thing || Symbol.iterator in thing;
  return isMade && Object.prototype.toString.call(thing) !== "[object String]";
}
