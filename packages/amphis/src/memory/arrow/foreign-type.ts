import { type DataType, dictionary, type Field, int, type IntType, Type } from "@uwdata/flechette";

import { unsupported } from "./failure.ts";

/** A `Field` of apache-arrow. */
export interface ForeignField {
  readonly name: string;
  readonly type: ForeignType;
  readonly nullable: boolean;
  readonly metadata?: ReadonlyMap<string, string> | null;
}

/** A `DataType` of apache-arrow: the number of a type, the same as in the format, and what that type has. */
export interface ForeignType {
  readonly typeId: number;
}

/** Everything that a type of apache-arrow may have. */
interface Described extends ForeignType {
  readonly children?: readonly ForeignField[] | null;
  readonly bitWidth: number;
  readonly isSigned: boolean;
  readonly precision: number;
  readonly scale: number;
  readonly unit: number;
  readonly timezone?: string | null;
  readonly mode: number;
  readonly typeIds: ArrayLike<number>;
  readonly byteWidth: number;
  readonly listSize: number;
  readonly keysSorted: boolean;
  readonly indices: ForeignType;
  readonly dictionary: ForeignType;
  readonly isOrdered: boolean;
}

/** The same type as flechette describes it. */
export function typeOfForeign(
  foreign: ForeignType,
  fieldOf: (field: ForeignField) => Field,
): DataType {
  const own = foreign as Described;
  const children = (own.children ?? []).map(fieldOf);
  const described = describe(own, children, fieldOf);
  if (described === undefined) throw unsupported(`type ${own.typeId} of apache-arrow`);
  return described as DataType;
}

/** Only what is written is described: `values`, the arrays of flechette's readers, are not. */
function describe(
  own: Described,
  children: readonly Field[],
  fieldOf: (field: ForeignField) => Field,
): object | undefined {
  const { typeId, bitWidth, unit } = own;
  switch (typeId) {
    case -1: {
      const keys = typeOfForeign(own.indices, fieldOf) as IntType;
      return dictionary(typeOfForeign(own.dictionary, fieldOf), keys, own.isOrdered);
    }
    case Type.Int:
      return int(bitWidth as IntType["bitWidth"], own.isSigned);
    case Type.Float:
      return { typeId, precision: own.precision };
    case Type.Decimal:
      return { typeId, bitWidth, precision: own.precision, scale: own.scale };
    case Type.Time:
      return { typeId, unit, bitWidth };
    case Type.Timestamp:
      return { typeId, unit, timezone: own.timezone ?? null };
    case Type.Date:
    case Type.Interval:
    case Type.Duration:
      return { typeId, unit };
    case Type.FixedSizeBinary:
      return { typeId, stride: own.byteWidth };
    case Type.FixedSizeList:
      return { typeId, stride: own.listSize, children };
    default:
      return nestedOrPlain(own, children);
  }
}

function nestedOrPlain(own: Described, children: readonly Field[]): object | undefined {
  const { typeId } = own;
  switch (typeId) {
    case Type.Null:
    case Type.Bool:
    case Type.Utf8View:
    case Type.BinaryView:
      return { typeId };
    case Type.Utf8:
    case Type.Binary:
      return { typeId, offsets: Int32Array };
    case Type.LargeUtf8:
    case Type.LargeBinary:
      return { typeId, offsets: BigInt64Array };
    case Type.List:
      return { typeId, children, offsets: Int32Array };
    case Type.LargeList:
      return { typeId, children, offsets: BigInt64Array };
    case Type.Map:
      return { typeId, children, keysSorted: own.keysSorted, offsets: Int32Array };
    case Type.Struct:
      return { typeId, children };
    case Type.Union:
      return { typeId, mode: own.mode, typeIds: Array.from(own.typeIds), children };
    default:
      return undefined;
  }
}
