import {
  type AmphisError,
  type Codec,
  codec as valueCodec,
  type CodecName,
  decodeCancel,
  decodeCredit,
  decodeEnd,
  decodeErrorBody,
  decodeItem,
  decodeResult,
  encodeCancel,
  encodeCredit,
  encodeEnd,
  encodeErrorBody,
  encodeItem,
  encodeResult,
  type Value,
} from "@amphis/protocol";

/** What the two sides of a call say to each other, by kind of frame. */
interface Contents {
  readonly result: Value;
  readonly error: unknown;
  readonly item: { readonly sequence: number; readonly value: Value };
  readonly end: number;
  readonly credit: number;
  readonly cancel: string;
}

export type PartKind = keyof Contents;

/** One side of a call, as the other sees it. */
export interface CallEnd {
  take(part: CallPart): void;
}

const MSGPACK = valueCodec("msgpack");
const CODECS: Readonly<Record<CodecName, Codec>> = {
  msgpack: MSGPACK,
  // A layout belongs to a schema, and answers name none.
  compact: MSGPACK,
  json: valueCodec("json"),
};

/** The codec that the answers to a request travel in. */
export function answerCodec(requestCodec: CodecName): CodecName {
  return requestCodec === "json" ? "json" : "msgpack";
}

/** Something said within a call: as a value, as bytes, or both. Bytes that only pass through are never decoded. */
export class CallPart<K extends PartKind = PartKind> {
  readonly kind: K;
  #content: Contents[K] | undefined;
  #body: Uint8Array | undefined;
  #codec: CodecName | undefined;

  private constructor(kind: K) {
    this.kind = kind;
  }

  static of<K extends PartKind>(kind: K, content: Contents[K]): CallPart<K> {
    const part = new CallPart(kind);
    part.#content = content;
    return part;
  }

  static arrived<K extends PartKind>(kind: K, body: Uint8Array, codec: CodecName): CallPart<K> {
    const part = new CallPart(kind);
    part.#body = body;
    part.#codec = codec;
    return part;
  }

  is<L extends PartKind>(kind: L): this is CallPart<L> {
    return (this.kind as PartKind) === kind;
  }

  /** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
  content(): Contents[K] {
    if (this.#body !== undefined && this.#content === undefined) {
      this.#content = decode(
        this.kind,
        this.#body,
        CODECS[this.#codec ?? "msgpack"],
      ) as Contents[K];
    }
    return this.#content as Contents[K];
  }

  /** @throws {AmphisError} what the codec throws for a value that cannot travel */
  body(codec: CodecName): Uint8Array {
    if (this.#body === undefined || this.#codec !== codec) {
      const content = this.content();
      this.#body = encode(this.kind, content, CODECS[codec]);
      this.#codec = codec;
    }
    return this.#body;
  }
}

function decode(kind: PartKind, body: Uint8Array, codec: Codec): unknown {
  switch (kind) {
    case "result":
      return decodeResult(body, codec).value;
    case "error":
      return decodeErrorBody(body, codec) satisfies AmphisError;
    case "item":
      return decodeItem(body, codec);
    case "end":
      return decodeEnd(body, codec).sequence;
    case "credit":
      return decodeCredit(body, codec).count;
    case "cancel":
      return decodeCancel(body, codec).reason;
  }
}

function encode(kind: PartKind, content: unknown, codec: Codec): Uint8Array {
  switch (kind) {
    case "result":
      return encodeResult({ value: content as Value }, codec);
    case "error":
      return encodeErrorBody(content, codec);
    case "item":
      return encodeItem(content as Contents["item"], codec);
    case "end":
      return encodeEnd({ sequence: content as number }, codec);
    case "credit":
      return encodeCredit({ count: content as number }, codec);
    case "cancel":
      return encodeCancel({ reason: content as string }, codec);
  }
}
