import {
  AmphisError,
  type CodecName,
  type Message,
  type MessageCodec,
  messageCodec,
  type MessageContent,
  type MessageDraft,
  type MessageHead,
  type MessageType,
  type Priority,
  type Value,
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
 * A message on its way: as a draft or an object, as bytes, or both. Nothing is made before somebody needs it, and each is made once, so a
 * message that passes through a hub is never decoded, one that stays within a process is never encoded, and no id is made or read as text
 * unless somebody looks at the whole message.
 */
export class Parcel {
  readonly type: MessageType;
  readonly priority: Priority;
  readonly target: string;
  /** How long it was worth delivering when it was made, or came. */
  readonly ttlMs: number | undefined;
  /** When it expires, on the monotonic clock of this process; undefined when never. */
  readonly deadline: number | undefined;
  readonly #codecs: MessageCodecs;
  #draft: MessageDraft<Value> | undefined;
  /** What its handler needs, when no more was asked for. */
  #content: MessageContent | undefined;
  #message: Message | undefined;
  #body: Uint8Array | undefined;
  #codec: CodecName;

  private constructor(
    head: MessageHead,
    deadline: number | undefined,
    codecs: MessageCodecs,
    codec: CodecName,
  ) {
    this.type = head.type;
    this.priority = head.priority;
    this.target = head.target;
    this.deadline = deadline;
    this.ttlMs = head.ttlMs;
    this.#codecs = codecs;
    this.#codec = codec;
  }

  /** A message that this process is about to make; `codec` is what it would travel in. */
  static draft(draft: MessageDraft<Value>, codecs: MessageCodecs, codec: CodecName): Parcel {
    const parcel = new Parcel(draft, draft.deadline, codecs, codec);
    parcel.#draft = draft;
    return parcel;
  }

  /** A message of this process. */
  static of(message: Message, codecs: MessageCodecs, codec: CodecName): Parcel {
    const parcel = new Parcel(message, message.deadline, codecs, codec);
    parcel.#message = message;
    return parcel;
  }

  /** A message as it arrived. @throws {AmphisError} DECODE_FAILED or MESSAGE_INVALID for a head that is none */
  static arrived(body: Uint8Array, codec: CodecName, codecs: MessageCodecs): Parcel {
    const head = codecs[codec].peek(body);
    const deadline = head.ttlMs === undefined ? undefined : performance.now() + head.ttlMs;
    const parcel = new Parcel(head, deadline, codecs, codec);
    parcel.#body = body;
    return parcel;
  }

  get codec(): CodecName {
    return this.#codec;
  }

  /**
   * Whether its time was up when it was made, or came: less than a millisecond of it was left. Who handles it at once need not ask a clock.
   */
  get isSpent(): boolean {
    return this.ttlMs !== undefined && this.ttlMs <= 1;
  }

  /** Whether its time is up by now, for one that waited. */
  get isExpired(): boolean {
    return this.deadline !== undefined && this.deadline - performance.now() < 1;
  }

  /** What a request is answered with that had expired when its turn came. */
  timeout(): AmphisError {
    const { target } = this;
    const timeoutMs = this.ttlMs ?? 0;
    const message = `Cannot answer request to ${target}: its ${timeoutMs} ms have passed`;
    return new AmphisError("REQUEST_TIMEOUT", message, { target, timeoutMs });
  }

  /** Who says to have made it. */
  get source(): string {
    const made = this.#message ?? this.#draft;
    return made?.source ?? this.#codecs[this.#codec].peekSource(this.#body as Uint8Array);
  }

  /** @throws {AmphisError} what the codec throws for bytes that are no message */
  content(): MessageContent {
    const content = this.#message ?? this.#draft ?? this.#content;
    if (content !== undefined) return content;
    this.#content = this.#codecs[this.#codec].decodeContent(this.#body as Uint8Array);
    return this.#content;
  }

  /** @throws {AmphisError} what the codec throws for bytes that are no message */
  message(): Message {
    this.#message ??= this.#body === undefined ? this.#made() : this.#decoded(this.#body);
    return this.#message;
  }

  /**
   * Its bytes, for a peer that takes these codecs.
   *
   * @throws {AmphisError} what the codec throws for a payload that cannot travel
   */
  body(codecs: readonly string[]): Uint8Array {
    const travels = codecs.includes(this.#codec);
    if (this.#body !== undefined && travels) return this.#body;
    // Bytes of another codec are read before they are replaced.
    const message = this.#body === undefined ? this.#message : this.message();
    if (!travels) this.#codec = commonCodec(codecs);
    const codec = this.#codecs[this.#codec];
    this.#body =
      message === undefined
        ? codec.encodeDraft(this.#draft as MessageDraft)
        : codec.encode(message);
    return this.#body;
  }

  #made(): Message {
    return (this.#draft as MessageDraft<Value>).message();
  }

  /** The payload stays the one that was handed out, and the time counts from its arrival. */
  #decoded(body: Uint8Array): Message {
    const arrivedAt = (this.deadline ?? 0) - (this.ttlMs ?? 0);
    const message = this.#codecs[this.#codec].decode(body, arrivedAt);
    const handedOut = this.#draft ?? this.#content;
    if (handedOut === undefined) return message;
    return message.with({ payload: handedOut.payload, ttlMs: message.ttlMs }, arrivedAt);
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
