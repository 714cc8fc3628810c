import { type CodecName, type CodecOptions, unknownCodec } from "../codec/index.ts";
import type { MessageCodec, PayloadContracts } from "./codec.ts";
import { CompactMessageCodec } from "./compact.ts";
import { JsonMessageCodec } from "./json.ts";
import { MsgpackMessageCodec } from "./msgpack.ts";

export interface MessageCodecOptions extends CodecOptions {
  /** Layouts of payloads, for `compact`; usually a schema registry. */
  readonly contracts?: PayloadContracts;
}

/**
 * The codec for messages of a name, as configuration or a negotiated hello gives it. Keep it: one serves any number of messages.
 *
 * @throws {AmphisError} CODEC_UNKNOWN
 */
export function messageCodec(name: CodecName, options: MessageCodecOptions = {}): MessageCodec {
  switch (name) {
    case "msgpack":
      return new MsgpackMessageCodec(options);
    case "compact":
      return new CompactMessageCodec(options, options.contracts);
    case "json":
      return new JsonMessageCodec(options);
    default:
      throw unknownCodec(name);
  }
}

export { MessageBuilder } from "./builder.ts";
export type { MessageCodec, MessageContent, MessageHead, PayloadContracts } from "./codec.ts";
export { MessageDraft } from "./draft.ts";
export type { MessageDraftInit } from "./draft.ts";
export { Message, MESSAGE_TYPES } from "./message.ts";
export type { MessageInit, MessageType } from "./message.ts";
