import {
  type Adoption,
  AmphisError,
  Attachment,
  decodeAdopting,
  type Frame,
  type FrameAttachment,
  type Handle,
  type Value,
} from "@amphis/protocol";

import {
  ArrowTable,
  type Carried,
  type Carrier,
  DeviceTensor,
  LeasedBytes,
  Tensor,
} from "../../memory/index.ts";

/** What incoming values need of their conversation. */
export interface IncomingActs {
  /** What stands for a live object of the worker. */
  adoptRemote(id: number, type: string): unknown;
  /** A function or an iterable of this side; undefined: the worker has none of this number. */
  lent(id: number): object | undefined;
  /** A live object that nobody gets. */
  letGo(id: number): void;
}

import type { Typed } from "./typed.ts";

const RESERVED = "amphis.";
const NO_ATTACHMENTS: readonly FrameAttachment[] = Object.freeze([]);

/** Values of a worker on their way in: handles become live objects, attachments what they hold. */
export class IncomingValues implements Adoption {
  readonly #carrier: Carrier;
  readonly #acts: IncomingActs;
  /** Of the frame that is being decoded. */
  #attachments: readonly FrameAttachment[] = NO_ATTACHMENTS;
  /** Which of them were opened; each may be named once. */
  #opened: Carried[] | undefined;
  #drops = false;
  readonly #typed: Typed | undefined;

  constructor(carrier: Carrier, acts: IncomingActs, typed?: Typed) {
    this.#carrier = carrier;
    this.#acts = acts;
    this.#typed = typed;
  }

  /**
   * Decodes a body. When that fails, what came with it is let go.
   *
   * @throws {AmphisError} BODY_INVALID for what the worker may not name; what the codec and a `Carrier` refuse
   */
  decode({ body, attachments }: Frame): Value {
    this.#attachments = attachments;
    try {
      const value = decodeAdopting(body, this);
      return this.#typed === undefined ? value : (this.#typed.revive(value) as Value);
    } catch (error) {
      if (attachments.length > 0) this.#letGo();
      this.#typed?.forget();
      throw error;
    } finally {
      this.#opened = undefined;
      this.#attachments = NO_ATTACHMENTS;
    }
  }

  /** Decodes a body of which live objects and attachments are not wanted: they are let go, and nil stands for each. */
  decodePlain(frame: Frame): Value {
    this.#drops = true;
    try {
      return this.decode(frame);
    } finally {
      this.#drops = false;
    }
  }

  adopt(named: Handle | Attachment): unknown {
    if (named instanceof Attachment) return this.#open(named);
    if (named.type.startsWith(RESERVED)) return this.#reserved(named);
    if (!this.#drops) return this.#acts.adoptRemote(named.id, named.type);
    this.#acts.letGo(named.id);
    return null;
  }

  #reserved(handle: Handle): object {
    const typed = this.#typed?.adopt(handle);
    if (typed !== undefined) return typed;
    const { id, type } = handle;
    const thing =
      type === "amphis.function" || type === "amphis.iterable" ? this.#acts.lent(id) : undefined;
    if (thing === undefined || (typeof thing === "function") !== (type === "amphis.function")) {
      throw invalid("a handle of an object, or of a function or an iterable that was sent", type);
    }
    return thing;
  }

  #open(value: Attachment): unknown {
    const { index } = value;
    const attachment = this.#attachments[index];
    const opened = (this.#opened ??= []);
    if (attachment === undefined || opened[index] !== undefined) {
      throw invalid("an attachment that came with it, named once", `attachment ${index}`);
    }
    const carried = this.#carrier.open(attachment, value);
    opened[index] = carried;
    if (this.#drops) {
      release(carried);
      return null;
    }
    return isPlainBytes(carried) ? bytesOf(carried) : carried;
  }

  #letGo(): void {
    for (const carried of this.#opened ?? []) if (carried !== undefined) release(carried);
  }
}

type PlainBytes = Exclude<Carried, Tensor | ArrowTable | DeviceTensor>;

function isPlainBytes(carried: Carried): carried is PlainBytes {
  return !(
    carried instanceof Tensor ||
    carried instanceof ArrowTable ||
    carried instanceof DeviceTensor
  );
}

/** Bytes have no end that somebody could say, so they are a copy of shared memory, which goes back at once. */
function bytesOf(memory: PlainBytes): Uint8Array {
  if (!(memory instanceof LeasedBytes)) return memory.bytes;
  const copy = Uint8Array.from(memory.bytes);
  memory.release();
  return copy;
}

/** Lets go of memory and device tensors that nobody gets. */
function release(carried: Carried): void {
  const memory = carried instanceof ArrowTable ? carried.memory : carried;
  memory.release?.();
}

function invalid(expected: string, received: string): AmphisError<"BODY_INVALID"> {
  const message = `Cannot take value: ${received} must be ${expected}`;
  return new AmphisError("BODY_INVALID", message, { body: "value", path: "$", expected });
}
