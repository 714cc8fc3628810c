import { codec, Decimal, Float, Tuple } from "@amphis/protocol";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";

import { parseFilter, type Filterable, type FilterInit } from "./filter.ts";

function message(fields: Partial<Filterable> = {}): Filterable {
  return {
    priority: "normal",
    source: "worker",
    target: "prices.eu.gold",
    metadata: {},
    payload: null,
    ...fields,
  };
}

function matches(filter: FilterInit, fields?: Partial<Filterable>): boolean {
  return parseFilter(filter).matches(message(fields));
}

describe("a filter on the head of a message", () => {
  test.each<[FilterInit, boolean]>([
    [{}, true],
    [{ source: "worker" }, true],
    [{ source: "other" }, false],
    [{ source: { glob: "work?r" } }, true],
    [{ topic: "prices.eu.gold" }, true],
    [{ topic: { prefix: "prices.us" } }, false],
    [{ topic: { glob: "prices.*" } }, false],
    [{ topic: { glob: "prices.**" } }, true],
    [{ source: "worker", topic: "a" }, false],
    [{ source: undefined }, true],
  ])("%j: %j", (filter, expected) => {
    expect(matches(filter)).toBe(expected);
  });

  test.each<[FilterInit["priority"], boolean]>([
    ["high", true],
    [{ gte: "high" }, true],
    [{ gt: "normal" }, true],
    [{ lt: "critical" }, true],
    [{ lte: "low" }, false],
    [{ gt: "high" }, false],
    [{ ne: "high" }, false],
    [{ in: ["low", "high"] }, true],
    [{ in: ["low", "critical"] }, false],
    [{ exists: true }, true],
  ])("compares priorities by rank: high is %j: %j", (priority, expected) => {
    expect(matches({ priority }, { priority: "high" })).toBe(expected);
  });

  test("takes a key of the metadata as a whole", () => {
    const metadata = { region: "eu", "trace.id": 7, trace: { id: 8 }, none: null };
    expect([
      matches({ "metadata.region": "eu" }, { metadata }),
      matches({ "metadata.trace.id": 7 }, { metadata }),
      matches({ "metadata.none": null }, { metadata }),
      matches({ "metadata.toString": { exists: true } }, { metadata }),
      matches({ "metadata.x": { exists: false } }, { metadata }),
    ]).toEqual([true, true, true, false, true]);
  });
});

describe("a filter on the payload", () => {
  const payload = {
    name: "gold",
    price: 15.5,
    big: 2n ** 70n,
    whole: new Float(3),
    nil: null,
    left: undefined,
    flag: true,
    items: [{ id: 1 }, { id: 2n }],
    pair: Tuple.of("a", "b"),
    map: new Map<unknown, unknown>([
      ["a", new Map([["b", 1]])],
      [7, "seven"],
      ["8", "text"],
      [8, "number"],
    ]),
    "7": "own",
    "": "empty",
    decimal: new Decimal("1.5"),
  };

  test.each<[FilterInit, boolean]>([
    [{ "payload.name": "gold" }, true],
    [{ "payload.name": { prefix: "go", glob: "*ld", ne: "silver" } }, true],
    [{ "payload.name": { prefix: "go", glob: "*x" } }, false],
    [{ "payload.price": { gt: 15, lte: 15.5 } }, true],
    [{ "payload.price": { gt: 15n, lt: 16n } }, true],
    [{ "payload.price": { gt: 15.5 } }, false],
    [{ "payload.big": 2n ** 70n }, true],
    [{ "payload.big": 2 ** 70 }, true],
    [{ "payload.big": { gt: 2 ** 70 } }, false],
    [{ "payload.big": { gt: 1e300 } }, false],
    [{ "payload.big": { in: [1, 2 ** 70] } }, true],
    [{ "payload.whole": 3 }, true],
    [{ "payload.whole": 3n }, true],
    [{ "payload.price": new Float(15.5) }, true],
    [{ "payload.nil": null }, true],
    [{ "payload.nil": { exists: true } }, true],
    [{ "payload.left": { exists: false } }, true],
    [{ "payload.left": null }, false],
    [{ "payload.missing": null }, false],
    [{ "payload.missing": { ne: 1 } }, false],
    [{ not: { "payload.missing": 1 } }, true],
    [{ "payload.missing.deeper": { exists: false } }, true],
    [{ "payload.flag": true }, true],
    [{ "payload.flag": { ne: false } }, true],
    [{ "payload.flag": 1 }, false],
    [{ "payload.flag": "true" }, false],
    [{ "payload.name": { gt: 1 } }, false],
    [{ "payload.price": { gt: "1" } }, false],
    [{ "payload.price": "15.5" }, false],
    [{ "payload.price": { ne: "15.5" } }, true],
    [{ "payload.price": { prefix: "1" } }, false],
    [{ "payload.name": { lt: "h", gte: "gold" } }, true],
    [{ "payload.items.0.id": 1 }, true],
    [{ "payload.items.1.id": 2 }, true],
    [{ "payload.items.2.id": { exists: false } }, true],
    [{ "payload.items.00": { exists: false } }, true],
    [{ "payload.items.-1": { exists: false } }, true],
    [{ "payload.items.length": { exists: false } }, true],
    [{ "payload.pair.1": "b" }, true],
    [{ "payload.map.a.b": 1 }, true],
    [{ "payload.map.7": "seven" }, true],
    [{ "payload.map.8": "text" }, true],
    [{ "payload.map.size": { exists: false } }, true],
    [{ "payload.7": "own" }, true],
    [{ "payload.decimal": { exists: true } }, true],
    [{ "payload.decimal": 1.5 }, false],
    [{ "payload.decimal.text": { exists: false } }, true],
    [{ "payload.name.length": { exists: false } }, true],
    [{ "payload.toString": { exists: false } }, true],
    [{ "payload.__proto__": { exists: false } }, true],
    [{ "payload.constructor.name": { exists: false } }, true],
    [{ payload: { exists: true } }, true],
    [{ payload: "x" }, false],
  ])("%o: %j", (filter, expected) => {
    expect(matches(filter, { payload })).toBe(expected);
  });

  test.each([
    ["text", "text", true],
    [undefined, null, true],
    [null, null, true],
    [0, false, false],
    [-0, 0, true],
    [Number.NaN, Number.NaN, true],
    [Number.NaN, 1, false],
    [Infinity, Infinity, true],
    [2 ** 53, 2n ** 53n, true],
    [2n ** 53n + 1n, 2 ** 53, false],
    [-(2n ** 1_000n), -(2 ** 1_000), true],
  ])("that is all of it: %o is %o: %j", (payload, wanted, expected) => {
    expect([
      matches({ payload: wanted }, { payload }),
      matches({ payload: { in: [wanted] } }, { payload }),
      matches({ payload: { ne: wanted } }, { payload }),
    ]).toEqual([expected, expected, !expected]);
  });

  test("compares numbers by what they are worth, whatever their types", () => {
    const number = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.constantFrom(2 ** 53, 2n ** 53n),
    );
    fc.assert(
      fc.property(number, number, (payload, other) => {
        const ordered = [
          matches({ payload: { gt: other } }, { payload }),
          matches({ payload: { gte: other } }, { payload }),
          matches({ payload: { lt: other } }, { payload }),
          matches({ payload: { lte: other } }, { payload }),
        ];
        expect(ordered).toEqual([
          payload > other,
          payload >= other,
          payload < other,
          payload <= other,
        ]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a filter of filters", () => {
  test.each<[FilterInit, boolean]>([
    [{ any: [{ source: "a" }, { source: "worker" }] }, true],
    [{ any: [{ source: "a" }, { source: "b" }] }, false],
    [{ any: [{}] }, true],
    [{ not: { source: "a" } }, true],
    [{ not: { source: "worker" } }, false],
    [{ not: {} }, false],
    [{ source: "worker", not: { any: [{ topic: "a" }, { topic: "b" }] } }, true],
    [{ source: "a", any: [{}] }, false],
  ])("%j: %j", (filter, expected) => {
    expect(matches(filter)).toBe(expected);
  });
});

test.each<[FilterInit, boolean]>([
  [{}, false],
  [{ source: "a", "metadata.payload": 1, priority: "low" }, false],
  [{ payload: 1 }, true],
  [{ "payload.a": 1 }, true],
  [{ any: [{ source: "a" }, { not: { "payload.a": 1 } }] }, true],
])("%j needs the payload: %j", (filter, expected) => {
  expect(parseFilter(filter).needsPayload).toBe(expected);
});

describe("a filter and a hostile payload", () => {
  const every = parseFilter({
    any: [
      { "payload.a.b": { gt: 1 } },
      { "payload.0.length": { in: [1, "a", null] } },
      { payload: { glob: "**a**b", prefix: "a" } },
      { "metadata.a": { exists: false }, "payload.a": { ne: 1 } },
    ],
  });

  test("say yes or no, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.anything({ withMap: true, withSet: true, withNullPrototype: true, withBigInt: true }),
        (payload) => {
          expect(typeof every.matches(message({ payload }))).toBe("boolean");
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("say no when it cannot be read", () => {
    const getter = {
      get a(): never {
        throw new Error("no");
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const payload of [getter, proxy]) {
      expect([
        matches({ "payload.a": 1 }, { payload }),
        matches({ not: { "payload.a": 1 } }, { payload }),
      ]).toEqual([false, false]);
    }
  });

  test("find nothing that a prototype has", () => {
    const payload = Object.create({ a: 1 }) as unknown;
    expect(matches({ "payload.a": { exists: true } }, { payload })).toBe(false);
    const json = JSON.parse('{"__proto__":{"a":1}}') as unknown;
    expect(matches({ "payload.__proto__.a": 1 }, { payload: json })).toBe(true);
    expect(matches({ "payload.a": { exists: true } }, { payload: json })).toBe(false);
  });

  test("do not match long text with a glob", () => {
    const filter: FilterInit = { payload: { glob: "**" } };
    expect([
      matches(filter, { payload: "a".repeat(1_024) }),
      matches(filter, { payload: "a".repeat(1_025) }),
    ]).toEqual([true, false]);
  });
});

test.each(["msgpack", "json"] as const)("a filter crosses the wire in %s", (name) => {
  const filter = {
    priority: { gte: "high" },
    "metadata.region": { in: ["eu", "us"] },
    "payload.items.0.price": { gt: 10, lt: 2n ** 70n },
    not: { any: [{ source: "test" }, { "payload.draft": true }] },
  } as const;
  const wanted = message({
    priority: "critical",
    metadata: { region: "us" },
    payload: { items: [{ price: 2n ** 69n }] },
  });
  for (const maps of ["object", "map"] as const) {
    const wire = codec(name, { maps });
    const arrived = parseFilter(wire.decode(wire.encode(filter)));
    expect([
      arrived.needsPayload,
      arrived.matches(wanted),
      arrived.matches({ ...wanted, source: "test" }),
      arrived.matches({ ...wanted, priority: "normal" }),
    ]).toEqual([true, true, false, false]);
  }
});

test("a filter is checked by the compiler as it is written", () => {
  expectTypeOf<{ priority: { gte: "high" } }>().toExtend<FilterInit>();
  expectTypeOf<{ "payload.a.0": { in: [1, "a", null] } }>().toExtend<FilterInit>();
  expectTypeOf<{ "metadata.a": 1n; any: [{ topic: "a" }] }>().toExtend<FilterInit>();
  // @ts-expect-error no such priority
  const priority: FilterInit = { priority: "urgent" };
  // @ts-expect-error no such path
  const path: FilterInit = { "payloads.a": 1 };
  // @ts-expect-error no such operator
  const operator: FilterInit = { "payload.a": { above: 1 } };
  for (const filter of [priority, path, operator]) {
    expect(() => parseFilter(filter)).toThrow("Cannot use filter");
  }
});
