import { type Codec, msgpack } from "../codec/index.ts";
import { AmphisError } from "../error/index.ts";
import type { Value } from "../value/index.ts";
import { Place } from "./place.ts";

/** One item of a stream. */
export interface ItemBody {
  /** Counts from 0 without gaps. */
  readonly sequence: number;
  readonly value: Value;
}

/** Leave to send more items. */
export interface CreditBody {
  /** How many more: 1 to 2^31-1. */
  readonly count: number;
}

/** The end of a stream. */
export interface EndBody {
  /** How many items there were. */
  readonly sequence: number;
}

/** Why a call is no longer wanted. */
export interface CancelBody {
  readonly reason: string;
  /** What the call is to be answered with (spec/worker.md); whoever is not told chooses itself. */
  readonly code?: string | undefined;
}

const MSGPACK = msgpack();
const MAX_CREDIT = 0x7fff_ffff;

export function encodeItem(item: ItemBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([item.sequence, item.value]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeItem(bytes: Uint8Array, codec: Codec = MSGPACK): ItemBody {
  const [sequence, value] = new Place("item", codec.decode(bytes)).array(2) as [Place, Place];
  return { sequence: sequence.int(0, Number.MAX_SAFE_INTEGER), value: value.value };
}

export function encodeCredit(credit: CreditBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([credit.count]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeCredit(bytes: Uint8Array, codec: Codec = MSGPACK): CreditBody {
  const [count] = new Place("credit", codec.decode(bytes)).array(1) as [Place];
  return { count: count.int(1, MAX_CREDIT) };
}

export function encodeEnd(end: EndBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([end.sequence]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeEnd(bytes: Uint8Array, codec: Codec = MSGPACK): EndBody {
  const [sequence] = new Place("end", codec.decode(bytes)).array(1) as [Place];
  return { sequence: sequence.int(0, Number.MAX_SAFE_INTEGER) };
}

export function encodeCancel(cancel: CancelBody, codec: Codec = MSGPACK): Uint8Array {
  const { reason, code } = cancel;
  return codec.encode(code === undefined ? [reason] : [reason, code]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeCancel(bytes: Uint8Array, codec: Codec = MSGPACK): CancelBody {
  const [reason, code] = new Place("cancel", codec.decode(bytes)).array(1) as [Place, Place?];
  return {
    reason: reason.text(),
    ...(code === undefined || code.isAbsent ? {} : { code: code.text() }),
  };
}

/** Checks that the items of one stream come in order and that its end counts them all. */
export class SequenceCheck {
  #next = 0;

  /** @throws {AmphisError} SEQUENCE_BROKEN when an item is missing, repeated or out of order */
  item(sequence: number): void {
    this.#expect(sequence);
    this.#next += 1;
  }

  /** @throws {AmphisError} SEQUENCE_BROKEN when items are missing before the end */
  end(sequence: number): void {
    this.#expect(sequence);
  }

  #expect(actual: number): void {
    const expected = this.#next;
    if (actual !== expected) {
      throw new AmphisError(
        "SEQUENCE_BROKEN",
        `Cannot take stream item ${actual}: item ${expected} comes next`,
        { expected, actual },
      );
    }
  }
}
