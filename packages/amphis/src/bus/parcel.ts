import {
  AmphisError,
  type CodecName,
  type Message,
  type MessageCodec,
  messageCodec,
  type MessageType,
  type Priority,
} from "@amphis/protocol";
import type { SchemaRegistry } from "@amphis/protocol/schema";

/** Codecs for messages, one of each name. */
export type MessageCodecs = Readonly<Record<CodecName, MessageCodec>>;

export function messageCodecs(schemas: SchemaRegistry | undefined): MessageCodecs {
  const options = schemas === undefined ? {} : { contracts: schemas };
  return {
    msgpack: messageCodec("msgpack", options),
    compact: messageCodec("compact", options),
    json: messageCodec("json", options),
  };
}

/**
 * A message on its way: as an object, as bytes, or both. Neither is made before somebody needs it, and each is made once, so a message that
 * passes through a hub is never decoded, and one that stays within a process is never encoded.
 */
export class Parcel {
  readonly type: MessageType;
  readonly priority: Priority;
  readonly target: string;
  /** When it expires, on the monotonic clock of this process; undefined when never. */
  readonly deadline: number | undefined;
  readonly #ttlMs: number | undefined;
  readonly #codecs: MessageCodecs;
  #message: Message | undefined;
  #body: Uint8Array | undefined;
  #codec: CodecName;

  private constructor(
    head: Pick<Message, "type" | "priority" | "target" | "ttlMs" | "deadline">,
    codecs: MessageCodecs,
    codec: CodecName,
  ) {
    this.type = head.type;
    this.priority = head.priority;
    this.target = head.target;
    this.deadline = head.deadline;
    this.#ttlMs = head.ttlMs;
    this.#codecs = codecs;
    this.#codec = codec;
  }

  /** A message of this process; `codec` is what it would travel in. */
  static of(message: Message, codecs: MessageCodecs, codec: CodecName): Parcel {
    const parcel = new Parcel(message, codecs, codec);
    parcel.#message = message;
    return parcel;
  }

  /** A message as it arrived. @throws {AmphisError} DECODE_FAILED or MESSAGE_INVALID for a head that is none */
  static arrived(body: Uint8Array, codec: CodecName, codecs: MessageCodecs): Parcel {
    const { type, priority, ttlMs, target } = codecs[codec].peek(body);
    const deadline = ttlMs === undefined ? undefined : performance.now() + ttlMs;
    const parcel = new Parcel({ type, priority, target, ttlMs, deadline }, codecs, codec);
    parcel.#body = body;
    return parcel;
  }

  get codec(): CodecName {
    return this.#codec;
  }

  get isExpired(): boolean {
    return this.deadline !== undefined && this.deadline - performance.now() < 1;
  }

  /** What a request is answered with that had expired when its turn came. */
  timeout(): AmphisError {
    const { target } = this;
    const timeoutMs = this.#ttlMs ?? 0;
    const message = `Cannot answer request to ${target}: its ${timeoutMs} ms have passed`;
    return new AmphisError("REQUEST_TIMEOUT", message, { target, timeoutMs });
  }

  /** Who says to have made it. */
  get source(): string {
    return this.#message === undefined
      ? this.#codecs[this.#codec].peekSource(this.#body as Uint8Array)
      : this.#message.source;
  }

  /** @throws {AmphisError} what the codec throws for bytes that are no message */
  message(): Message {
    this.#message ??= this.#codecs[this.#codec].decode(this.#body as Uint8Array);
    return this.#message;
  }

  /**
   * Its bytes, for a peer that takes these codecs.
   *
   * @throws {AmphisError} what the codec throws for a payload that cannot travel
   */
  body(codecs: readonly string[]): Uint8Array {
    if (this.#body !== undefined && codecs.includes(this.#codec)) return this.#body;
    const message = this.message();
    if (!codecs.includes(this.#codec)) this.#codec = commonCodec(codecs);
    this.#body = this.#codecs[this.#codec].encode(message);
    return this.#body;
  }

  /** Its bytes as they should leave now: what it waited is taken off its TTL. Only after {@link Parcel.body}. */
  delayed(now: number): Uint8Array {
    const body = this.#body as Uint8Array;
    if (this.deadline === undefined) return body;
    const leftMs = Math.max(0, Math.floor(this.deadline - now));
    return this.#codecs[this.#codec].withTtl(body, leftMs);
  }
}

function commonCodec(codecs: readonly string[]): CodecName {
  if (codecs.includes("msgpack")) return "msgpack";
  throw new AmphisError("NEGOTIATION_FAILED", "Cannot send message: the peer takes no msgpack", {
    local: ["msgpack"],
    remote: [...codecs],
  });
}
