import { identity } from "./identity.ts";
import { asList, keyword, type SchemaMap } from "./keywords.ts";
import {
  isBytes,
  isInteger,
  isMap,
  isNumber,
  kindText,
  numberOf,
  type Predicate,
  recordOf,
} from "./kinds.ts";
import { Test } from "./rule.ts";
import { show } from "./show.ts";
import { compilePattern } from "./well-formed.ts";

type Comparison = (value: number | bigint, limit: number | bigint) => boolean;

/** In the order in which failures are listed. */
export const NUMBER_BOUNDS: readonly (readonly [
  keyword: string,
  sign: ">=" | ">" | "<=" | "<",
  compare: Comparison,
])[] = [
  ["minimum", ">=", (value, limit) => value >= limit],
  ["exclusiveMinimum", ">", (value, limit) => value > limit],
  ["maximum", "<=", (value, limit) => value <= limit],
  ["exclusiveMaximum", "<", (value, limit) => value < limit],
];

const FLOAT_TOLERANCE = 1e-10;

/** Bounds of numbers, and multipleOf. */
export function numberTests(schema: SchemaMap): Test[] {
  const noun = numberNoun(schema);
  // f32 and f64 take infinities, which bounds concern; NaN is beyond none of them.
  const applies: Predicate = Object.hasOwn(schema, "x-amphis") ? isOrdered : isNumber;
  const tests = NUMBER_BOUNDS.filter(([name]) => Object.hasOwn(schema, name)).map(
    ([name, sign, compare]) => {
      const limit = schema[name] as number | bigint;
      return new Test(
        `${noun} ${sign} ${show(limit)}`,
        (value) => !applies(value) || compare(numberOf(value) ?? 0, limit),
      );
    },
  );
  if (Object.hasOwn(schema, "multipleOf")) {
    const divisor = schema["multipleOf"] as number | bigint;
    tests.push(
      new Test(
        `${noun} multiple of ${show(divisor)}`,
        (value) => !isNumber(value) || isMultiple(numberOf(value) ?? 0, divisor),
      ),
    );
  }
  return tests;
}

function isOrdered(value: unknown): boolean {
  const number = numberOf(value);
  return number !== undefined && !Number.isNaN(number);
}

function numberNoun(schema: SchemaMap): string {
  const kind = keyword(schema, "x-amphis");
  if (typeof kind === "string" && /^(?:[ui]\d+|f32|f64|int)$/.test(kind)) return kindText(kind);
  const types = asList(keyword(schema, "type"));
  return types.includes("integer") && !types.includes("number") ? "integer" : "number";
}

/** Exact for integers, within 1e-10 for floats. */
export function isMultiple(value: number | bigint, divisor: number | bigint): boolean {
  if (isInteger(value) && isInteger(divisor)) return BigInt(value) % BigInt(divisor) === 0n;
  const rest = Math.abs(Number(value) % Number(divisor));
  return Math.min(rest, Number(divisor) - rest) < FLOAT_TOLERANCE;
}

/** Lengths in code points, and pattern. */
export function stringTests(schema: SchemaMap): Test[] {
  const tests = lengthTests(schema, "string", "Length", (value) =>
    typeof value === "string" ? codePoints(value) : undefined,
  );
  if (Object.hasOwn(schema, "pattern")) {
    const source = String(schema["pattern"]);
    const pattern = compilePattern(source);
    tests.push(
      new Test(
        `string matching ${source}`,
        (value) => typeof value !== "string" || pattern.test(value),
      ),
    );
  }
  return tests;
}

/** How many code points a text has. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    // A pair of surrogates is one.
    if ((text.codePointAt(at) ?? 0) > 0xffff) {
      count -= 1;
      at += 1;
    }
  }
  return count;
}

/** Numbers of items, and uniqueItems. */
export function listTests(schema: SchemaMap): Test[] {
  const kind = keyword(schema, "x-amphis");
  const tests =
    kind === "bytes"
      ? lengthTests(schema, "bytes", "Items", (value) =>
          isBytes(value) ? value.byteLength : undefined,
        )
      : kind === "set"
        ? lengthTests(schema, "set", "Items", (value) =>
            value instanceof Set ? value.size : undefined,
          )
        : lengthTests(schema, kind === "array" ? "array" : "list", "Items", (value) =>
            Array.isArray(value) ? value.length : undefined,
          );
  if (keyword(schema, "uniqueItems") === true) {
    tests.push(new Test("list of distinct values", isDistinct));
  }
  return tests;
}

function isDistinct(value: unknown, room: number): boolean {
  if (!Array.isArray(value)) return true;
  return new Set(value.map((item) => identity(item, room - 1))).size === value.length;
}

/** Numbers of properties. */
export function mapTests(schema: SchemaMap): Test[] {
  const applies: Predicate =
    keyword(schema, "x-amphis") === "map" ? isMap : (value) => recordOf(value) !== undefined;
  return lengthTests(schema, "map", "Properties", (value) =>
    applies(value) ? entryCount(value) : undefined,
  );
}

function entryCount(value: unknown): number {
  if (value instanceof Map) return value.size;
  return Object.values(value as object).filter((item) => item !== undefined).length;
}

/** `sizeOf` gives undefined for what the bound does not concern. */
function lengthTests(
  schema: SchemaMap,
  noun: string,
  what: string,
  sizeOf: (value: unknown) => number | undefined,
): Test[] {
  const least = keyword(schema, `min${what}`) as number | undefined;
  const most = keyword(schema, `max${what}`) as number | undefined;
  const text = `${noun} of length`;
  if (least !== undefined && least === most) {
    return [new Test(`${text} ${show(least)}`, (value) => (sizeOf(value) ?? least) === least)];
  }
  return [
    ...(least === undefined
      ? []
      : [new Test(`${text} >= ${show(least)}`, (value) => (sizeOf(value) ?? least) >= least)]),
    ...(most === undefined
      ? []
      : [new Test(`${text} <= ${show(most)}`, (value) => (sizeOf(value) ?? most) <= most)]),
  ];
}
