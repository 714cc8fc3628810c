import { AmphisError } from "../../error/index.ts";
import { type Definition, type Layout, layoutOf, type ScalarType } from "./layout.ts";

const SCALAR_BYTES: Readonly<Record<ScalarType, number>> = {
  timestamp: 2,
  date: 1,
  time: 1,
  datetime: 1,
  duration: 2,
  decimal: 1,
  uuid: 16,
  complex: 16,
  path: 1,
  handle: 2,
  attachment: 3,
};

/**
 * The fewest bytes that a value of this layout takes, in either configuration of integers.
 *
 * Decoders bound every count by the bytes left over this size before they allocate.
 */
export function minimumBytes(layout: Layout): number {
  const known = sizes.get(layout);
  if (known !== undefined) return known;
  // A layout that is met again before it is measured holds itself, and so has no smallest value.
  sizes.set(layout, Infinity);
  const size = measure(layout);
  sizes.set(layout, size);
  return size;
}

const sizes = new WeakMap<Layout, number>();

function measure(layout: Layout): number {
  switch (layout.kind) {
    case "constant":
      return 0;
    case "float":
      return layout.bits / 8;
    case "bytes":
      return layout.length ?? 1;
    case "scalar":
      return SCALAR_BYTES[layout.type];
    case "array":
      return layout.length === 0 ? 0 : layout.length * minimumBytes(layout.items);
    case "tuple":
      return layout.members.reduce((sum, member) => sum + minimumBytes(member), 0);
    case "struct":
      return layout.properties.reduce(
        (sum, { layout: inner, optional }) => sum + (optional ? 1 : minimumBytes(inner)),
        0,
      );
    case "reference":
      return minimumBytes(layoutOf(layout.definition));
    default:
      return 1;
  }
}

/** A definition that holds itself without an option, a list or a union between has no finite value. */
export function refuseEndless(layout: Layout): void {
  if (minimumBytes(layout) === Infinity) {
    const reason = "a definition contains itself without end";
    throw new AmphisError("SCHEMA_INVALID", `Cannot compile schema: ${reason}`, {
      path: "",
      reason,
    });
  }
}

/** Elements of zero bytes would let a few bytes claim any number of elements. */
export function refuseWeightless(layout: Layout, seen: Set<Definition> = new Set()): void {
  const repeated = repeatedOf(layout);
  if (repeated !== undefined && minimumBytes(repeated) === 0) {
    const reason = `the elements of a ${layout.kind} take no bytes`;
    throw new AmphisError("SCHEMA_INVALID", `Cannot compile schema: ${reason}`, {
      path: "",
      reason,
    });
  }
  for (const part of partsOf(layout, seen)) refuseWeightless(part, seen);
}

function repeatedOf(layout: Layout): Layout | undefined {
  switch (layout.kind) {
    case "list":
    case "set":
    case "array":
      return layout.items;
    case "map":
      return { kind: "tuple", members: [layout.keys, layout.values] };
    default:
      return undefined;
  }
}

function partsOf(layout: Layout, seen: Set<Definition>): readonly Layout[] {
  switch (layout.kind) {
    case "list":
    case "set":
    case "array":
      return [layout.items];
    case "option":
      return [layout.inner];
    case "map":
      return [layout.keys, layout.values];
    case "record":
      return [layout.values];
    case "tuple":
    case "variant":
      return layout.members;
    case "struct":
      return layout.properties.map((property) => property.layout);
    case "reference":
      if (seen.has(layout.definition) || layout.definition.layout === undefined) return [];
      seen.add(layout.definition);
      return [layout.definition.layout];
    default:
      return [];
  }
}
