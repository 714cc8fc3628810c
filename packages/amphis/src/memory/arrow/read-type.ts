import {
  bool,
  binary,
  binaryView,
  type DataType,
  date,
  decimal,
  duration,
  type Field,
  fixedSizeBinary,
  float,
  int,
  interval,
  type IntType,
  largeBinary,
  largeUtf8,
  nullType,
  time,
  timestamp,
  Type,
  utf8,
  utf8View,
} from "@uwdata/flechette";

import { invalid, unsupported } from "./failure.ts";
import type { FlatTable } from "./flat-table.ts";

const WIDTHS = [8, 16, 32, 64] as const;
const DECIMAL_WIDTHS = [32, 64, 128, 256] as const;
const PRECISIONS = [0, 1, 2] as const;
const TIME_UNITS = [0, 1, 2, 3] as const;
const DATE_UNITS = [0, 1] as const;
const INTERVAL_UNITS = [0, 1, 2] as const;
const UNION_MODES = [0, 1] as const;
const MAX_UNION_TYPE = 127;
/** What 256 bits hold; a power of ten of any size would be a way to keep the reader busy. */
const MAX_DIGITS = 76;

/** Types that have another layout than lists of offsets, which flechette or its peers read differently. */
const REFUSED: Readonly<Record<number, string>> = {
  [Type.RunEndEncoded]: "run-end encoding",
  [Type.ListView]: "the list view type",
  [Type.LargeListView]: "the large list view type",
};

/** Reads one type as it is in a Field: its number, its own table, and the fields below it. */
export function readType(
  typeId: number,
  own: FlatTable | undefined,
  children: readonly Field[],
): DataType {
  const refused = REFUSED[typeId];
  if (refused !== undefined) throw unsupported(refused);
  return nestedType(typeId, own, children) ?? flatType(typeId, own, children);
}

/** Keys of dictionaries; 32 bits with a sign when the metadata does not say. */
export function readKeyType(own: FlatTable | undefined): IntType {
  return own === undefined ? int(32, true) : readInt(own);
}

function flatType(
  typeId: number,
  own: FlatTable | undefined,
  children: readonly Field[],
): DataType {
  if (children.length > 0) throw invalid(`a type ${typeId} holds fields, which it cannot`);
  switch (typeId) {
    case Type.Null:
      return nullType();
    case Type.Bool:
      return bool();
    case Type.Binary:
      return binary();
    case Type.Utf8:
      return utf8();
    case Type.LargeBinary:
      return largeBinary();
    case Type.LargeUtf8:
      return largeUtf8();
    case Type.BinaryView:
      return binaryView();
    case Type.Utf8View:
      return utf8View();
    default:
      return measuredType(typeId, required(own));
  }
}

function measuredType(typeId: number, own: FlatTable): DataType {
  switch (typeId) {
    case Type.Int:
      return readInt(own);
    case Type.Float:
      return float(oneOf(PRECISIONS, own.int16(0), "float precision"));
    case Type.Decimal:
      return readDecimal(own);
    case Type.Date:
      return date(oneOf(DATE_UNITS, own.int16(0, 1), "date unit"));
    case Type.Time:
      return readTime(own);
    case Type.Timestamp: {
      const zone = own.string(1);
      return timestamp(oneOf(TIME_UNITS, own.int16(0), "timestamp unit"), zone ?? null);
    }
    case Type.Interval:
      return interval(oneOf(INTERVAL_UNITS, own.int16(0), "interval unit"));
    case Type.Duration:
      return duration(oneOf(TIME_UNITS, own.int16(0, 1), "duration unit"));
    case Type.FixedSizeBinary:
      return fixedSizeBinary(size(own.int32(0)));
    default:
      throw unsupported(`type ${typeId}`);
  }
}

function nestedType(
  typeId: number,
  own: FlatTable | undefined,
  children: readonly Field[],
): DataType | undefined {
  switch (typeId) {
    case Type.List:
      return { typeId, children: [only(children)], offsets: Int32Array };
    case Type.LargeList:
      return { typeId, children: [only(children)], offsets: BigInt64Array };
    case Type.FixedSizeList:
      return { typeId, stride: size(required(own).int32(0)), children: [only(children)] };
    case Type.Struct:
      checkNames(children);
      return { typeId, children: [...children] };
    case Type.Map:
      return readMap(required(own).boolean(0), only(children));
    case Type.Union:
      return readUnion(required(own), children);
    default:
      return undefined;
  }
}

function readInt(own: FlatTable): IntType {
  return int(oneOf(WIDTHS, own.int32(0), "integer width"), own.boolean(1)) as IntType;
}

function readDecimal(own: FlatTable): DataType {
  const [precision, scale] = [own.int32(0), own.int32(1)];
  const width = oneOf(DECIMAL_WIDTHS, own.int32(2, 128), "decimal width");
  if (precision < 1 || precision > MAX_DIGITS || Math.abs(scale) > MAX_DIGITS) {
    throw unsupported(`a decimal of ${precision} digits and scale ${scale}`);
  }
  return decimal(precision, scale, width);
}

function readTime(own: FlatTable): DataType {
  const type = time(oneOf(TIME_UNITS, own.int16(0, 1), "time unit")) as DataType & {
    readonly bitWidth: number;
  };
  const width = own.int32(1, 32);
  if (width !== type.bitWidth) {
    throw invalid(`a time of this unit has ${type.bitWidth} bits, not ${width}`);
  }
  return type;
}

function readMap(keysSorted: boolean, entries: Field): DataType {
  const { type } = entries;
  if (type.typeId !== Type.Struct || type.children.length !== 2) {
    throw invalid("the entries of a map are no pairs");
  }
  return { typeId: Type.Map, keysSorted, children: [entries], offsets: Int32Array };
}

function readUnion(own: FlatTable, children: readonly Field[]): DataType {
  const mode = oneOf(UNION_MODES, own.int16(0), "union mode");
  const typeIds = own.has(1) ? [...own.int32s(1)] : children.map((_, at) => at);
  const isValid =
    typeIds.length === children.length &&
    new Set(typeIds).size === typeIds.length &&
    typeIds.every((id) => id >= 0 && id <= MAX_UNION_TYPE);
  if (!isValid) throw invalid("the types of a union have no distinct numbers from 0 to 127");
  const typeMap = Object.fromEntries(typeIds.map((id, at) => [id, at]));
  return {
    typeId: Type.Union,
    mode,
    typeIds,
    typeMap,
    children: [...children],
    offsets: Int32Array,
  };
}

/** A struct comes out as an object, which has each name once and keeps `__proto__` to itself. */
function checkNames(children: readonly Field[]): void {
  const names = new Set<string>();
  for (const { name } of children) {
    if (name === "__proto__") throw unsupported("a field named __proto__ in a struct");
    if (names.has(name)) {
      throw unsupported(`a struct with two fields named ${JSON.stringify(name)}`);
    }
    names.add(name);
  }
}

function only(children: readonly Field[]): Field {
  const [child] = children;
  if (child === undefined || children.length !== 1) {
    throw invalid(`a list or map holds ${children.length} fields, not one`);
  }
  return child;
}

function required(own: FlatTable | undefined): FlatTable {
  if (own === undefined) throw invalid("a type lacks its description");
  return own;
}

function size(value: number): number {
  if (value < 0) throw invalid(`a fixed size is ${value}`);
  return value;
}

function oneOf<const T extends number>(values: readonly T[], value: number, what: string): T {
  const found = values.find((one) => one === value);
  if (found === undefined) throw unsupported(`${what} ${value}`);
  return found;
}
