import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/*
 * The library reads a known field as its schema says even where the bytes say another wire type, and lets a message inside another run
 * past its own length. Other readers see other messages in such bytes, so they are refused before the library sees them.
 */

/** @throws {Error} when the bytes are not what every reader takes for the same message */
export function checkWire(schema: DescMessage, bytes: Uint8Array): void {
  checkMessage(schema, new BinaryReader(bytes), bytes.length, 0);
}

/** The library's own limit of messages in each other. */
const MAX_DEPTH = 100;

function checkMessage(schema: DescMessage, reader: BinaryReader, end: number, depth: number): void {
  if (depth >= MAX_DEPTH) throw new Error(`more than ${MAX_DEPTH} messages inside each other`);
  const fields = fieldsOf(schema);
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = fields.get(number);
    if (field === undefined) reader.skip(wireType, number);
    else checkField(field, wireType, reader, end, depth);
  }
  if (reader.pos !== end) throw new Error("a record runs past the end of its message");
}

function checkField(
  field: DescField,
  wireType: WireType,
  reader: BinaryReader,
  end: number,
  depth: number,
): void {
  const isPacked =
    field.fieldKind === "list" &&
    wireTypeOf(field) !== WireType.LengthDelimited &&
    wireType === WireType.LengthDelimited;
  if (wireType !== wireTypeOf(field) && !isPacked) {
    throw new Error(`field ${field.name} has wire type ${wireType}`);
  }
  if (wireType !== WireType.LengthDelimited) return void reader.skip(wireType, field.number);
  const inner = reader.uint32() + reader.pos;
  if (inner > end) throw new Error(`field ${field.name} runs past the end of its message`);
  if (field.fieldKind === "map") checkEntry(field, reader, inner, depth + 1);
  else if (field.message !== undefined) checkMessage(field.message, reader, inner, depth + 1);
  else if (isPacked) checkPacked(wireTypeOf(field), reader, inner);
  else reader.pos = inner;
}

function checkEntry(
  field: DescField & { fieldKind: "map" },
  reader: BinaryReader,
  end: number,
  depth: number,
): void {
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const expected =
      number === 1
        ? wireTypeOfScalar(field.mapKey)
        : number === 2
          ? wireTypeOf(field, true)
          : wireType;
    if (wireType !== expected) {
      throw new Error(`an entry of field ${field.name} has wire type ${wireType}`);
    }
    if (number === 2 && field.mapKind === "message") {
      checkMessage(field.message, reader, reader.uint32() + reader.pos, depth + 1);
    } else reader.skip(wireType, number);
  }
  if (reader.pos !== end) throw new Error(`an entry of field ${field.name} runs past its end`);
}

function checkPacked(wireType: WireType, reader: BinaryReader, end: number): void {
  while (reader.pos < end) reader.skip(wireType);
  if (reader.pos !== end) throw new Error("a packed list runs past its end");
}

function wireTypeOf(field: DescField, asMapValue = false): WireType {
  if (field.fieldKind === "map" && !asMapValue) return WireType.LengthDelimited;
  if (field.message !== undefined) return WireType.LengthDelimited;
  return field.scalar === undefined ? WireType.Varint : wireTypeOfScalar(field.scalar);
}

function wireTypeOfScalar(scalar: ScalarType): WireType {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
}

const FIELDS = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(schema: DescMessage): ReadonlyMap<number, DescField> {
  const known = FIELDS.get(schema);
  if (known !== undefined) return known;
  const fields = new Map(schema.fields.map((field) => [field.number, field]));
  FIELDS.set(schema, fields);
  return fields;
}
