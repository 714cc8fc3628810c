import { isAmphisError, type ErrorContexts } from "@amphis/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Filter, parseFilter, type FilterInit } from "../filter.ts";

function refusalOf(filter: unknown): ErrorContexts["FILTER_INVALID"] {
  try {
    parseFilter(filter);
  } catch (error) {
    if (isAmphisError(error, "FILTER_INVALID")) return error.context;
    throw error;
  }
  throw new Error("The filter was not refused");
}

function nested(levels: number): unknown {
  return levels === 1 ? { source: "a" } : { not: nested(levels - 1) };
}

function repeated<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

describe("a filter is refused", () => {
  const priorities = "a priority is one of low, normal, high, critical";
  test.each<[unknown, string, string]>([
    [undefined, "", "it must be a filter, got nil"],
    [[], "", "it must be a filter, got an empty list"],
    ["a", "", "it must be a filter, got a string"],
    [new Date(), "", "it must be a filter, got another kind of value"],
    [new Map([[1, 2]]), "", "it has a key that is no text"],
    [{ sorce: "a" }, "sorce", "there is no such path; source is near"],
    [{ "paylod.a": 1 }, "paylod.a", "there is no such path; payload is near"],
    [
      { elsewhere: 1 },
      "elsewhere",
      "there is no such path; there are priority, source, topic, metadata, payload, any, not",
    ],
    [{ "source.a": 1 }, "source.a", "source has no levels"],
    [{ metadata: 1 }, "metadata", "it must name a key: metadata.<key>"],
    [{ "metadata.": 1 }, "metadata.", "it must name a key: metadata.<key>"],
    [{ "payload..a": 1 }, "payload..a", "a level of the path is empty"],
    [{ "payload.": 1 }, "payload.", "a level of the path is empty"],
    [{ payload: { gte_: 1 } }, "payload.gte_", "there is no such operator; gte is near"],
    [{ payload: { exist: true } }, "payload.exist", "there is no such operator; exists is near"],
    [
      { payload: { toString: 1 } },
      "payload.toString",
      "there is no such operator; there are eq, ne, gt, gte, lt, lte, in, exists, prefix, glob",
    ],
    [{ payload: {} }, "payload", "it names no operator"],
    [
      { payload: [1] },
      "payload",
      "it must be a scalar or a map of operators, got a list: in takes a list",
    ],
    [
      { payload: new Date() },
      "payload",
      "it must be a scalar or a map of operators, got another kind of value",
    ],
    [{ payload: { in: 1 } }, "payload.in", "it must be a list of scalars, got a number"],
    [{ payload: { in: [] } }, "payload.in", "it must be a list of scalars, got an empty list"],
    [
      { payload: { in: [{}] } },
      "payload.in",
      "it must be text, a number, a boolean or nil, got a map",
    ],
    [
      { payload: { eq: [1] } },
      "payload.eq",
      "it must be text, a number, a boolean or nil, got a list",
    ],
    [{ payload: { gt: true } }, "payload.gt", "it must be a number or text, got a boolean"],
    [{ payload: { lte: null } }, "payload.lte", "it must be a number or text, got nil"],
    [{ payload: { exists: 1 } }, "payload.exists", "it must be true or false, got a number"],
    [{ payload: { prefix: 1 } }, "payload.prefix", "it must be text, got a number"],
    [{ payload: { glob: null } }, "payload.glob", "it must be text, got nil"],
    [{ payload: { glob: "" } }, "payload.glob", 'Cannot use glob "": it is empty'],
    [{ priority: "hihg" }, "priority", priorities],
    [{ priority: { in: ["low", 1] } }, "priority.in", priorities],
    [{ priority: { glob: "h*" } }, "priority.glob", "a priority is compared by rank"],
    [{ any: [] }, "any", "it must be a list of filters, got an empty list"],
    [{ any: {} }, "any", "it must be a list of filters, got a map"],
    [
      { any: [{}, { not: { x: 1 } }] },
      "any.1.not.x",
      "there is no such path; there are priority, source, topic, metadata, payload, any, not",
    ],
    [{ not: null }, "not", "it must be a filter, got nil"],
  ])("%o at %j: %s", (filter, path, reason) => {
    expect(refusalOf(filter)).toEqual({ path, reason });
  });

  test("beyond 4,096 characters of text", () => {
    for (const asked of [
      "x".repeat(4_097),
      { prefix: "x".repeat(4_097) },
      { in: ["x".repeat(4_097)] },
    ]) {
      expect(refusalOf({ payload: asked }).reason).toBe("the text has more than 4096 characters");
    }
    expect(parseFilter({ payload: "x".repeat(4_096) })).toBeInstanceOf(Filter);
  });

  test("beyond 8 levels", () => {
    expect(parseFilter(nested(8))).toBeInstanceOf(Filter);
    expect(refusalOf(nested(9)).reason).toBe("it is more than 8 levels deep");
    const endless: Record<string, unknown> = {};
    endless["any"] = [endless];
    expect(refusalOf(endless).reason).toBe("it is more than 8 levels deep");
  });

  test("beyond 256 conditions, however they are written", () => {
    const keys = (count: number): FilterInit =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`payload.a${i}`, 1]));
    expect(parseFilter(keys(256))).toBeInstanceOf(Filter);
    expect(parseFilter({ payload: { in: Array(256).fill(1) } })).toBeInstanceOf(Filter);
    for (const filter of [
      keys(257),
      { payload: { in: Array(257).fill(1) } },
      { payload: { in: Array(250).fill(1) }, any: repeated(7, {}) },
      { any: repeated(1_000_000, {}) },
      { not: keys(200), any: [keys(57)] },
      { any: repeated(8, { payload: { glob: "a".repeat(1_000) } }) },
    ]) {
      expect(refusalOf(filter).reason).toBe("the filter has more than 256 conditions");
    }
  });

  test("with a path in its error that is short and valid Unicode", () => {
    expect(refusalOf({ [`payload.\ud800${"x".repeat(5_000)}`]: 1 })).toEqual({
      path: `payload.\ufffd${"x".repeat(91)}…`,
      reason: "it is a path of more than 4096 characters",
    });
  });

  test("with a typed error, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything({ withMap: true, withDate: true, withBigInt: true }), (value) => {
        let refused: unknown;
        try {
          parseFilter(value);
        } catch (error) {
          refused = error;
        }
        expect(refused === undefined || isAmphisError(refused, "FILTER_INVALID")).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
