import {
  asRecord,
  type CodecOptions,
  decodeJson,
  encodeJson,
  resolveCodecOptions,
} from "../codec/index.ts";
import { monotonicMs } from "../platform.ts";
import type { Value, ValueMap } from "../value/index.ts";
import { invalid } from "./check.ts";
import type { MessageCodec, MessageContent, MessageHead } from "./codec.ts";
import type { MessageDraft } from "./draft.ts";
import { Message, type MessageInit } from "./message.ts";

/** A message as JSON for people: named fields, those with their default left out. */
export class JsonMessageCodec implements MessageCodec {
  readonly name = "json";
  readonly #options: Required<CodecOptions>;
  /** One more level than the payload has: the message itself. */
  readonly #depth: number;

  constructor(options?: CodecOptions) {
    this.#options = resolveCodecOptions(options);
    this.#depth = this.#options.maxDepth + 1;
  }

  encode(message: Message<unknown>, now: number = monotonicMs()): Uint8Array {
    const fields = {
      type: message.type,
      priority: message.priority === "normal" ? undefined : message.priority,
      ttlMs: message.remainingMs(now),
      target: message.target === "" ? undefined : message.target,
      id: message.id,
      correlationId: message.correlationId,
      source: message.source === "" ? undefined : message.source,
      timestamp: message.timestamp,
      schema: message.schema,
      version: message.version === 1 ? undefined : message.version,
      metadata: Object.keys(message.metadata).length === 0 ? undefined : message.metadata,
      payload: (message.payload ?? null) as Value,
    };
    return encodeJson(fields, this.#options, this.#depth);
  }

  encodeDraft(draft: MessageDraft): Uint8Array {
    return this.encode(draft.message(), draft.madeAt);
  }

  decodeContent(bytes: Uint8Array): MessageContent {
    return this.decode(bytes, 0);
  }

  decode(bytes: Uint8Array, now: number = monotonicMs()): Message {
    return new Message(this.#read(bytes), now);
  }

  peek(bytes: Uint8Array, at = 0): MessageHead {
    const { type, priority, ttlMs, target } = this.decode(bytes.subarray(at), 0);
    return { type, priority, ttlMs, target };
  }

  withTtl(bytes: Uint8Array, ttlMs: number): Uint8Array {
    return this.encode(this.decode(bytes, 0).with({ ttlMs }, 0), 0);
  }

  peekSource(bytes: Uint8Array, at = 0): string {
    return this.decode(bytes.subarray(at), 0).source;
  }

  /** The fields as they are named; the constructor of the message judges them. */
  #read(bytes: Uint8Array): MessageInit {
    const fields = asRecord(decodeJson(bytes, this.#options, this.#depth));
    if (fields === undefined) throw invalid("message", "a map", null);
    for (const field of ["id", "timestamp", "payload"]) {
      if (!Object.hasOwn(fields, field)) throw invalid(field, "there", undefined);
    }
    const metadata = fields["metadata"] === undefined ? undefined : asRecord(fields["metadata"]);
    if (metadata === undefined && fields["metadata"] !== undefined) {
      throw invalid("metadata", "a map with string keys", fields["metadata"]);
    }
    return { ...known(fields), metadata } as MessageInit;
  }
}

const FIELDS = [
  "type",
  "priority",
  "ttlMs",
  "target",
  "id",
  "correlationId",
  "source",
  "timestamp",
  "schema",
  "version",
  "payload",
];

/** A field that is null is one that is there and wrong, so nothing is filled in for it. */
function known(fields: ValueMap): Record<string, Value> {
  const picked: Record<string, Value> = {};
  for (const field of FIELDS) if (Object.hasOwn(fields, field)) picked[field] = fields[field];
  return picked;
}
