import { type DataType, Type } from "@uwdata/flechette";

/** Bits of one value in the values buffer of a type that has only validity and values; undefined for other types. */
export function valueBits(type: DataType): number | undefined {
  switch (type.typeId) {
    case Type.Bool:
      return 1;
    case Type.Int:
    case Type.Decimal:
    case Type.Time:
      return type.bitWidth;
    case Type.Float:
      return 16 << type.precision;
    case Type.Date:
      return 32 << type.unit;
    case Type.Interval:
      return 32 << type.unit;
    case Type.Timestamp:
    case Type.Duration:
      return 64;
    case Type.FixedSizeBinary:
      return type.stride * 8;
    case -1:
      return type.indices.bitWidth;
    default:
      return undefined;
  }
}

/** Bytes that so many values take. */
export function valueBytes(bits: number, count: number): number {
  return Math.ceil((bits * count) / 8);
}

export function bitmapBytes(count: number): number {
  return Math.ceil(count / 8);
}

/** Whether any number of values takes no bytes at all, so that a length costs its sender nothing. */
export function isWeightless(type: DataType): boolean {
  switch (type.typeId) {
    case Type.Null:
      return true;
    case Type.FixedSizeBinary:
      return type.stride === 0;
    case Type.FixedSizeList:
      return type.stride === 0 || type.children.every((child) => isWeightless(child.type));
    case Type.Struct:
      return type.children.every((child) => isWeightless(child.type));
    default:
      return false;
  }
}
