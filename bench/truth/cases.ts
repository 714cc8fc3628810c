import { Complex, Decimal, Float, LocalDate, Path, Tuple, Uuid } from "@amphis/protocol";

/** A value in both languages. */
export interface Case {
  readonly name: string;
  /** The expression of Python that is it. */
  readonly python: string;
  /** What is sent to Python; and what has to come back, unless `back` says otherwise. */
  readonly value: unknown;
  readonly back?: unknown;
  /** Left out in the other direction, which JavaScript cannot tell apart. */
  readonly only?: "sees" | "gives";
}

export const CASES: readonly Case[] = [
  { name: "None", python: "None", value: null },
  { name: "False", python: "False", value: false },
  { name: "0", python: "0", value: 0 },
  { name: "-0.0", python: "-0.0", value: -0 },
  { name: "empty text", python: "''", value: "" },
  { name: "empty list", python: "[]", value: [] },
  { name: "empty dict", python: "{}", value: {} },
  { name: "NaN", python: "math.nan", value: Number.NaN },
  { name: "infinity", python: "math.inf", value: Infinity },
  { name: "-infinity", python: "-math.inf", value: -Infinity },
  { name: "1.5", python: "1.5", value: 1.5 },
  { name: "1.0, a float", python: "1.0", value: new Float(1), back: 1 },
  { name: "2**53 + 1", python: "2**53 + 1", value: 2n ** 53n + 1n },
  { name: "-2**63", python: "-2**63", value: -(2n ** 63n) },
  { name: "10**30", python: "10**30", value: 10n ** 30n },
  { name: "text beyond the BMP", python: "'\\U0001F40D \\u00e9'", value: "\u{1F40D} é" },
  { name: "text with NUL", python: "'a\\x00b'", value: "a\0b" },
  { name: "bytes", python: "bytes([0, 255, 10])", value: Uint8Array.of(0, 255, 10) },
  {
    name: "instant",
    python: "datetime.datetime(2026, 11, 21, 8, 50, 22, 123000, datetime.timezone.utc)",
    value: new Date("2026-11-21T08:50:22.123Z"),
  },
  { name: "date", python: "datetime.date(2026, 11, 21)", value: new LocalDate("2026-11-21") },
  { name: "decimal", python: "decimal.Decimal('0.10')", value: new Decimal("0.10") },
  {
    name: "UUID",
    python: "uuid.UUID('12345678-1234-5678-1234-567812345678')",
    value: new Uuid("12345678-1234-5678-1234-567812345678"),
  },
  { name: "set", python: "{1, 2}", value: new Set([1, 2]) },
  { name: "tuple", python: "(1, 'a')", value: Tuple.of<unknown>(1, "a") },
  { name: "complex", python: "complex(1, -2)", value: new Complex(1, -2) },
  { name: "path", python: "pathlib.PurePosixPath('/a/b')", value: new Path("/a/b"), only: "gives" },
  {
    name: "dict with numbers as keys",
    python: "{1: 'a', 2: 'b'}",
    value: new Map([
      [1, "a"],
      [2, "b"],
    ]),
  },
  {
    name: "nested",
    python: "{'a': [1, {'b': None}], 'c': (1,)}",
    value: { a: [1, { b: null }], c: Tuple.of(1) },
  },
  { name: "numpy.float32", python: "numpy.float32(0.5)", value: 0.5, only: "gives" },
  { name: "numpy.int64", python: "numpy.int64(2**53 + 1)", value: 2n ** 53n + 1n, only: "gives" },
  { name: "numpy.bool_", python: "numpy.bool_(False)", value: false, only: "gives" },
  {
    name: "array",
    python: "numpy.array([1.5, 2.5])",
    value: Float64Array.of(1.5, 2.5),
  },
];
