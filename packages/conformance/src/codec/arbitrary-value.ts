import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Tuple,
  Uuid,
  type Value,
} from "@amphis/protocol";
import fc from "fast-check";

export interface ArbitraryValueOptions {
  /** Most levels of containers in each other. @default 4 */
  readonly maxDepth?: number;
}

/**
 * Values of every kind, in the form in which a codec with default options returns them: an integral number is an int, a map whose
 * keys are all strings is a plain object.
 */
export function arbitraryValue(options: ArbitraryValueOptions = {}): fc.Arbitrary<Value> {
  const { maxDepth = 4 } = options;
  const key = arbitraryKey();
  const { value } = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth, depthIdentifier: "value" },
      { weight: 4, arbitrary: fc.oneof(key, fc.constant(-0), arbitraryHandle(), arbitraryExt()) },
      { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 6, depthIdentifier: "value" }) },
      {
        weight: 1,
        arbitrary: fc
          .array(tie("value"), { maxLength: 4, depthIdentifier: "value" })
          .map((items) => Tuple.from(items) as Value),
      },
      { weight: 1, arbitrary: arbitraryRecord(tie("value")) },
      { weight: 1, arbitrary: arbitraryMap(key, tie("value")) },
      { weight: 1, arbitrary: fc.array(key, { maxLength: 5 }).map((items) => new Set(items)) },
      { weight: 1, arbitrary: arbitraryAttachment(arbitraryRecord(tie("value"))) },
    ),
  }));
  return value;
}

/** What may be a key of a map: a scalar, or a tuple of scalars. */
export function arbitraryKey(): fc.Arbitrary<Value> {
  const scalar = arbitraryScalar();
  return fc.oneof(
    { weight: 9, arbitrary: scalar },
    {
      weight: 1,
      arbitrary: fc.array(scalar, { maxLength: 3 }).map((items) => Tuple.from(items) as Value),
    },
  );
}

function arbitraryScalar(): fc.Arbitrary<Value> {
  return fc.oneof(
    fc.constantFrom<Value>(null, true, false),
    fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(...BOUNDARIES)),
    fc.bigInt(-(2n ** 200n), 2n ** 200n).filter((int) => !Number.isSafeInteger(Number(int))),
    fc.double().filter((float) => !Number.isSafeInteger(float)),
    arbitraryText(),
    fc.uint8Array({ maxLength: 40 }),
    fc.date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    }),
    fc
      .tuple(fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }), arbitraryNanoseconds())
      .map(([seconds, ns]) => new Timestamp(seconds, ns)),
    arbitraryLocal(),
    fc
      .tuple(fc.integer({ min: -86_399_999_913_600, max: 86_399_999_999_999 }), fc.nat(999_999))
      .map(([seconds, us]) => new Duration(seconds, us)),
    fc
      .stringMatching(/^-?(\d{1,20}(\.\d{1,20})?(E[+-]\d{1,3})?|Infinity|NaN\d?)$/)
      .map((text) => new Decimal(text)),
    fc.uuid().map((text) => new Uuid(text)),
    fc.tuple(fc.double(), fc.double()).map(([re, im]) => new Complex(re, im)),
    arbitraryText()
      .filter(Path.isText)
      .map((text) => new Path(text)),
  );
}

/** Where encodings of ints change their length. */
const BOUNDARIES: readonly number[] = [7, 8, 15, 16, 31, 32, 53].flatMap((bits) => {
  const top = 2 ** bits - 1;
  return bits === 53 ? [top, -top] : [top, top + 1, -top - 1, -top - 2];
});

/** Text of valid Unicode of any plane. */
function arbitraryText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom("$int", "$map", "__proto__", "constructor", "\0", "\ufeff"),
  );
}

/** Finer than a millisecond, so that a plain `Date` does not do. */
function arbitraryNanoseconds(): fc.Arbitrary<number> {
  return fc.nat(999_999_999).filter((ns) => ns % 1_000_000 !== 0);
}

function arbitraryLocal(): fc.Arbitrary<Value> {
  const date = fc
    .date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T00:00:00Z"),
      noInvalidDate: true,
    })
    .map((day) => day.toISOString().slice(0, 10));
  const clock = fc.tuple(fc.nat(86_399), fc.nat(999_999)).map(([second, us]) => {
    const whole = new Date(second * 1_000).toISOString().slice(11, 19);
    return us === 0 ? whole : `${whole}.${String(us).padStart(6, "0")}`;
  });
  return fc.oneof(
    date.map((text) => new LocalDate(text)),
    clock.map((text) => new LocalTime(text)),
    fc.tuple(date, clock).map(([day, time]) => new LocalDateTime(`${day}T${time}`)),
  );
}

function arbitraryHandle(): fc.Arbitrary<Value> {
  return fc.tuple(fc.maxSafeNat(), arbitraryText()).map(([id, type]) => new Handle(id, type));
}

function arbitraryExt(): fc.Arbitrary<Value> {
  return fc
    .tuple(fc.integer({ min: -128, max: 63 }).filter(Ext.isCode), fc.uint8Array({ maxLength: 20 }))
    .map(([code, data]) => new Ext(code, data));
}

function arbitraryRecord(
  value: fc.Arbitrary<Value>,
): fc.Arbitrary<{ readonly [key: string]: Value }> {
  return fc.dictionary(arbitraryText(), value, {
    maxKeys: 5,
    depthIdentifier: "value",
    noNullPrototype: true,
  });
}

/** At least one key is no string: without it a map comes back as an object. No key is -0, which a `Map` does not keep. */
function arbitraryMap(key: fc.Arbitrary<Value>, value: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  const entry = fc.tuple(key, value);
  const special = fc.tuple(
    key.filter((candidate) => typeof candidate !== "string"),
    value,
  );
  return fc
    .tuple(special, fc.array(entry, { maxLength: 4, depthIdentifier: "value" }))
    .map(([first, rest]) => new Map([first, ...rest]));
}

function arbitraryAttachment(
  meta: fc.Arbitrary<{ readonly [key: string]: Value }>,
): fc.Arbitrary<Value> {
  return fc
    .tuple(fc.nat(65_535), arbitraryText(), meta)
    .map(([index, format, fields]) => new Attachment(index, format, fields));
}
