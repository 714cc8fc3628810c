/** Integers by their width, as bincode names them. */
export type IntegerType =
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "u128"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "i128";

/** What each width can hold. Comparing a number with a bigint is exact. */
export const INTEGER_RANGES: Readonly<
  Record<IntegerType, { readonly min: number | bigint; readonly max: number | bigint }>
> = {
  u8: { min: 0, max: 0xff },
  u16: { min: 0, max: 0xffff },
  u32: { min: 0, max: 0xffff_ffff },
  u64: { min: 0, max: (1n << 64n) - 1n },
  u128: { min: 0, max: (1n << 128n) - 1n },
  i8: { min: -0x80, max: 0x7f },
  i16: { min: -0x8000, max: 0x7fff },
  i32: { min: -0x8000_0000, max: 0x7fff_ffff },
  i64: { min: -(1n << 63n), max: (1n << 63n) - 1n },
  i128: { min: -(1n << 127n), max: (1n << 127n) - 1n },
};

/** Kinds of values.md that are written as the fields of their variant. */
export type ScalarType =
  | "timestamp"
  | "date"
  | "time"
  | "datetime"
  | "duration"
  | "decimal"
  | "uuid"
  | "complex"
  | "path"
  | "handle"
  | "attachment";

/** One property of a struct, in the order of the schema. */
export interface Property {
  readonly name: string;
  readonly layout: Layout;
  /** Written as an Option, because `required` does not name it. */
  readonly optional: boolean;
}

/** A definition of `$defs`; its layout is filled in once it is planned, so that it may refer to itself. */
export interface Definition {
  readonly name: string;
  layout: Layout | undefined;
}

/** How the values of one schema are laid out as bytes; the table of spec/compact.md with its choices made. */
export type Layout =
  | { readonly kind: "integer"; readonly type: IntegerType }
  | { readonly kind: "float"; readonly bits: 32 | 64 }
  | { readonly kind: "boolean" }
  | { readonly kind: "char" }
  | { readonly kind: "string" }
  /** `length` is there when it is fixed by the schema and so not written. */
  | { readonly kind: "bytes"; readonly length?: number }
  | { readonly kind: "scalar"; readonly type: ScalarType }
  | { readonly kind: "value" }
  | { readonly kind: "int" }
  /** Zero bytes: a constant, or nil. */
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "choice"; readonly values: readonly unknown[] }
  | { readonly kind: "option"; readonly inner: Layout }
  | { readonly kind: "variant"; readonly members: readonly Layout[] }
  | { readonly kind: "list"; readonly items: Layout }
  | { readonly kind: "set"; readonly items: Layout }
  | { readonly kind: "array"; readonly items: Layout; readonly length: number }
  | { readonly kind: "tuple"; readonly members: readonly Layout[] }
  | { readonly kind: "struct"; readonly properties: readonly Property[] }
  | { readonly kind: "record"; readonly values: Layout }
  | { readonly kind: "map"; readonly keys: Layout; readonly values: Layout }
  | { readonly kind: "reference"; readonly definition: Definition };

/** Whether integers, lengths and variants are shortened. `varint` is bincode's standard configuration, `fixed` its legacy one. */
export type IntegerConfiguration = "varint" | "fixed";

/** The layout that a reference stands for. */
export function layoutOf(definition: Definition): Layout {
  if (definition.layout === undefined) {
    throw new TypeError(`Cannot use definition ${definition.name}: it is still being planned`);
  }
  return definition.layout;
}
