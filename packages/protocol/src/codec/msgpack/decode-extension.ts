import type { Value } from "../../value/index.ts";
import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  formatUuid,
  Handle,
  instant,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Tuple,
  Uuid,
} from "../../value/index.ts";
import { AmphisError } from "../../error/index.ts";
import { MAX_INT_BYTES } from "../codec.ts";
import { tooDeep } from "../corrupt.ts";
import { intFromBytes } from "../integer.ts";
import { asRecord } from "../record.ts";
import type { MsgpackReader } from "./decode.ts";
import * as f from "./format.ts";

const TWO_POW_32 = 0x1_0000_0000;

/** An extension of `length` bytes, whose code comes next. */
export function readExtension(input: MsgpackReader, length: number, left: number): Value {
  const code = (input.uint8() << 24) >> 24;
  if (length > input.end - input.at) {
    throw input.corrupt(`${length} bytes are needed and ${input.end - input.at} are left`);
  }
  const end = input.at + length;
  const value = readBody(input, code, length, end, left);
  if (input.at !== end) throw input.corrupt(`extension ${code} holds more than its value`);
  return value;
}

function readBody(
  input: MsgpackReader,
  code: number,
  length: number,
  end: number,
  left: number,
): Value {
  switch (code) {
    case f.EXT_TIMESTAMP:
      return timestamp(input, length);
    case f.EXT_INT:
      return int(input, length);
    case f.EXT_DECIMAL:
      return textual(input, length, Decimal, "a decimal number");
    case f.EXT_UUID:
      return uuid(input, length);
    case f.EXT_DATE:
      return textual(input, length, LocalDate, "a date");
    case f.EXT_TIME:
      return textual(input, length, LocalTime, "a time");
    case f.EXT_DATETIME:
      return textual(input, length, LocalDateTime, "a datetime");
    case f.EXT_DURATION:
      return duration(input, length);
    case f.EXT_SET:
      return new Set(nested(input, end, left, () => input.readKey(left - 1)));
    case f.EXT_TUPLE:
      return Tuple.from(nested(input, end, left, () => input.read(left - 1)));
    case f.EXT_ATTACHMENT:
      return adopted(input, attachment(input, end, left));
    case f.EXT_COMPLEX:
      expectLength(input, length, 16, "a complex number");
      return new Complex(
        input.view.getFloat64(input.skip(8)),
        input.view.getFloat64(input.skip(8)),
      );
    case f.EXT_PATH:
      return textual(input, length, Path, "a path");
    case f.EXT_HANDLE:
      return adopted(input, handle(input, length));
    default:
      return unassigned(input, code, length);
  }
}

function adopted(input: MsgpackReader, named: Handle | Attachment): Value {
  return input.adoption === undefined ? named : (input.adoption.adopt(named) as Value);
}

function int(input: MsgpackReader, length: number): number | bigint {
  const value = intFromBytes(input.slice(length));
  if (value === undefined) {
    throw input.corrupt(`an int must have 1 to ${MAX_INT_BYTES} bytes`, -length);
  }
  return value;
}

function unassigned(input: MsgpackReader, code: number, length: number): Ext {
  if (Ext.isCode(code)) return new Ext(code, input.slice(length));
  throw new AmphisError(
    "EXTENSION_UNKNOWN",
    `Cannot decode msgpack at byte ${input.at}: extension ${code} is not known`,
    { extension: code },
  );
}

function expectLength(input: MsgpackReader, length: number, expected: number, what: string): void {
  if (length !== expected) {
    throw input.corrupt(`${what} must have ${expected} bytes, got ${length}`);
  }
}

interface TextClass<T> {
  new (text: string): T;
  isText(text: string): boolean;
}

function textual<T>(input: MsgpackReader, length: number, type: TextClass<T>, what: string): T {
  const text = input.text(length);
  if (!type.isText(text)) {
    throw input.corrupt(`${JSON.stringify(text.slice(0, 40))} is not ${what}`, -length);
  }
  return new type(text);
}

function timestamp(input: MsgpackReader, length: number): Date {
  const { view } = input;
  let seconds: number;
  let nanoseconds = 0;
  if (length === 4) {
    seconds = input.uint32();
  } else if (length === 8) {
    const high = input.uint32();
    nanoseconds = high >>> 2;
    seconds = (high & 3) * TWO_POW_32 + input.uint32();
  } else {
    expectLength(input, length, 12, "a timestamp");
    nanoseconds = input.uint32();
    seconds = view.getInt32(input.skip(4)) * TWO_POW_32 + input.uint32();
  }
  const date = instant(seconds, nanoseconds);
  if (date === undefined) {
    throw input.corrupt(
      "the timestamp is not in the years 0000 to 9999, or has 1,000,000,000 nanoseconds or more",
      -length,
    );
  }
  return date;
}

function duration(input: MsgpackReader, length: number): Duration {
  expectLength(input, length, 12, "a duration");
  const seconds = input.view.getInt32(input.skip(4)) * TWO_POW_32 + input.uint32();
  const microseconds = input.uint32();
  if (!Duration.isValid(seconds, microseconds)) {
    throw input.corrupt("the duration is out of range", -length);
  }
  return new Duration(seconds, microseconds);
}

function uuid(input: MsgpackReader, length: number): Uuid {
  expectLength(input, length, 16, "a uuid");
  return new Uuid(formatUuid(input.bytes, input.skip(16)));
}

function handle(input: MsgpackReader, length: number): Handle {
  if (length < 8) throw input.corrupt(`a handle must have 8 bytes or more, got ${length}`);
  const id = input.uint32() * TWO_POW_32 + input.uint32();
  if (!Number.isSafeInteger(id)) {
    throw input.corrupt("the id of a handle is larger than 2^53-1", -8);
  }
  return new Handle(id, input.text(length - 8));
}

/** The body is an array of values: its items, read within the bounds of the extension. */
function nested(input: MsgpackReader, end: number, left: number, read: () => Value): Value[] {
  if (left === 0) throw tooDeep("msgpack", input.maxDepth);
  const outer = input.end;
  input.end = end;
  const count = input.arrayLength();
  const items: Value[] = [];
  for (let i = 0; i < count; i += 1) items.push(read());
  input.end = outer;
  return items;
}

/** The array that holds the three parts is no level of its own, so none of them may be an attachment again. */
function attachment(input: MsgpackReader, end: number, left: number): Attachment {
  const outer = input.end;
  input.end = end;
  const isWhole = input.arrayLength() === 3;
  const index = isWhole && !startsExtension(input) ? input.read(0) : undefined;
  const format = isWhole && !startsExtension(input) ? input.read(0) : undefined;
  const meta = isWhole && !startsExtension(input) ? asRecord(input.read(left)) : undefined;
  input.end = outer;
  if (!Attachment.isIndex(index) || typeof format !== "string" || meta === undefined) {
    throw input.corrupt("an attachment must be an index, a format and a map with string keys");
  }
  return new Attachment(index, format, meta);
}

function startsExtension(input: MsgpackReader): boolean {
  const head = input.bytes[input.at] ?? 0;
  return (head >= f.EXT8 && head <= f.EXT32) || (head >= f.FIXEXT1 && head <= f.FIXEXT16);
}
