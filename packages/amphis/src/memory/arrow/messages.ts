import { invalid, unsupported } from "./failure.ts";
import { FlatTable } from "./flat-table.ts";
import { CONTINUATION, MAGIC, MESSAGE, VERSION } from "./format.ts";
import { readKeyValues } from "./read-schema.ts";

/*
 * Stream: messages, then 8 bytes of end (continuation, 0) or nothing.
 *    u32 continuation   i32 bytes of metadata with padding   metadata   body
 * File: ARROW1, 2 zeros, a stream, footer, i32 bytes of footer, ARROW1.
 *
 * Message                         Footer                              Block
 *  0 i16 version                   0 i16 version   1 Schema            i64 offset
 *  1 u8 kind  2 table of it        2 [Block] dictionary batches        i32 bytes of metadata with the prefix, 4 zeros
 *  3 i64 bytes of body             3 [Block] record batches            i64 bytes of body
 *  4 [KeyValue]                    4 [KeyValue]
 */

const PREFIX_BYTES = 8;
const OLD_PREFIX_BYTES = 4;
const FILE_HEAD_BYTES = 8;
const FILE_TAIL_BYTES = 4 + MAGIC.length;

/** How Arrow 0.17 said that buffers are compressed. */
const OLD_COMPRESSION = "ARROW:experimental_compression";

const KINDS: Readonly<Record<number, string>> = {
  [MESSAGE.tensor]: "a tensor message",
  [MESSAGE.sparse]: "a sparse tensor message",
};

/** One message; its metadata is a copy, its body is where it was. */
export interface ArrowMessage {
  readonly kind: number;
  readonly version: number;
  readonly header: FlatTable;
  /** Where the body begins in the bytes. */
  readonly bodyAt: number;
  readonly bodyBytes: number;
}

/** What bytes hold, in the order in which it counts. */
export interface ArrowMessages {
  readonly isFile: boolean;
  readonly schema: FlatTable;
  readonly batches: Iterable<ArrowMessage>;
}

/**
 * Takes a stream or a file apart. Metadata is copied before it is judged, as somebody else may write the bytes meanwhile.
 *
 * @throws {AmphisError} ARROW_INVALID, ARROW_UNSUPPORTED; those of later messages when they are iterated
 */
export function splitMessages(bytes: Uint8Array): ArrowMessages {
  return MAGIC.every((byte, at) => bytes[at] === byte) ? splitFile(bytes) : splitStream(bytes);
}

function splitStream(bytes: Uint8Array): ArrowMessages {
  const first = readMessage(bytes, 0, bytes.byteLength);
  if (first?.message.kind !== MESSAGE.schema) throw invalid("it does not begin with a schema");
  const schema = first.message.header;
  return { isFile: false, schema, batches: followers(bytes, first.end) };
}

function* followers(bytes: Uint8Array, start: number): Generator<ArrowMessage> {
  let next = readMessage(bytes, start, bytes.byteLength);
  while (next !== undefined) {
    yield next.message;
    next = readMessage(bytes, next.end, bytes.byteLength);
  }
}

function splitFile(bytes: Uint8Array): ArrowMessages {
  const tail = bytes.byteLength - FILE_TAIL_BYTES;
  const isWhole =
    tail >= FILE_HEAD_BYTES && MAGIC.every((byte, at) => bytes[tail + 4 + at] === byte);
  if (!isWhole) throw invalid("a file does not end as it begins");
  const length = viewOf(bytes).getInt32(tail, true);
  const start = tail - length;
  if (length <= 0 || start < FILE_HEAD_BYTES) {
    throw invalid(`a footer of ${length} bytes is not there`);
  }
  const footer = FlatTable.root(bytes.slice(start, tail));
  const schema = footer.table(1);
  if (schema === undefined) throw invalid("a footer has no schema");
  const blocks = [...footer.blocks(2), ...footer.blocks(3)];
  return { isFile: true, schema, batches: blockMessages(bytes, blocks, start) };
}

function* blockMessages(
  bytes: Uint8Array,
  blocks: readonly (readonly [number, number, number])[],
  end: number,
): Generator<ArrowMessage> {
  // Blocks that overlap would make a small file a large amount of work.
  let left = end - FILE_HEAD_BYTES;
  for (const [offset, metadataBytes, bodyBytes] of blocks) {
    left -= metadataBytes + bodyBytes;
    const isInside = offset >= FILE_HEAD_BYTES && metadataBytes > 0 && bodyBytes >= 0 && left >= 0;
    if (!isInside || offset + metadataBytes + bodyBytes > end) {
      throw invalid(`a block of a file at ${offset} is not inside of it`);
    }
    const found = readMessage(bytes, offset, offset + metadataBytes + bodyBytes);
    if (found === undefined) throw invalid("a block of a file is empty");
    if (found.message.bodyBytes !== bodyBytes) {
      throw invalid("a block and its message differ in length");
    }
    yield found.message;
  }
}

interface Found {
  readonly message: ArrowMessage;
  /** Where the next one begins. */
  readonly end: number;
}

/** Undefined at the end of a stream. */
function readMessage(bytes: Uint8Array, at: number, end: number): Found | undefined {
  if (at === end) return undefined;
  if (at + OLD_PREFIX_BYTES > end) throw truncated(at);
  const view = viewOf(bytes);
  const word = view.getUint32(at, true);
  const isOld = word !== CONTINUATION;
  if (!isOld && at + PREFIX_BYTES > end) throw truncated(at);
  const length = isOld ? word : view.getUint32(at + OLD_PREFIX_BYTES, true);
  if (length === 0) return undefined;
  const start = at + (isOld ? OLD_PREFIX_BYTES : PREFIX_BYTES);
  const bodyAt = start + length;
  if (bodyAt > end) throw truncated(at);
  const message = judge(FlatTable.root(bytes.slice(start, bodyAt)), bodyAt);
  if (message.bodyBytes < 0 || bodyAt + message.bodyBytes > end) throw truncated(at);
  return { message, end: bodyAt + message.bodyBytes };
}

function judge(table: FlatTable, bodyAt: number): ArrowMessage {
  const version = checkVersion(table.int16(0));
  const kind = table.uint8(1);
  const refused = KINDS[kind];
  if (refused !== undefined) throw unsupported(refused);
  const header = table.table(2);
  if (header === undefined) throw invalid("a message holds nothing");
  const codec = readKeyValues(table, 4)?.get(OLD_COMPRESSION);
  if (codec !== undefined) throw unsupported(`${codec} compression`);
  return { kind, version, header, bodyAt, bodyBytes: table.int64(3) };
}

function checkVersion(version: number): number {
  if (version === VERSION.v4 || version === VERSION.v5) return version;
  throw unsupported(`metadata version V${version + 1}`);
}

function truncated(at: number): Error {
  return invalid(`the message at byte ${at} is longer than what is there`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
