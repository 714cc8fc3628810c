import type { Codec, CodecName } from "../codec/index.ts";
import type { Priority } from "../priority.ts";
import type { MessageDraft } from "./draft.ts";
import type { Message, MessageType } from "./message.ts";

/** What a router needs to know of a message, read without touching its body. */
export interface MessageHead {
  readonly type: MessageType;
  readonly priority: Priority;
  /** What is left of its life as it arrived. */
  readonly ttlMs: number | undefined;
  readonly target: string;
}

/** What one needs of a message who handles it, and most want no more. */
export type MessageContent = Pick<Message, "schema" | "version" | "payload">;

/**
 * Turns messages into bytes and back, in one codec (spec/message.md).
 *
 * `now` is the monotonic clock: what is written is the TTL that is left, and a TTL that arrives counts from now.
 */
export interface MessageCodec {
  readonly name: CodecName;
  /** @throws {AmphisError} VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE or DEPTH_EXCEEDED for payload or metadata */
  encode(message: Message<unknown>, now?: number): Uint8Array;
  /** As `encode(draft.message())` with the whole TTL, and without making the message. */
  encodeDraft(draft: MessageDraft): Uint8Array;
  /** @throws {AmphisError} DECODE_FAILED, DEPTH_EXCEEDED, EXTENSION_UNKNOWN or MESSAGE_INVALID */
  decode(bytes: Uint8Array, now?: number): Message;
  /** As `decode`, and refuses the same; nothing is made that is not asked for. @throws {AmphisError} as `decode` */
  decodeContent(bytes: Uint8Array): MessageContent;
  /**
   * Reads the first fields of the message at an offset, and nothing else; in `json` that still parses the whole text.
   *
   * @throws {AmphisError} DECODE_FAILED or MESSAGE_INVALID when those fields are not right; the rest is not looked at
   */
  peek(bytes: Uint8Array, at?: number): MessageHead;
  /** Reads who says to have made the message at an offset, and nothing behind that. @throws {AmphisError} as `peek` */
  peekSource(bytes: Uint8Array, at?: number): string;
  /** The same message with another TTL, for one that had to wait on its way. @throws {AmphisError} as `peek` */
  withTtl(bytes: Uint8Array, ttlMs: number): Uint8Array;
}

/** Where the compact codec finds the layout of a payload; a schema registry is one. */
export interface PayloadContracts {
  /** Undefined when the contract is not known: the payload then describes itself. */
  payloadCodec(schema: string, version: number): Codec<unknown> | undefined;
}
