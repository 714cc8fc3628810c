import { arbitraryKey, arbitraryValue as arbitraryDecoded } from "@amphis/conformance/codec";
import fc from "fast-check";

import {
  Attachment,
  Decimal,
  Float,
  Tuple,
  type Value,
  type ValueMap,
} from "../src/value/index.ts";

/** Text long enough to leave the loops that short ones take. */
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ minLength: 20, maxLength: 300 }),
  fc.constantFrom("7", "$int", "__proto__"),
);

/** Forms that an encoder takes and no decoder returns, or only when it is asked for exact floats. */
const hashable: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: arbitraryKey() },
  { weight: 1, arbitrary: text },
  {
    weight: 1,
    arbitrary: fc
      .oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0))
      .map((value) => new Float(value)),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.bigInt(),
      fc.constantFrom(5n, 2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n - 1n, 2n ** 64n, -(2n ** 2_000n)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("-sNaN12", ".5", "-.0", "1e5", "0E-40", "007")
      .map((one) => new Decimal(one)),
  },
);

const { value } = fc.letrec<{ value: Value; record: ValueMap }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    { weight: 6, arbitrary: hashable },
    { weight: 2, arbitrary: arbitraryDecoded({ maxDepth: 2 }) },
    { weight: 1, arbitrary: fc.uint8Array().map((bytes) => bytes.slice().buffer) },
    {
      weight: 2,
      arbitrary: fc.array(fc.option(tie("value"), { nil: undefined }), { maxLength: 20 }),
    },
    {
      weight: 1,
      arbitrary: fc.array(tie("value"), { maxLength: 4 }).map((items) => Tuple.from(items)),
    },
    { weight: 2, arbitrary: tie("record") },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(fc.oneof(text, hashable), tie("value")), { maxLength: 18 })
        .map((entries) => new Map(entries)),
    },
    { weight: 1, arbitrary: fc.array(hashable, { maxLength: 18 }).map((items) => new Set(items)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(65_535), text, tie("record"))
        .map(([index, format, meta]) => new Attachment(index, format, meta)),
    },
  ),
  record: fc
    .array(fc.tuple(text, fc.option(tie("value"), { nil: undefined })), { maxLength: 18 })
    .map((entries) => Object.fromEntries(entries) as ValueMap),
}));

/** Anything that an encoder takes: every kind of spec/values.md in every form that stands for it. */
export const arbitraryValue: fc.Arbitrary<Value> = value;
