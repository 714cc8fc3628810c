import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { msgpack } from "../../src/codec/index.ts";
import { AmphisError, isAmphisError } from "../../src/error/index.ts";
import { Ext, Timestamp, type Value } from "../../src/value/index.ts";
import { comparable } from "../comparable.ts";

interface SuiteRow {
  readonly msgpack: readonly string[];
  readonly nil?: null;
  readonly bool?: boolean;
  readonly binary?: string;
  readonly number?: number;
  readonly bignum?: string;
  readonly string?: string;
  readonly array?: Value;
  readonly map?: Value;
  readonly timestamp?: readonly [seconds: number, nanoseconds: number];
  readonly ext?: readonly [code: number, hex: string];
}

interface Verdict {
  readonly why: string;
  readonly ok: boolean;
  readonly trailing?: number;
  readonly hex?: string;
  readonly repeat_hex?: string;
  readonly times?: number;
  readonly then_hex?: string;
}

const folder =
  process.env["AMPHIS_SUITES"] ??
  fileURLToPath(new URL("../../../../../shared/suites", import.meta.url));
const present = existsSync(`${folder}/msgpack/msgpack-test-suite.json`);
if (!present) {
  test("msgpack suite", ({ skip }) =>
    skip("its folder is absent; set AMPHIS_SUITES to where the suites are"));
}

function read<T>(file: string, empty: T): T {
  return present ? (JSON.parse(readFileSync(`${folder}/msgpack/${file}`, "utf8")) as T) : empty;
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll("-", ""), "hex");
}

/** The value of a row. The suite writes numbers that JSON cannot hold as texts. */
function valueOf(row: SuiteRow): Value {
  if (row.binary !== undefined) return bytes(row.binary);
  if (row.bignum !== undefined) return BigInt(row.bignum);
  if (row.timestamp !== undefined) return new Timestamp(...row.timestamp);
  if (row.ext !== undefined) return new Ext(row.ext[0], bytes(row.ext[1]));
  const { msgpack: _, ...value } = row;
  return Object.values(value)[0];
}

/** An int is never written as a float, and a float of ours is always a float64. */
const FLOAT32 = "ca-";

const rows = Object.values(
  read<Record<string, readonly SuiteRow[]>>("msgpack-test-suite.json", {}),
).flat();

if (present) {
  describe("msgpack suite", () => {
    const codec = msgpack();

    test("has all of its values and encodings", () => {
      expect([rows.length, rows.flatMap((row) => row.msgpack).length]).toEqual([85, 233]);
    });

    test("every encoding decodes to its value", () => {
      for (const row of rows) {
        for (const hex of row.msgpack) {
          expect(comparable(codec.decode(bytes(hex))), hex).toEqual(comparable(valueOf(row)));
        }
      }
    });

    test("every value is encoded to the shortest of its encodings", () => {
      for (const row of rows) {
        const shortest = Math.min(
          ...row.msgpack.filter((hex) => !hex.startsWith(FLOAT32)).map((hex) => bytes(hex).length),
        );
        const encoded = Buffer.from(codec.encode(valueOf(row)));
        expect(row.msgpack.map((hex) => bytes(hex).toString("hex"))).toContain(
          encoded.toString("hex"),
        );
        expect(encoded.length, row.msgpack[0]).toBe(shortest);
      }
    });
  });
}

const verdicts = read<{ readonly cases: readonly Verdict[] }>("differential.json", {
  cases: [],
}).cases;

if (present) {
  describe("msgpack verdicts of another decoder", () => {
    test("are all there", () => {
      expect(verdicts).toHaveLength(1_245);
    });

    test("are ours, but for the deviations that are listed", () => {
      const deviations = verdicts.flatMap((verdict) => {
        const accepted = verdict.ok && (verdict.trailing ?? 0) === 0;
        const ours = outcomeOf(inputOf(verdict));
        return ours instanceof AmphisError === accepted ? [ruleOf(ours)] : [];
      });
      expect(
        Object.fromEntries(
          Object.keys(RULES).map((rule) => [rule, deviations.filter((one) => one === rule).length]),
        ),
      ).toEqual({
        "nested deeper than 128": 8,
        "a timestamp beyond the years 0000 to 9999": 4,
        "an extension with a negative code": 5,
      });
      expect(deviations).toHaveLength(17);
    });
  });
}

/** Where we differ on purpose. The first two we refuse: the limit is ours, the years are those of Python's datetime. The other decoder cannot hold the last. */
const RULES: Readonly<Record<string, (outcome: unknown) => boolean>> = {
  "nested deeper than 128": (outcome) => isAmphisError(outcome, "DEPTH_EXCEEDED"),
  "a timestamp beyond the years 0000 to 9999": (outcome) =>
    isAmphisError(outcome, "DECODE_FAILED") &&
    outcome.reason.includes("the timestamp is not in the years"),
  "an extension with a negative code": (outcome) => outcome instanceof Ext && outcome.code < -1,
};

function ruleOf(outcome: unknown): string | undefined {
  return Object.keys(RULES).find((rule) => RULES[rule]?.(outcome));
}

function inputOf({ hex, repeat_hex = "", times = 0, then_hex = "" }: Verdict): Buffer {
  return hex === undefined
    ? Buffer.from(repeat_hex.repeat(times) + then_hex, "hex")
    : Buffer.from(hex, "hex");
}

function outcomeOf(input: Buffer): unknown {
  try {
    return msgpack().decode(input);
  } catch (error) {
    if (isAmphisError(error)) return error;
    throw error;
  }
}
