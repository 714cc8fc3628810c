import fc from "fast-check";

import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  Float,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Tuple,
  Uuid,
  type Value,
  type ValueMap,
} from "../src/value/index.ts";

const SECONDS = { min: -62_167_219_200, max: 253_402_300_799 };

const digits = (length: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
const two = (max: number): fc.Arbitrary<string> => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, "0"));
const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), fc.string({ minLength: 20, maxLength: 300 }), fc.constantFrom("__proto__", "$int", "7", "\0", "\ufeff"));
const key = fc.oneof(text, fc.string({ unit: "grapheme-ascii", maxLength: 8 }));
const path = text.map((one) => one.replaceAll("\0", ""));

const date = fc
  .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((instant) => instant.toISOString().slice(0, 10));
const fraction = fc.oneof(fc.constant(""), digits(6).filter((six) => six !== "000000").map((six) => `.${six}`));
const time = fc.tuple(two(23), two(59), two(59), fraction).map(([h, m, s, rest]) => `${h}:${m}:${s}${rest}`);

const decimal = fc.oneof(
  fc.tuple(fc.constantFrom("", "-"), fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.constantFrom("", ".5", ".000", "E+7", "E-900")).map((parts) => parts.join("")),
  fc.constantFrom("NaN", "sNaN", "-NaN123", "Infinity", "-Infinity", ".5", "-.0", "1e5", "0E-40"),
);

const bigint = fc.oneof(
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 2_000n),
);

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.integer(),
  fc.maxSafeInteger(),
  bigint,
  fc.double(),
  fc.double().map((value) => new Float(value)),
  fc.oneof(fc.integer(), fc.constantFrom(0, -0)).map((value) => new Float(value)),
  text,
  fc.uint8Array({ maxLength: 300 }),
  fc.date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
  fc.tuple(fc.integer(SECONDS), fc.integer({ min: 0, max: 999_999_999 })).map(([seconds, nanoseconds]) => new Timestamp(seconds, nanoseconds)),
  date.map((one) => new LocalDate(one)),
  time.map((one) => new LocalTime(one)),
  fc.tuple(date, time).map((parts) => new LocalDateTime(parts.join("T"))),
  fc.tuple(fc.integer({ min: -86_399_999_913_600, max: 86_399_999_999_999 }), fc.integer({ min: 0, max: 999_999 })).map(([s, us]) => new Duration(s, us)),
  decimal.map((one) => new Decimal(one)),
  fc.uuid().map((one) => new Uuid(one)),
  fc.tuple(fc.double(), fc.double()).map(([re, im]) => new Complex(re, im)),
  path.map((one) => new Path(one)),
);

const reference: fc.Arbitrary<Value> = fc.oneof(
  fc.tuple(fc.maxSafeNat(), text).map(([id, type]) => new Handle(id, type)),
  fc.tuple(fc.integer({ min: -128, max: 63 }).filter((code) => code !== -1), fc.uint8Array()).map(([code, data]) => new Ext(code, data)),
  fc.uint8Array().map((bytes) => bytes.slice().buffer),
);

const hashable: fc.Arbitrary<Value> = fc.oneof({ weight: 4, arbitrary: scalar }, { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }).map((items) => Tuple.from(items)) });

const { value } = fc.letrec<{ value: Value; record: ValueMap }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    { weight: 6, arbitrary: scalar },
    { weight: 1, arbitrary: reference },
    { weight: 2, arbitrary: fc.array(tie("value"), { maxLength: 20 }) },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 4 }).map((items) => Tuple.from(items)) },
    { weight: 2, arbitrary: tie("record") },
    { weight: 1, arbitrary: fc.array(fc.tuple(hashable, tie("value")), { maxLength: 18 }).map((entries) => new Map(entries)) },
    { weight: 1, arbitrary: fc.array(hashable, { maxLength: 18 }).map((items) => new Set(items)) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 0, max: 65_535 }), text, tie("record")).map(([index, format, meta]) => new Attachment(index, format, meta)) },
  ),
  record: fc.array(fc.tuple(key, tie("value")), { maxLength: 18 }).map((entries) => Object.fromEntries(entries) as ValueMap),
}));

/** Any value of spec/values.md. */
export const arbitraryValue: fc.Arbitrary<Value> = value;
