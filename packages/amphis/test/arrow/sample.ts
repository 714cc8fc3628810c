import {
  binary,
  bool,
  columnFromArray,
  dateDay,
  dateMillisecond,
  decimal,
  dictionary,
  duration,
  type DataType,
  fixedSizeBinary,
  fixedSizeList,
  float16,
  float32,
  float64,
  int16,
  int32,
  int64,
  int8,
  interval,
  largeBinary,
  largeList,
  largeUtf8,
  list,
  map,
  nullType,
  struct,
  type Table,
  tableFromColumns,
  timeMicrosecond,
  timestamp,
  uint64,
  uint8,
  union,
  UnionMode,
  utf8,
} from "@uwdata/flechette";

/** A type, three values of it as flechette takes them, and as `openTable` gives them where that differs. */
export type TypeRow = readonly [
  name: string,
  type: DataType,
  given: readonly unknown[],
  opened?: readonly unknown[],
];

export const TYPES: readonly TypeRow[] = [
  ["int8", int8(), [1, null, -3]],
  ["uint8", uint8(), [1, 2, 255]],
  ["int16", int16(), [1, null, -3]],
  ["int64", int64(), [1n, null, -(2n ** 63n)]],
  ["uint64", uint64(), [1n, null, 2n ** 64n - 1n]],
  ["float16", float16(), [1.5, null, -2]],
  ["float32", float32(), [1.5, null, -2]],
  ["float64", float64(), [1.5, null, -0.1]],
  ["bool", bool(), [true, null, false]],
  ["null", nullType(), [null, null, null]],
  ["utf8", utf8(), ["a", null, "\u{feff}é𝄞"]],
  ["large utf8", largeUtf8(), ["a", null, "b".repeat(100)]],
  ["binary", binary(), [Uint8Array.of(1), null, Uint8Array.of()]],
  ["large binary", largeBinary(), [Uint8Array.of(1), null, Uint8Array.of(2, 3)]],
  ["fixed binary", fixedSizeBinary(2), [Uint8Array.of(1, 2), null, Uint8Array.of(3, 4)]],
  ["decimal", decimal(38, 2, 128), [125n, null, -300n]],
  ["decimal 256", decimal(70, 0, 256), [2n ** 200n, null, -1n]],
  ["date", dateDay(), [1_772_236_800_000, null, -86_400_000]],
  ["date in ms", dateMillisecond(), [1_772_236_800_000, null, -86_400_000]],
  ["time", timeMicrosecond(), [1n, null, 86_399_999_999n]],
  [
    "timestamp",
    timestamp(3, "UTC"),
    [1_772_236_800_000, null, -1],
    [1_772_236_800_000_000_000n, null, -1_000_000n],
  ],
  ["duration", duration(), [1n, null, -1n]],
  ["interval", interval(), [[1, 2, 3n], null, [4, 5, 6n]]],
  ["list", list(int32()), [[1, 2], null, []]],
  ["large list", largeList(utf8()), [["x"], null, ["y", null]]],
  ["fixed list", fixedSizeList(int32(), 2), [[1, 2], null, [3, 4]]],
  ["struct", struct({ x: int32(), y: list(utf8()) }), [{ x: 1, y: ["p"] }, null, { x: 2, y: [] }]],
  ["map", map(utf8(), int32()), [[["k", 1]], null, []]],
  ["dictionary", dictionary(utf8()), ["p", null, "p"]],
  ["sparse union", union(UnionMode.Sparse, [int32(), utf8()]), [1, "a", 2]],
  ["dense union", union(UnionMode.Dense, [int32(), utf8()]), [1, "a", 2]],
];

/** One column of each type, of three rows. */
export function sampleTable(types: readonly TypeRow[] = TYPES): Table {
  return tableFromColumns(
    types.map(([name, type, values]) => [
      name,
      columnFromArray([...values], typeIdsFor(type), { useBigInt: true }),
    ]),
  );
}

/** Arrays of the platform as plain ones, so that only values are compared. */
export function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}

/** Flechette asks which member of a union a value is. */
function typeIdsFor(type: DataType): DataType {
  return "typeIdForValue" in type
    ? { ...type, typeIdForValue: (value: unknown) => (typeof value === "string" ? 1 : 0) }
    : type;
}
