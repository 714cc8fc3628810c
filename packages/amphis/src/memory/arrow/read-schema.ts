import {
  type DataType,
  dictionary,
  type Field,
  type Metadata,
  type Schema,
} from "@uwdata/flechette";

import { invalid, unsupported } from "./failure.ts";
import type { FlatTable } from "./flat-table.ts";
import { MAX_DEPTH } from "./format.ts";
import { readKeyType, readType } from "./read-type.ts";

/*
 * Schema                 Field                      DictionaryEncoding       KeyValue
 *  0 i16 endianness       0 string name              0 i64 id                 0 string key
 *  1 [Field]              1 bool nullable            1 Int of the keys        1 string value
 *  2 [KeyValue]           2 u8 type  3 table of it   2 bool isOrdered
 *                         4 DictionaryEncoding       3 i16 kind
 *                         5 [Field]  6 [KeyValue]
 */

/**
 * What a table looks like, as flechette has it.
 *
 * @throws {AmphisError} ARROW_UNSUPPORTED for a big-endian one and for types that are not read in place, ARROW_INVALID
 */
export function readSchema(table: FlatTable): Schema {
  if (table.int16(0) !== 0) throw unsupported("big-endian data");
  const fields = table.tables(1).map((field) => readField(field, 0));
  // A row comes out as an object, which keeps this name to itself.
  if (fields.some(({ name }) => name === "__proto__")) {
    throw unsupported("a column named __proto__");
  }
  return { fields, metadata: readKeyValues(table, 2) };
}

export function readKeyValues(table: FlatTable, field: number): Metadata | null {
  const pairs = table.tables(field);
  if (pairs.length === 0) return null;
  return new Map(pairs.map((pair) => [pair.string(0) ?? "", pair.string(1) ?? ""]));
}

function readField(table: FlatTable, depth: number): Field {
  if (depth > MAX_DEPTH) throw unsupported(`a type that holds types more than ${MAX_DEPTH} deep`);
  const children = table.tables(5).map((child) => readField(child, depth + 1));
  const values = readType(table.uint8(2), table.table(3), children);
  const encoding = table.table(4);
  return {
    name: table.string(0) ?? "",
    type: encoding === undefined ? values : readDictionary(encoding, values),
    nullable: table.boolean(1),
    metadata: readKeyValues(table, 6) as Metadata,
  };
}

function readDictionary(encoding: FlatTable, values: DataType): DataType {
  if (encoding.int16(3) !== 0) throw unsupported(`dictionary kind ${encoding.int16(3)}`);
  const keys = readKeyType(encoding.table(1));
  return dictionary(values, keys, encoding.boolean(2), encoding.int64(0));
}

/** Each dictionary of a schema by its identity, with the type of its values. */
export function dictionaryTypes(schema: Schema): ReadonlyMap<number, DataType> {
  const found = new Map<number, DataType>();
  const visit = (type: DataType): void => {
    if (type.typeId === -1) {
      const known = found.get(type.id);
      if (known !== undefined && !isSame(known, type.dictionary)) {
        throw invalid(`dictionary ${type.id} has two types`);
      }
      found.set(type.id, type.dictionary);
      visit(type.dictionary);
    } else if ("children" in type) {
      for (const child of type.children) visit(child.type);
    }
  };
  for (const field of schema.fields) visit(field.type);
  return found;
}

/** Whether two types have one layout and meaning; names of fields do not matter. */
function isSame(one: DataType, other: DataType): boolean {
  if (one === other) return true;
  const childrenOf = (type: DataType): readonly Field[] =>
    "children" in type ? type.children : [];
  const [ours, theirs] = [childrenOf(one), childrenOf(other)];
  const own = (type: DataType): string =>
    JSON.stringify({ ...type, children: undefined, dictionary: undefined, values: undefined });
  return (
    own(one) === own(other) &&
    ours.length === theirs.length &&
    ours.every((field, at) => isSame(field.type, (theirs[at] as Field).type))
  );
}
