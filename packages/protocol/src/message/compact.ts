import {
  asRecord,
  type CodecOptions,
  compact,
  type CompactCodec,
  compactFor,
  compactForNames,
  finishWith,
  returnWriter,
  takeWriter,
  type ByteWriter,
} from "../codec/index.ts";
import { AmphisError, isAmphisError } from "../error/index.ts";
import { monotonicMs } from "../platform.ts";
import { PRIORITIES } from "../priority.ts";
import { formatUuid, type Value, type ValueMap, writeUuid } from "../value/index.ts";
import { invalid, ttlOf } from "./check.ts";
import type { MessageCodec, MessageContent, MessageHead, PayloadContracts } from "./codec.ts";
import type { MessageDraft } from "./draft.ts";
import { Message, MESSAGE_TYPES, type MessageInit } from "./message.ts";

const UUID_BYTES = 16;

// The struct of spec/message.md in pieces: head, the two ids, the rest, metadata, payload. The ids are between texts and bytes without a
// stop; metadata and payload each have the levels of nesting that the limit grants.
const HEAD_SCHEMA = {
  type: "object",
  properties: {
    type: { enum: MESSAGE_TYPES },
    priority: { enum: PRIORITIES },
    ttlMs: { "x-amphis": "u64" },
    target: { type: "string" },
  },
  required: ["type", "priority", "target"],
};
const REST_SCHEMA = {
  type: "object",
  properties: {
    source: { type: "string" },
    timestamp: { "x-amphis": "u64" },
    schema: { type: "string" },
    version: { "x-amphis": "u32" },
  },
  required: ["source", "timestamp", "version"],
};
const METADATA_SCHEMA = { type: "object", additionalProperties: { "x-amphis": "value" } };

type Rest = Pick<MessageInit, "source" | "timestamp" | "schema" | "version">;

/** Variants of the payload. */
const DESCRIBES_ITSELF = 0;
const BY_CONTRACT = 1;

export class CompactMessageCodec implements MessageCodec {
  readonly name = "compact";
  readonly #head: CompactCodec<MessageHead>;
  readonly #rest: CompactCodec<Rest>;
  readonly #metadata: CompactCodec<ValueMap>;
  readonly #value: CompactCodec;
  readonly #bytes: CompactCodec<Uint8Array>;
  readonly #contracts: PayloadContracts | undefined;

  constructor(options: CodecOptions = {}, contracts?: PayloadContracts) {
    this.#head = compactForNames<MessageHead>(HEAD_SCHEMA, options);
    this.#rest = compactForNames<Rest>(REST_SCHEMA, options);
    this.#metadata = compactFor<ValueMap>(METADATA_SCHEMA, options);
    this.#value = compact(options);
    this.#bytes = compactFor<Uint8Array>({ "x-amphis": "bytes" }, options);
    this.#contracts = contracts;
  }

  encode(message: Message<unknown>, now: number = monotonicMs()): Uint8Array {
    const encoded = this.#encodeByContract(message);
    const out = takeWriter();
    let part = "metadata";
    try {
      this.#writeFields(out, message, now);
      this.#metadata.write(out, message.metadata);
      part = "payload";
      out.ensure(1);
      out.bytes[out.at++] = encoded === undefined ? DESCRIBES_ITSELF : BY_CONTRACT;
      if (encoded === undefined) this.#value.write(out, message.payload as Value);
      else this.#bytes.write(out, encoded);
      return out.finish();
    } catch (error) {
      throw inPart(part, error);
    } finally {
      returnWriter(out);
    }
  }

  encodeDraft(draft: MessageDraft): Uint8Array {
    return this.encode(draft.message(), draft.madeAt);
  }

  decodeContent(bytes: Uint8Array): MessageContent {
    return this.decode(bytes, 0);
  }

  decode(bytes: Uint8Array, now: number = monotonicMs()): Message {
    const { value: head, end: idAt } = this.#head.decodePrefix(bytes);
    const correlationAt = idAt + UUID_BYTES;
    const restAt = behindIds(bytes, idAt);
    const answers = bytes[correlationAt] === 1;
    const { value: rest, end: metadataAt } = this.#rest.decodePrefix(bytes, restAt);
    const { value: metadata, end } = this.#metadata.decodePrefix(bytes, metadataAt);
    const init: MessageInit = {
      type: head.type,
      priority: head.priority,
      ttlMs: head.ttlMs,
      target: head.target,
      id: formatUuid(bytes, idAt),
      correlationId: answers ? formatUuid(bytes, correlationAt + 1) : undefined,
      source: rest.source,
      timestamp: rest.timestamp,
      schema: rest.schema,
      version: rest.version,
      metadata: asRecord(metadata),
      payload: this.#payload(bytes, end, rest.schema, rest.version),
    };
    return new Message(init, now, true);
  }

  peek(bytes: Uint8Array, at = 0): MessageHead {
    const { type, priority, ttlMs, target } = this.#head.decodePrefix(bytes, at).value;
    return { type, priority, ttlMs: ttlOf(ttlMs), target };
  }

  withTtl(bytes: Uint8Array, ttlMs: number): Uint8Array {
    const { value: head, end } = this.#head.decodePrefix(bytes);
    const out = takeWriter();
    try {
      this.#head.write(out, { ...head, ttlMs });
      return finishWith(out, bytes.subarray(end));
    } finally {
      returnWriter(out);
    }
  }

  peekSource(bytes: Uint8Array, at = 0): string {
    const { end: idAt } = this.#head.decodePrefix(bytes, at);
    return this.#rest.decodePrefix(bytes, behindIds(bytes, idAt)).value.source ?? "";
  }

  #writeFields(out: ByteWriter, message: Message<unknown>, now: number): void {
    const { type, priority, target, source, timestamp, schema, version, correlationId } = message;
    this.#head.write(out, { type, priority, ttlMs: message.remainingMs(now), target });
    out.ensure(2 * UUID_BYTES + 1);
    writeId(out, "id", message.id);
    out.bytes[out.at++] = correlationId === undefined ? 0 : 1;
    if (correlationId !== undefined) writeId(out, "correlationId", correlationId);
    this.#rest.write(out, { source, timestamp, schema, version });
  }

  /** Before the writer of the message is taken: the contract's codec wants one too. */
  #encodeByContract({ schema, version, payload }: Message<unknown>): Uint8Array | undefined {
    try {
      return this.#contract(schema, version)?.encode(payload);
    } catch (error) {
      throw inPart("payload", error);
    }
  }

  #payload(
    bytes: Uint8Array,
    at: number,
    schema: string | undefined,
    version: number | undefined,
  ): Value {
    if (bytes[at] === DESCRIBES_ITSELF) {
      const { value, end } = this.#value.decodePrefix(bytes, at + 1);
      return complete(bytes, end, value);
    }
    if (bytes[at] !== BY_CONTRACT) {
      throw corrupt(at, "the payload is neither a value nor encoded by its contract");
    }
    const { value, end } = this.#bytes.decodePrefix(bytes, at + 1);
    const contract = this.#contract(schema, version);
    if (contract === undefined) {
      const name = schema ?? "";
      throw new AmphisError(
        "SCHEMA_UNKNOWN",
        `Cannot decode message: its payload has the layout of ${JSON.stringify(name)} version ${version ?? 1}, which is not registered here`,
        {
          schema: name,
          version: version ?? 1,
          known: [],
        },
      );
    }
    return complete(bytes, end, contract.decode(value) as Value);
  }

  #contract(schema: string | undefined, version = 1): ReturnType<PayloadContracts["payloadCodec"]> {
    return schema === undefined ? undefined : this.#contracts?.payloadCodec(schema, version);
  }
}

/** Where the fields behind the two ids start. */
function behindIds(bytes: Uint8Array, idAt: number): number {
  const correlationAt = idAt + UUID_BYTES;
  const answers = bytes[correlationAt] === 1;
  const restAt = correlationAt + (answers ? UUID_BYTES + 1 : 1);
  if (restAt >= bytes.length) throw corrupt(idAt, "the input ends inside the ids");
  if (!answers && bytes[correlationAt] !== 0) {
    throw corrupt(correlationAt, "the correlation id is neither there nor absent");
  }
  return restAt;
}

/** The error of a part, with its path from the message on, as the other codecs have it. */
function inPart(part: string, error: unknown): unknown {
  if (!isAmphisError(error, "VALUE_UNSUPPORTED") && !isAmphisError(error, "VALUE_OUT_OF_RANGE")) {
    return error;
  }
  const path = `$.${part}${error.path.slice(1)}`;
  const { expected, received } = error;
  return new AmphisError(
    error.code,
    `Cannot encode compact: ${path} must be ${expected}, got ${received}`,
    { path, expected, received },
  );
}

/** Fails only for something that is no {@link Message} but looks like one. */
function writeId(out: ByteWriter, field: string, id: string): void {
  if (!writeUuid(id, out.bytes, out.at)) throw invalid(field, "a UUID in lower case", id);
  out.at += UUID_BYTES;
}

function complete(bytes: Uint8Array, end: number, value: Value): Value {
  if (end !== bytes.length) throw corrupt(end, `${bytes.length - end} bytes follow the message`);
  return value;
}

function corrupt(offset: number, reason: string): AmphisError<"DECODE_FAILED"> {
  return new AmphisError("DECODE_FAILED", `Cannot decode compact at byte ${offset}: ${reason}`, {
    codec: "compact",
    offset,
    reason,
  });
}
