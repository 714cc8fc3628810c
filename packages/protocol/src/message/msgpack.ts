import {
  asRecord,
  type ByteWriter,
  type CodecOptions,
  explainRefusal,
  MsgpackReader,
  resolveCodecOptions,
  finishWith,
  returnWriter,
  takeWriter,
  writeMsgpackArrayHead,
  writeMsgpackNumber,
  writeMsgpackString,
  writeMsgpackValue,
} from "../codec/index.ts";
import { monotonicMs } from "../platform.ts";
import { PRIORITIES, type Priority } from "../priority.ts";
import { formatUuid, type Value, type ValueMap, writeUuid, writeUuidv7 } from "../value/index.ts";
import { checkMessage, invalid, ttlOf } from "./check.ts";
import type { MessageCodec, MessageContent, MessageHead } from "./codec.ts";
import type { MessageDraft } from "./draft.ts";
import { Message, MESSAGE_TYPES, type MessageInit, type MessageType } from "./message.ts";

// An array of twelve; what routing needs stands first.
//   type, priority, ttl, target, id, correlationId, source, timestamp, schema, version, metadata, payload
const FIELDS = 12;
const NIL = 0xc0;
const BIN8 = 0xc4;
const EMPTY_MAP = 0x80;
const UUID_BYTES = 16;
const MAX_INT_BYTES = 9;
const NO_METADATA: ValueMap = Object.freeze({});

/** What a message and a draft of one have in common. */
type Fields = Omit<MessageDraft, "message" | "madeAt">;

export class MsgpackMessageCodec implements MessageCodec {
  readonly name = "msgpack";
  readonly #options: Required<CodecOptions>;

  constructor(options?: CodecOptions) {
    this.#options = resolveCodecOptions(options);
  }

  encode(message: Message<unknown>, now: number = monotonicMs()): Uint8Array {
    return this.#encode(message, message, message.remainingMs(now));
  }

  encodeDraft(draft: MessageDraft): Uint8Array {
    return this.#encode(draft, undefined, draft.ttlMs);
  }

  decode(bytes: Uint8Array, now: number = monotonicMs()): Message {
    return new Message(this.#decode(bytes, uuidOf), now, true);
  }

  decodeContent(bytes: Uint8Array): MessageContent {
    const fields = this.#decode(bytes, skipUuid);
    checkMessage(fields, true);
    return fields;
  }

  /** @param ids a message that has them; else the id is new, and there is no other */
  #encode(
    fields: Fields,
    ids: Pick<Message, "id" | "correlationId"> | undefined,
    ttlMs: number | undefined,
  ): Uint8Array {
    const out = takeWriter();
    const { maxDepth } = this.#options;
    const { metadata = NO_METADATA, payload } = fields;
    try {
      writeFields(out, fields, ids, ttlMs);
      writeMsgpackValue(out, metadata, maxDepth);
      writeMsgpackValue(out, payload, maxDepth);
      return out.finish();
    } catch (thrown) {
      throw explainRefusal(thrown, { payload, metadata }, "msgpack", maxDepth);
    } finally {
      returnWriter(out);
    }
  }

  #decode(
    bytes: Uint8Array,
    idOf: (input: MsgpackReader, field: "id" | "correlationId") => string | undefined,
  ): MessageInit & MessageContent {
    const input = new MsgpackReader(bytes, 0, bytes.length, this.#options);
    const { maxDepth } = this.#options;
    const count = openFields(input);
    const init = {
      type: typeOf(input.read(0)),
      priority: priorityOf(input.read(0)),
      ttlMs: optional(input.read(0)) as number | undefined,
      target: nameOf(input, "target"),
      id: idOf(input, "id"),
      correlationId: idOf(input, "correlationId"),
      source: nameOf(input, "source"),
      timestamp: input.read(0) as number,
      schema: optional(input.read(0)) as string | undefined,
      version: input.read(0) as number,
      metadata: metadataOf(input, maxDepth),
      payload: input.read(maxDepth),
    };
    for (let extra = FIELDS; extra < count; extra += 1) input.read(maxDepth);
    if (input.at !== input.end) {
      throw input.corrupt(`${input.end - input.at} bytes follow the message`);
    }
    return init;
  }

  peek(bytes: Uint8Array, at = 0): MessageHead {
    const input = new MsgpackReader(bytes, at, bytes.length, this.#options);
    openFields(input);
    const type = typeOf(input.read(0));
    const priority = priorityOf(input.read(0));
    const ttlMs = ttlOf(optional(input.read(0)));
    return { type, priority, ttlMs, target: nameOf(input, "target") };
  }

  withTtl(bytes: Uint8Array, ttlMs: number): Uint8Array {
    const input = new MsgpackReader(bytes, 0, bytes.length, this.#options);
    openFields(input);
    for (let field = 0; field < 2; field += 1) input.read(0);
    const start = input.at;
    input.read(0);
    const out = takeWriter();
    try {
      out.ensure(bytes.length + MAX_INT_BYTES);
      out.bytes.set(bytes.subarray(0, start), out.at);
      out.at += start;
      writeMsgpackNumber(out, ttlMs);
      return finishWith(out, bytes.subarray(input.at));
    } finally {
      returnWriter(out);
    }
  }

  peekSource(bytes: Uint8Array, at = 0): string {
    const input = new MsgpackReader(bytes, at, bytes.length, this.#options);
    openFields(input);
    for (let field = 0; field < 3; field += 1) input.read(0);
    nameOf(input, "target");
    skipUuid(input, "id");
    skipUuid(input, "correlationId");
    return nameOf(input, "source");
  }
}

function writeFields(
  out: ByteWriter,
  fields: Fields,
  ids: Pick<Message, "id" | "correlationId"> | undefined,
  ttlMs: number | undefined,
): void {
  writeMsgpackArrayHead(out, FIELDS);
  out.bytes[out.at++] = MESSAGE_TYPES.indexOf(fields.type);
  out.bytes[out.at++] = PRIORITIES.indexOf(fields.priority);
  if (ttlMs === undefined) out.bytes[out.at++] = NIL;
  else writeMsgpackNumber(out, ttlMs);
  writeMsgpackString(out, fields.target);
  if (ids === undefined) writeNewId(out);
  else writeId(out, "id", ids.id);
  writeId(out, "correlationId", ids?.correlationId);
  writeMsgpackString(out, fields.source);
  writeMsgpackNumber(out, fields.timestamp);
  writeMsgpackValue(out, fields.schema, 0);
  writeMsgpackNumber(out, fields.version);
}

function writeNewId(out: ByteWriter): void {
  out.ensure(UUID_BYTES + 2);
  out.bytes[out.at] = BIN8;
  out.bytes[out.at + 1] = UUID_BYTES;
  writeUuidv7(out.bytes, out.at + 2);
  out.at += UUID_BYTES + 2;
}

function writeId(out: ByteWriter, field: string, id: string | undefined): void {
  out.ensure(UUID_BYTES + 2);
  if (id === undefined) {
    out.bytes[out.at++] = NIL;
    return;
  }
  out.bytes[out.at] = BIN8;
  out.bytes[out.at + 1] = UUID_BYTES;
  if (!writeUuid(id, out.bytes, out.at + 2)) throw invalid(field, "a UUID in lower case", id);
  out.at += UUID_BYTES + 2;
}

function openFields(input: MsgpackReader): number {
  const count = input.arrayLength();
  if (count < FIELDS) throw input.corrupt(`a message has ${FIELDS} fields, got ${count}`);
  return count;
}

function typeOf(value: Value): MessageType {
  const type = typeof value === "number" ? MESSAGE_TYPES[value] : undefined;
  if (type === undefined) throw invalid("type", "a number from 0 to 4", value);
  return type;
}

function priorityOf(value: Value): Priority {
  const priority = typeof value === "number" ? PRIORITIES[value] : undefined;
  if (priority === undefined) throw invalid("priority", "a number from 0 to 3", value);
  return priority;
}

/** Nil means that the field is not there; the constructor judges everything else. */
function optional(value: Value): Value {
  return value === null ? undefined : value;
}

function nameOf(input: MsgpackReader, field: "target" | "source"): string {
  const name = input.nameIfNext();
  if (name === undefined) throw invalid(field, "text", input.read(0));
  return name;
}

function uuidOf(input: MsgpackReader, field: "id" | "correlationId"): string | undefined {
  const { bytes, at } = input;
  // The usual form, read without making a view of it.
  if (bytes[at] === BIN8 && bytes[at + 1] === UUID_BYTES) {
    input.skip(UUID_BYTES + 2);
    return formatUuid(bytes, at + 2);
  }
  const value = input.read(0);
  if (value === null && field === "correlationId") return undefined;
  if (!(value instanceof Uint8Array) || value.length !== UUID_BYTES) {
    throw invalid(field, "16 bytes", value);
  }
  return formatUuid(value, 0);
}

/** As {@link uuidOf}, for one who does not want to know. */
function skipUuid(input: MsgpackReader, field: "id" | "correlationId"): undefined {
  const { bytes, at } = input;
  if (bytes[at] === BIN8 && bytes[at + 1] === UUID_BYTES) input.skip(UUID_BYTES + 2);
  else uuidOf(input, field);
}

/** Undefined for what nearly all messages have: none. */
function metadataOf(input: MsgpackReader, maxDepth: number): Record<string, Value> | undefined {
  if (input.bytes[input.at] === EMPTY_MAP) {
    input.skip(1);
    return undefined;
  }
  const value = input.read(maxDepth);
  const record = asRecord(value);
  if (record === undefined) throw invalid("metadata", "a map with string keys", value);
  return record;
}
