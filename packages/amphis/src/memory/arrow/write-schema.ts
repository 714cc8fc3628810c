import { type DataType, type Field, type Metadata, type Schema, Type } from "@uwdata/flechette";

import { unsupported } from "./failure.ts";
import {
  type FlatField,
  type FlatPart,
  int16,
  int32,
  int64,
  int8,
  numbers,
  part,
  parts,
  string,
  table,
} from "./flat-builder.ts";

/** A field with the number of its dictionary, if it has one: each place in a schema has its own. */
export interface NumberedField {
  readonly field: Field;
  readonly dictionary: number | undefined;
  /** Below the field, or below the values of its dictionary. */
  readonly children: readonly NumberedField[];
}

/** Gives each dictionary of a schema a number. */
export function numberFields(fields: readonly Field[]): readonly NumberedField[] {
  let next = 0;
  const visit = (field: Field): NumberedField => {
    const dictionary = field.type.typeId === -1 ? next++ : undefined;
    const values = valuesOf(field.type);
    const children = "children" in values ? values.children.map(visit) : [];
    return { field, dictionary, children };
  };
  return fields.map(visit);
}

/** The type of the values of a dictionary; any other type itself. */
export function valuesOf(type: DataType): DataType {
  return type.typeId === -1 ? type.dictionary : type;
}

export function schemaPart(schema: Schema, fields: readonly NumberedField[]): FlatPart {
  return table([undefined, part(parts(fields.map(fieldPart))), keyValues(schema.metadata)]);
}

function fieldPart({ field, dictionary, children }: NumberedField): FlatPart {
  const values = valuesOf(field.type);
  return table([
    part(string(field.name)),
    int8(field.nullable ? 1 : 0),
    int8(values.typeId),
    part(table(typeFields(values))),
    dictionary === undefined ? undefined : part(dictionaryPart(field.type, dictionary)),
    part(parts(children.map(fieldPart))),
    keyValues(field.metadata),
  ]);
}

function dictionaryPart(type: DataType, id: number): FlatPart {
  if (type.typeId !== -1) throw new TypeError("Cannot number dictionary: the type is none");
  const keys = part(table(typeFields(type.indices)));
  return table([int64(id), keys, int8(type.ordered ? 1 : 0)]);
}

/** The fields of the table that describes a type; `read-type.ts` reads the same. */
function typeFields(type: DataType): readonly FlatField[] {
  switch (type.typeId) {
    case Type.Int:
      return [int32(type.bitWidth), int8(type.signed ? 1 : 0)];
    case Type.Float:
      return [int16(type.precision)];
    case Type.Decimal:
      return [int32(type.precision), int32(type.scale), int32(type.bitWidth)];
    case Type.Time:
      return [int16(type.unit), int32(type.bitWidth)];
    case Type.Timestamp:
      return typeof type.timezone === "string"
        ? [int16(type.unit), part(string(type.timezone))]
        : [int16(type.unit)];
    case Type.Date:
    case Type.Interval:
    case Type.Duration:
      return [int16(type.unit)];
    case Type.FixedSizeBinary:
    case Type.FixedSizeList:
      return [int32(type.stride)];
    case Type.Map:
      return [int8(type.keysSorted ? 1 : 0)];
    case Type.Union:
      return [int16(type.mode), part(numbers(4, type.typeIds))];
    case Type.RunEndEncoded:
      throw unsupported("run-end encoding");
    case Type.ListView:
    case Type.LargeListView:
      throw unsupported("the list view type");
    default:
      return [];
  }
}

function keyValues(metadata: Metadata | null | undefined): FlatField | undefined {
  if (!metadata || metadata.size === 0) return undefined;
  const pairs = [...metadata].map(([key, value]) =>
    table([part(string(key)), part(string(value))]),
  );
  return part(parts(pairs));
}
