import type { ByteWriter } from "../../bytes/index.ts";
import {
  Complex,
  Decimal,
  Duration,
  Handle,
  instantParts,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Uuid,
  writeUuid,
} from "../../../value/index.ts";
import type { IntegerConfiguration, ScalarType } from "../layout.ts";
import { outOfRange, unsupported } from "../refuse.ts";
import { writeF64 } from "./bytes.ts";
import { integerWriters } from "./integer.ts";
import { textWriter } from "./text.ts";

export type WriteScalar = (out: ByteWriter, value: unknown) => void;

/** Kinds whose fields hold no other values. */
export type LeafType = Exclude<ScalarType, "attachment">;

interface TextClass {
  new (text: string): { readonly text: string };
  isText(text: string): boolean;
}

/** Writes the fields of each kind, after checking the kind. */
export function scalarWriters(
  integers: IntegerConfiguration,
): Readonly<Record<LeafType, WriteScalar>> {
  const { types } = integerWriters(integers);
  const writeText = textWriter(integers);
  const texts =
    (kind: LeafType, type: TextClass): WriteScalar =>
    (out, value) => {
      if (!(value instanceof type)) throw unsupported(kind, value);
      writeText(out, value.text);
    };
  return {
    timestamp(out, value) {
      if (!(value instanceof Date)) throw unsupported("timestamp", value);
      const parts = instantParts(value);
      if (parts === undefined) throw outOfRange("timestamp in the years 0000 to 9999", value);
      types.i64(out, parts.seconds);
      types.u32(out, parts.nanoseconds);
    },
    date: texts("date", LocalDate),
    time: texts("time", LocalTime),
    datetime: texts("datetime", LocalDateTime),
    duration(out, value) {
      if (!(value instanceof Duration)) throw unsupported("duration", value);
      types.i64(out, value.seconds);
      types.u32(out, value.microseconds);
    },
    decimal: texts("decimal", Decimal),
    uuid: writeUuidBytes,
    complex(out, value) {
      if (!(value instanceof Complex)) throw unsupported("complex", value);
      writeF64(out, value.re);
      writeF64(out, value.im);
    },
    path: texts("path", Path),
    handle(out, value) {
      if (!(value instanceof Handle)) throw unsupported("handle", value);
      types.u64(out, value.id);
      if (typeof value.type !== "string") throw unsupported("handle with a type name", value.type);
      writeText(out, value.type);
    },
  };
}

function writeUuidBytes(out: ByteWriter, value: unknown): void {
  if (!(value instanceof Uuid)) throw unsupported("uuid", value);
  out.ensure(16);
  if (!writeUuid(value.text, out.bytes, out.at)) throw unsupported("uuid", value);
  out.at += 16;
}
